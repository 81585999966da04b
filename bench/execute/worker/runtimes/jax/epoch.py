"""`epoch` on JAX: one compiled program per epoch over data that stays on the device.

`Model.fit` compiles a step, and returns to Python and converts a batch for every one of them. Here a loop inside one
program runs Keras's own `train_step` on the same batches in the same order. All that a training changes, and all data,
are arguments of the program, so that models of the same structure can share it.

The weights come out the same, bit for bit, but for convolutions, which XLA adds up in another order inside a loop. Two
things make that so: the data is scaled by NumPy before, as for `fit`; and the indices of the examples go on beyond the
last batch, so that no batch is all of them. XLA would move what it does with such a batch out of the loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from keras.src.backend.jax.trainer import JAXEpochIterator  # it is not public, but decides the order of `fit`

from bench.core import trees
from bench.execute.worker.runtimes import resident
from bench.execute.worker.runtimes.order import Order

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from bench.execute.worker.data import Part, TrainingData
    from bench.execute.worker.engines.engine import Course, Made, Prepared
    from bench.record.treatment import CompileRecord

    State = tuple[list[jax.Array], ...]


class EpochEngine:
    """One program per epoch; see `Engine`."""

    name = "epoch"
    exact = True
    shares = True

    def obstacle(self, model: keras.Model, compiled: CompileRecord, data: TrainingData, memory_bytes: int) -> str:
        """Why a program cannot hold this model's training; see `Engine.obstacle`."""
        if not model.jit_compile:
            return "its builder compiled it with jit_compile = False, as fit runs it"
        return resident.obstacle(model, compiled, data, memory_bytes)

    def schedule(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> object:
        """The schedule as it is."""
        return schedule

    def orders(self, made: Made, course: Course) -> list[NDArray[np.int32]]:
        """The order of every epoch; see `Engine.orders`."""
        training = _Training(made.model, made.data, course, {})
        return [training.draw() for _ in range(course.epochs)]

    def train(self, made: Made, course: Course) -> Prepared:
        """Train all epochs; see `Engine.train`. What was compiled for an earlier trial is used again."""
        steps: dict[int, Steps] = made.program or {}
        made.program = steps
        return resident.train(made.model, lambda: _Training(made.model, made.data, course, steps), course)


@dataclass(frozen=True, slots=True)
class Steps:
    """The compiled functions of a model's structure, each over a state that is given and returned.

    Both take `(state, (data, order), begin, end)`: data with the indices of its examples, and the numbers of a
    first batch and of one after the last. With equal numbers they change nothing, so that they can be compiled by a
    call. A batch that is smaller has another shape, and so functions of its own.

    Attributes:
        train: by the model's `train_step`.
        test: by its `test_step`.
    """

    train: Any
    test: Any


def make_steps(model: keras.Model, batch_size: int) -> Steps:
    """Steps that are compiled when they are first called.

    Args:
        model: built and compiled; its variables serve as names, and their values are not read.
        batch_size: of every batch.
    """

    def train_on(state: State, batch: tuple[Any, ...]) -> State:
        changed: State = model.train_step(state, batch)[1]
        return changed

    def test_on(state: State, batch: tuple[Any, ...]) -> State:
        trained, fixed, optimizer, metrics = state
        _, (trained, fixed, metrics) = model.test_step((trained, fixed, metrics), batch)
        return trained, fixed, optimizer, metrics

    def looped(on_batch: Callable[[State, tuple[Any, ...]], State]) -> Any:  # noqa: ANN401  a compiled function
        @partial(jax.jit, donate_argnums=0)
        def run(state: State, given: tuple[Any, Any], begin: Any, end: Any) -> Any:  # noqa: ANN401  arrays
            data, order = given

            def step(index: Any, state: State) -> State:  # noqa: ANN401  a number of the program
                chosen = jax.lax.dynamic_slice_in_dim(order, index * batch_size, batch_size)
                batch = jax.tree.map(lambda held: jnp.take(held, chosen, axis=0, mode="clip"), data)
                return _as_before(state, on_batch(state, batch))

            return jax.lax.fori_loop(begin, end, step, state)

        return run

    return Steps(looped(train_on), looped(test_on))


def read_state(model: keras.Model) -> State:
    """The values of all variables that a training changes; a program that takes them may overwrite their memory."""
    return tuple([variable.value for variable in variables] for variables in _variables(model))


def write_state(model: keras.Model, state: State) -> None:
    """Give a model's variables these values."""
    for variables, values in zip(_variables(model), state, strict=True):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)


