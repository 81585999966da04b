"""`epoch` and `epoch-xla`: one program per epoch over data that stays on the device.

`Model.fit` returns to Python after every batch; for a small network that costs more than the arithmetic. Here a loop
inside one TensorFlow program runs Keras's own `train_step` on the same batches in the same order, so that the weights
come out the same, bit for bit (`epoch`). Three things make that so:

- The order of the examples is drawn by the very data adapter that `fit` uses.
- What scales the inputs enters the program as an argument. TensorFlow's graph optimizer turns a division by a constant
  into a multiplication by its inverse, which rounds differently.
- A learning-rate schedule is a function of its own that is not inlined. Inside a loop the same optimizer folds its
  constants in another order than in the straight graph of `fit`.

Batch normalisation has constants that are folded the same way and that cannot be moved out of the step: its weights
differ from `fit`'s in the last bits (about 1e-7 relative). `epoch-xla` compiles the program with XLA, which fuses and
reorders arithmetic: its results are equal within floating-point tolerance, and dropout draws other numbers there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from bench.core import trees
from bench.core.formatting import size
from bench.execute.worker.compilation import OWN_TESTING, own_method
from bench.execute.worker.runtimes import resident

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from bench.execute.worker.data import Part, TrainingData
    from bench.execute.worker.engines.engine import Course, Made, Prepared
    from bench.record.treatment import CompileRecord

COPIES = 3
"""How often the training data is held at once: as read, in the order of the epoch, and on the device."""


class EpochEngine:
    """One program per epoch.

    Args:
        xla: compile it with XLA.
    """

    def __init__(self, *, xla: bool) -> None:
        self.name = "epoch-xla" if xla else "epoch"
        self.exact = not xla
        self.shares = True
        self._xla = xla

    def obstacle(self, model: keras.Model, compiled: CompileRecord, data: TrainingData, memory_bytes: int) -> str:
        """Why a program cannot hold this model's training; see `Engine.obstacle`."""
        if keras.backend.backend() != "tensorflow":
            return f"it is a TensorFlow program, and the backend is {keras.backend.backend()}"
        kind = type(model)
        testing = own_method(kind, OWN_TESTING) if data.validation is not None else ""
        if own := compiled.own_method or testing:
            return f"{kind.__name__} has a {own} of its own"
        if kind.run_eagerly is not keras.Model.run_eagerly:
            return f"{kind.__name__} decides for itself whether to run eagerly"
        for option in ("run_eagerly", "jit_compile"):
            if option in compiled.options:
                return f"its builder compiled it with {option} = {compiled.options[option]}, as fit runs it"
        needed = COPIES * data.train.nbytes
        if needed > memory_bytes:
            return f"its data would take {size(needed)} of the device's {size(memory_bytes)}"
        return ""

    def schedule(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> object:
        """A schedule that the graph optimizer sees outside the loop; see the module's own words."""
        return schedule if self._xla else _Isolated(schedule)

    def orders(self, made: Made, course: Course) -> list[NDArray[np.int32]]:
        """The order of every epoch; see `Engine.orders`."""
        draw = _Order(made.data.train.size)
        return [draw() for _ in range(course.epochs)]

    def train(self, made: Made, course: Course) -> Prepared:
        """Train all epochs; see `Engine.train`. What was compiled for an earlier trial is used again."""
        prepared = resident.train(made.model, lambda: _Training(made, course, xla=self._xla), course)
        if made.program is not None:
            made.program.release()
        return prepared


class _Isolated(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]  # Keras has no types
    """A schedule called as a function that is not inlined."""

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> None:
        self._schedule = schedule
        self._function = tf.function(schedule.__call__, autograph=False, experimental_attributes={"_noinline": True})

    def __call__(self, step: Any) -> Any:  # noqa: ANN401  a Keras variable in, a tensor out
        return self._function(tf.convert_to_tensor(step))

    def get_config(self) -> dict[str, Any]:
        config: dict[str, Any] = self._schedule.get_config()
        return config


class _Order:
    """Draws the order of the examples as `fit` draws it.

    Keras makes a new iterator over the same random permutation for every epoch. Under a set seed its state starts anew
    each time, so that every epoch sees one and the same order; this is found out and not assumed, by drawing twice.
    """

    def __init__(self, size: int) -> None:
        # the adapter is not public, but whatever order `fit` takes is decided in it
        from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter  # noqa: PLC0415

        indices = np.arange(size, dtype=np.int32)
        self._dataset = ArrayDataAdapter(indices, batch_size=size, shuffle=True).get_tf_dataset()
        self._last: NDArray[np.int32] | None = None
        self._settled = False

    def __call__(self) -> NDArray[np.int32]:
        """(size,) int32, a permutation; the same object where it is the same as the last one."""
        if self._settled and self._last is not None:
            return self._last
        drawn: NDArray[np.int32] = tf.nest.flatten(next(iter(self._dataset)))[0].numpy()
        if self._last is not None and np.array_equal(drawn, self._last):
            self._settled = True
            return self._last
        self._last = drawn
        return drawn


@dataclass(slots=True)
class _Held:
    """Examples, targets and weights on the device, in the order they are to be trained.

    Attributes:
        x: a tensor or a dict of them.
        w: empty where all examples weigh the same.
    """

    x: Any
    y: tf.Tensor
    w: tuple[tf.Tensor, ...]


class _Training(resident.Compiled):
    """The training of one model; see `resident.Program`."""

    def __init__(self, made: Made, course: Course, *, xla: bool) -> None:
        self._made = made
        self._draw = _Order(made.data.train.size) if course.orders is None else iter(course.orders).__next__
        self._order: NDArray[np.int32] | None = None
        self._program: _Program = made.program or _Program(made.model, course.batch_size, made.data, xla=xla)
        self._program.take(course)

    def place(self) -> None:
        """Draw the order of the next epoch, and put the data on the device in it where it is another one."""
        order = self._draw()
        if order is not self._order:
            self._program.place(order)
            self._order = order

    def compile(self) -> None:
        """Trace and compile, unless an earlier trial has done so."""
        if self._made.program is None:
            self._program.compile()
            self._made.program = self._program

    def train(self, begin: int, end: int | None) -> None:
        """Train the first batch of the epoch, or all from the `begin`th on."""
        if end is None:
            self._program.train_epoch(begin)
        else:
            self._program.train_first_step()

    def validate(self) -> dict[str, float]:
        """Loss and metrics on the examples held out; empty where there are none."""
        return self._program.validate()


class _Program:
    """The training of one model as TensorFlow programs."""

    def __init__(self, model: keras.Model, batch_size: int, data: TrainingData, *, xla: bool) -> None:
        self._model, self._data, self._batch_size, self._xla = model, data, batch_size, xla
        self._full = self._rest = 0
        self._held: _Held | None = None
        self._validation = None if data.validation is None else _on_device(data.validation)
        self._scale = {
            name: (tf.constant(scaling.offset, tf.float32), tf.constant(scaling.divisor, tf.float32))
            for name, scaling in data.scalings.items()
        }
        # AutoGraph takes a third of the time that tracing takes, and `fit` runs train_step without it, too
        self._loop = tf.function(self._train_batches, jit_compile=xla, autograph=False)
        self._last = tf.function(self._train_range, reduce_retracing=True)
        self._check = tf.function(self._test_batches, reduce_retracing=True)

    def take(self, course: Course) -> None:
        """Train this many batches an epoch from now on."""
        self._full, self._rest = divmod(self._data.train.size, self._batch_size)
        if course.steps_per_epoch is not None and course.steps_per_epoch <= self._full:
            self._full, self._rest = course.steps_per_epoch, 0

    def place(self, order: NDArray[np.int32]) -> None:
        """Put the training data on the device in this order, so that every batch is a slice."""
        self._held = _on_device(self._data.train.rows(order))

    def release(self) -> None:
        """Let go of the training data, which the next trial places in another order."""
        self._held = None

    def compile(self) -> None:
        """Trace and compile everything by running it over no batches; no variable changes.

        XLA compiles a program whole when it is first called, and TensorFlow's executor is set up then as well.
        """
        self._model.reset_metrics()
        self._symbolic_build()
        self._loop(*self._arguments(), tf.constant(0), tf.constant(0))
        if self._xla and self._rest:
            self._last(*self._arguments(), tf.constant(0), tf.constant(0))
        if self._validation is not None:
            self._check(*self._arguments(self._validation), tf.constant(0))

    def train_first_step(self) -> None:
        """The first batch of an epoch alone."""
        if self._xla and not self._full:
            self._last(*self._arguments(), tf.constant(0), tf.constant(self._rest))
        else:
            self._loop(*self._arguments(), tf.constant(0), tf.constant(1))

    def train_epoch(self, begin: int = 0) -> None:
        """The batches of an epoch from the `begin`th on, the last and smaller one included."""
        if not self._xla:
            self._loop(*self._arguments(), tf.constant(begin), tf.constant(self._full + bool(self._rest)))
            return
        self._loop(*self._arguments(), tf.constant(begin), tf.constant(self._full))
        if self._rest and begin <= self._full:
            # XLA needs one shape; compiling a second program for one batch would cost more than the batch
            start = self._full * self._batch_size
            self._last(*self._arguments(), tf.constant(start), tf.constant(start + self._rest))

    def validate(self) -> dict[str, float]:
        """Loss and metrics on the examples held out; empty where there are none."""
        if self._validation is None:
            return {}
        self._model.reset_metrics()
        batches = -(-len(self._validation.y) // self._batch_size)
        self._check(*self._arguments(self._validation), tf.constant(batches))
        return {name: float(value) for name, value in self._model.get_metrics_result().items()}

    def _arguments(self, held: _Held | None = None) -> tuple[Any, Any]:
        """What every program is given: the data, and what scales it."""
        held = held or self._held
        if held is None:
            raise RuntimeError("no data was placed")
        return (held.x, held.y, *held.w), self._scale

    def _symbolic_build(self) -> None:
        """Have Keras make the variables of loss, metrics and optimizer, which no program may make in its loop."""
        data, scale = self._arguments()
        batch = self._scaled(tf.nest.map_structure(lambda held: held[:1], data), scale)
        self._model._symbolic_build(data_batch=batch)  # noqa: SLF001  what `fit` calls first; it has no public name
        self._model.optimizer.build(self._model.trainable_variables)

    def _train_batches(self, data: Any, scale: Any, begin: Any, end: Any) -> None:  # noqa: ANN401
        length, examples = self._batch_size, tf.shape(data[1])[0]

        def train(index: tf.Tensor) -> tuple[tf.Tensor]:
            start = index * length
            if self._xla:
                batch = tf.nest.map_structure(lambda held: _slice(held, start, length), data)
            else:
                stop = tf.minimum(start + length, examples)
                batch = tf.nest.map_structure(lambda held: held[start:stop], data)
            self._model.train_step(self._scaled(batch, scale))
            return (index + 1,)

        # a loop over tf.range would make XLA compile again for every number of batches
        tf.while_loop(lambda index: index < end, train, (tf.identity(begin),))

    def _train_range(self, data: Any, scale: Any, start: Any, stop: Any) -> None:  # noqa: ANN401
        if start < stop:
            batch = tf.nest.map_structure(lambda held: held[start:stop], data)
            self._model.train_step(self._scaled(batch, scale))

    def _test_batches(self, data: Any, scale: Any, batches: Any) -> None:  # noqa: ANN401
        for index in tf.range(batches):
            start = index * self._batch_size
            stop = tf.minimum(start + self._batch_size, tf.shape(data[1])[0])
            batch = tf.nest.map_structure(lambda held: held[start:stop], data)  # noqa: B023
            self._model.test_step(self._scaled(batch, scale))

    def _scaled(self, batch: tuple[Any, ...], scale: Mapping[str, tuple[Any, Any]]) -> tuple[Any, ...]:
        """A batch with its inputs as `TrainingData.scaled` gives them, in the program."""
        x, *rest = batch
        if isinstance(x, dict):
            return ({name: self._scaled_input(name, values, scale) for name, values in x.items()}, *rest)
        return (self._scaled_input("", x, scale), *rest)

    def _scaled_input(self, name: str, x: Any, scale: Mapping[str, tuple[Any, Any]]) -> Any:  # noqa: ANN401
        scaling, (offset, divisor) = self._data.scalings[name], scale[name]
        if scaling.ids:
            return x if x.dtype == tf.int64 else tf.cast(x, tf.int32)
        scaled = tf.cast(x, tf.float32)
        if scaling.shifts:
            scaled -= offset
        return scaled / divisor if scaling.divides else scaled


def _slice(held: Any, start: Any, length: int) -> Any:  # noqa: ANN401  tensors
    """A batch of one shape, as XLA needs it."""
    return tf.slice(held, [start, *[0] * (len(held.shape) - 1)], [length, *held.shape[1:]])


def _on_device(part: Part) -> _Held:
    weights = () if part.w is None else (tf.constant(part.w),)
    return _Held(trees.each(tf.constant, part.x), tf.constant(part.y), weights)
