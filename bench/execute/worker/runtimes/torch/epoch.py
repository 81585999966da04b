"""`epoch` on PyTorch: Keras's own step over data that stays on the device, recorded once and replayed.

`Model.fit` collects every batch by a loader, calls back twice for every step, and computes all metrics after it. Here
the batches are rows of resident tensors, in the order that the same loader draws, and metrics are computed once an
epoch. The operations of a step are recorded and run without Keras (`recorded.py`); a model whose step is not the same
for every batch is trained by Keras's own step. The loader and dropout draw from the same random numbers, so an epoch
begins and ends as it does in `fit`. The arithmetic is that of `fit`, operation by operation, and so are the weights,
bit for bit.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import torch
from keras.src.backend.torch.trainer import TorchEpochIterator  # it is not public, but decides the order of `fit`

from bench.core import trees
from bench.execute.worker.compilation import own_method
from bench.execute.worker.own import ModelError
from bench.execute.worker.runtimes import resident
from bench.execute.worker.runtimes.order import Order
from bench.execute.worker.runtimes.torch.recorded import ReplayedStep

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from bench.execute.worker.data import Part, TrainingData
    from bench.execute.worker.engines.engine import Course, Made, Prepared
    from bench.record.treatment import CompileRecord


GENERATORS = ("seed_generator", "generator")
"""What layers call what draws their random numbers."""


class EpochEngine:
    """A lean loop over resident tensors; see `Engine`."""

    name = "epoch"
    exact = True
    shares = False

    def obstacle(self, model: keras.Model, compiled: CompileRecord, data: TrainingData, memory_bytes: int) -> str:
        """Why this loop cannot train the model; see `Engine.obstacle`."""
        if model.jit_compile:
            return "its builder compiled it with jit_compile = True, as fit runs it"
        return resident.obstacle(model, compiled, data, memory_bytes)

    def schedule(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> object:
        """The schedule as it is."""
        return schedule

    def orders(self, made: Made, course: Course) -> list[NDArray[np.int32]]:
        """The order of every epoch; see `Engine.orders`.

        Dropout takes of the random numbers that the order is drawn from, so a model that may do so is trained for it.
        """
        model = made.model
        training = _Training(model, made.data, course)
        if not _draws(model):
            return [training.draw() for _ in range(course.epochs)]
        if own := own_method(type(model)):
            raise ModelError(
                f"{type(model).__name__} has a {own} of its own and may draw random numbers, which decide the order of "
                "the examples on PyTorch. Put another backend first on the axis."
            )
        resident.train(model, lambda: training, course)
        return training.drawn

    def train(self, made: Made, course: Course) -> Prepared:
        """Train all epochs; see `Engine.train`. There is no program to keep."""
        return resident.train(made.model, lambda: _Training(made.model, made.data, course), course)


class _Training:
    """The training of one model; see `resident.Program`."""

    def __init__(self, model: keras.Model, data: TrainingData, course: Course) -> None:
        self._model, self._length, self._steps = model, course.batch_size, course.steps_per_epoch
        self._order = Order(TorchEpochIterator, data.train.size, given=course.orders)
        self.drawn: list[NDArray[np.int32]] = []
        self._data = _on_device(data, data.train)
        self._validation = None if data.validation is None else _on_device(data, data.validation)
        held = 0 if data.validation is None else data.validation.size
        # `fit` reads what is held out by a loader as well, which takes of the random numbers that draw the order
        self._test_order = Order(TorchEpochIterator, held, shuffle=False) if held else None
        self._batches: list[Any] = []
        self._train_step, self._test_step = ReplayedStep(model, model.train_step), ReplayedStep(model, model.test_step)
        batch = _rows(self._data, torch.arange(min(self._length, data.train.size)))
        self._order.look(model, batch)

    def place(self) -> None:
        """Draw the order of the next epoch; the data stays where it is."""
        drawn = self._order.draw()
        self.drawn.append(drawn)
        order = keras.ops.convert_to_tensor(drawn)
        self._batches = list(torch.split(order, self._length))[: self._steps]

    def draw(self) -> NDArray[np.int32]:
        """The order of the next epoch, of which nothing is trained."""
        self.place()
        self._order.finish()
        if self._test_order is not None:
            self._test_order.draw()
            self._test_order.finish()
        return self.drawn[-1]

    def compile(self) -> None:
        """There is nothing to compile."""

    def settle(self) -> None:
        """Record the steps for every size of batch, unless the first step found out why that cannot be."""
        model = self._model
        with _without_results(model):
            model.train()
            _prove(self._train_step, self._data, self._batches)
            model.eval()
            if self._validation is not None and not self._train_step.obstacle:
                held = torch.arange(len(self._validation[1]), device=self._validation[1].device)
                with torch.no_grad():
                    _prove(self._test_step, self._validation, torch.split(held, self._length))

    @property
    def own_steps(self) -> str:
        """Why Keras's own step trains or validates; see `resident.Program`."""
        return self._train_step.obstacle or self._test_step.obstacle

    @property
    def replayed(self) -> int:
        """How many steps of the training were replayed; see `resident.Program`."""
        return self._train_step.replayed

    def train(self, begin: int, end: int | None) -> None:
        """Train some batches of the epoch; the last may be smaller."""
        self._model.train()
        with _without_results(self._model):
            for chosen in self._batches[begin:end]:
                self._train_step(len(chosen), _rows(self._data, chosen))
        self._model.eval()
        if end is None:
            self._order.finish()

    def validate(self) -> dict[str, float]:
        """Loss and metrics on the examples held out; empty where there are none."""
        if self._validation is None or self._test_order is None:
            return {}
        self._model.reset_metrics()
        order = keras.ops.convert_to_tensor(self._test_order.draw())
        with torch.no_grad(), _without_results(self._model):
            for chosen in torch.split(order, self._length):
                self._test_step(len(chosen), _rows(self._validation, chosen))
        self._test_order.finish()
        return {name: float(value) for name, value in self._model.get_metrics_result().items()}