def _variables(model: keras.Model) -> tuple[list[Any], ...]:
    return (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )


class _Training(resident.Compiled):
    """The training of one model; see `resident.Program`."""

    def __init__(self, model: keras.Model, data: TrainingData, course: Course, steps: dict[int, Steps]) -> None:
        self._model, self._length = model, course.batch_size
        self._full, self._rest = divmod(data.train.size, self._length)
        if course.steps_per_epoch is not None and course.steps_per_epoch <= self._full:
            self._full, self._rest = course.steps_per_epoch, 0
        self._order = Order(JAXEpochIterator, data.train.size, given=course.orders)
        self._drawn = np.arange(data.train.size, dtype=np.int32)
        self._data = _on_device(data, data.train)
        self._validation = None if data.validation is None else _on_device(data, data.validation)
        held = 0 if data.validation is None else data.validation.size
        self._test_full, self._test_rest = divmod(held, self._length)
        self._test_order = np.arange(held, dtype=np.int32)
        self._build(data)
        lengths = {self._length, self._rest, self._test_rest} - {0}
        self._steps = steps
        for length in lengths - steps.keys():
            steps[length] = make_steps(model, length)

    def place(self) -> None:
        """Draw the order of the next epoch; the data stays where it is."""
        self._drawn = self._order.draw()

    def draw(self) -> NDArray[np.int32]:
        """The order of the next epoch, of which nothing is trained."""
        self.place()
        self._order.finish()
        return self._drawn

    def compile(self) -> None:
        """Compile every program by running it over no batches."""
        self._train_full(0, 0)
        self._train_rest(0)
        self._test(full=0, rest=0)

    def train(self, begin: int, end: int | None) -> None:
        """Train some batches of the epoch; the last may be smaller."""
        self._train_full(begin, self._full if end is None else min(end, self._full))
        if begin <= self._full and (end is None or end > self._full):
            self._train_rest(1)
        if end is None:
            self._order.finish()

    def validate(self) -> dict[str, float]:
        """Loss and metrics on the examples held out; empty where there are none."""
        if self._validation is None:
            return {}
        self._model.reset_metrics()
        self._test(full=self._test_full, rest=1)
        return {name: float(value) for name, value in self._model.get_metrics_result().items()}

    def _train_full(self, begin: int, end: int) -> None:
        if self._full:
            self._run("train", self._length, self._data, self._drawn, (begin, end))

    def _train_rest(self, times: int) -> None:
        if self._rest:
            self._run("train", self._rest, self._data, self._drawn[self._full * self._length :], (0, times))

    def _test(self, *, full: int, rest: int) -> None:
        if self._test_full:
            self._run("test", self._length, self._validation, self._test_order, (0, full))
        if self._test_rest:
            order = self._test_order[self._test_full * self._length :]
            self._run("test", self._test_rest, self._validation, order, (0, rest))

    def _run(self, kind: str, length: int, data: Any, order: NDArray[np.int32], batches: tuple[int, int]) -> None:  # noqa: ANN401
        """Run batches of a length, and have the model hold what comes out."""
        padded = jnp.asarray(np.concatenate([order, np.zeros(length, np.int32)]))
        program = getattr(self._steps[length], kind)
        write_state(self._model, program(read_state(self._model), (data, padded), *batches))

    def _build(self, data: TrainingData) -> None:
        """Have Keras make the variables of loss, metrics and optimizer, as `fit` does first."""
        few = data.train.rows(slice(self._length))
        batch = (data.scaled(few.x), few.y) if few.w is None else (data.scaled(few.x), few.y, few.w)
        self._order.look(self._model, batch)


def _as_before(before: State, after: State) -> State:
    """A state whose arrays have the types that they had, as a loop needs it."""
    as_before: State = jax.tree.map(lambda old, new: jnp.asarray(new, old.dtype), before, tuple(map(list, after)))
    return as_before


def _on_device(data: TrainingData, part: Part) -> tuple[Any, ...]:
    """Examples as the model takes them, targets, and weights where there are some."""
    weights = () if part.w is None else (jnp.asarray(part.w),)
    return (trees.each(jnp.asarray, data.scaled(part.x)), jnp.asarray(part.y), *weights)