def _prove(step: ReplayedStep, data: tuple[Any, ...], batches: Sequence[Any]) -> None:
    """Prove a step on two batches of every size; one that has a size of its own is taken twice."""
    by_size: dict[int, list[Any]] = {}
    for chosen in batches:
        by_size.setdefault(len(chosen), []).append(chosen)
    for size, alike in by_size.items():
        step.prove(size, _rows(data, alike[0]), _rows(data, alike[min(1, len(alike) - 1)]))


def _draws(model: keras.Model) -> bool:
    """Whether a training may draw random numbers: layers of somebody's own, and those that have a generator."""
    layers = model._flatten_layers()  # noqa: SLF001  layers inside layers; it has no public name
    return any(
        not type(layer).__module__.startswith("keras.") or any(hasattr(layer, name) for name in GENERATORS)
        for layer in layers
    )


@contextmanager
def _without_results(model: keras.Model) -> Iterator[None]:
    """Have a model's steps update its metrics and compute none of them: nobody reads them before the last step."""
    object.__setattr__(model, "get_metrics_result", dict)
    try:
        yield
    finally:
        object.__delattr__(model, "get_metrics_result")


def _rows(data: tuple[Any, ...], chosen: Any) -> tuple[Any, ...]:  # noqa: ANN401  a tensor of indices
    rows: tuple[Any, ...] = keras.tree.map_structure(lambda held: held.index_select(0, chosen), data)
    return rows


def _on_device(data: TrainingData, part: Part) -> tuple[Any, ...]:
    """Examples as the model takes them, targets, and weights where there are some."""

    def tensor(array: NDArray[Any]) -> Any:  # noqa: ANN401  a tensor
        return keras.ops.convert_to_tensor(np.ascontiguousarray(array))

    weights = () if part.w is None else (tensor(part.w),)
    return (trees.each(tensor, data.scaled(part.x)), tensor(part.y), *weights)
