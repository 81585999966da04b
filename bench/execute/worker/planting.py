"""Known faults, planted one at a time in a copy of a training, to see whether the gate catches them.

A fault changes one task, or one of the steps around its epochs; the code of the training stays as it is.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import keras

    from bench.declare.cell import Cell
    from bench.execute.messages import TrialTask
    from bench.execute.worker.data import TrainingData
    from bench.execute.worker.evaluation import Evaluation
    from bench.record.treatment import CompileRecord

SHUFFLED = 0.05
"""Fraction of the true values in training that the fault `shuffled-labels` shuffles."""


class CannotPlantError(Exception):
    """A fault that this cell cannot have.

    Attributes:
        why: a clause.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"The fault cannot be planted: {why}.")
        self.why = why


@dataclass(frozen=True, slots=True)
class Planting:
    """How one fault is planted.

    Attributes:
        cell: changes what is declared.
        data: changes what is trained on, given a source of random numbers.
        model: changes what was built.
        scaled_test: whether test inputs are scaled as they should be.
        follows: whether a cell that follows another backend still can: its weights and examples are as many as before.
    """

    cell: Callable[[Cell], Cell] | None = None
    data: Callable[[TrainingData, np.random.Generator], TrainingData] | None = None
    model: Callable[[keras.Model], keras.Model] | None = None
    scaled_test: bool = True
    follows: bool = True


def _faster(cell: Cell) -> Cell:
    if cell.settings.compile == "builder":
        raise CannotPlantError("its builder compiles it, learning rate and all")
    rate = cell.settings.learning_rate
    key = "values" if rate.schedule == "piecewise" else "initial"
    value = getattr(rate, key)
    ten = tuple(10 * level for level in value) if isinstance(value, tuple) else 10 * value
    changed = rate.model_copy(update={key: ten})
    return replace(cell, settings=cell.settings.model_copy(update={"learning_rate": changed}))


def _shorter(cell: Cell) -> Cell:
    if cell.settings.epochs == 1:
        raise CannotPlantError("it trains for one epoch, and none would be left")
    return replace(cell, settings=cell.settings.model_copy(update={"epochs": cell.settings.epochs - 1}))


def _shuffled(data: TrainingData, noise: np.random.Generator) -> TrainingData:
    y = data.train.y.copy()
    chosen = noise.choice(len(y), size=round(SHUFFLED * len(y)), replace=False)
    y[chosen] = y[noise.permutation(chosen)]
    return replace(data, train=replace(data.train, y=y))


def _halved(data: TrainingData, noise: np.random.Generator) -> TrainingData:
    kept = np.sort(noise.choice(data.train.size, size=data.train.size // 2, replace=False))
    return replace(data, train=data.train.rows(kept))


def _swapped(data: TrainingData, noise: np.random.Generator) -> TrainingData:
    """Two classes trade their names; of several labels, two trade their columns."""
    y, target = data.train.y, data.target
    if target.task is Task.REGRESSION:
        raise CannotPlantError("it predicts values, which have no classes")
    labels = target.task is Task.MULTILABEL
    numbers = y.reshape(len(y), -1)[:, 0] if y.ndim == 1 or y.shape[1] == 1 else y.argmax(axis=1)
    present = np.arange(y.shape[1]) if labels else np.unique(numbers).astype(np.int64)
    if len(present) < 2:  # noqa: PLR2004  two of them trade places
        raise CannotPlantError(f"its training data has one {'label' if labels else 'class'}")
    first, second = noise.choice(present, size=2, replace=False)
    if labels:
        swapped = y.copy()
        swapped[:, [first, second]] = y[:, [second, first]]
    else:
        traded = np.where(numbers == first, second, np.where(numbers == second, first, numbers))
        swapped = target.encode(traded.astype(target.dtype), data.outputs, sparse=y.ndim == 1)
    return replace(data, train=replace(data.train, y=swapped))


def _unscaled(data: TrainingData) -> TrainingData:
    """The same data whose inputs are given to the model as they are."""
    nothing, all_of_it = np.zeros((), np.float32), np.ones((), np.float32)
    scalings = {name: replace(scaling, offset=nothing, divisor=all_of_it) for name, scaling in data.scalings.items()}
    return replace(data, scalings=scalings)


def _without_last_bias(model: keras.Model) -> keras.Model:
    import keras  # noqa: PLC0415  in a worker process only

    if model.compiled:
        raise CannotPlantError("its builder compiles it, and a copy would not be compiled")
    biased = [layer for layer in model.layers if getattr(layer, "use_bias", False)]
    if not biased:
        raise CannotPlantError("its model has no layer with a bias")

    def copy(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        return type(layer).from_config({**config, "use_bias": False} if layer is biased[-1] else config)

    return keras.models.clone_model(model, clone_function=copy)


PLANTINGS = {
    "learning-rate": Planting(cell=_faster),
    "last-bias": Planting(model=_without_last_bias, follows=False),
    "shuffled-labels": Planting(data=_shuffled),
    "unscaled-test": Planting(scaled_test=False),
    "swapped-classes": Planting(data=_swapped),
    "missing-epoch": Planting(cell=_shorter),
    "half-the-data": Planting(data=_halved, follows=False),
}
"""Of every fault in `bench.execute.faults`, by its name."""


@contextmanager
def _planting(misfits: list[str]) -> Iterator[None]:
    """Whatever planting raises says that the fault does not fit, which is no catch of the gate's."""
    try:
        yield
    except CannotPlantError as error:
        misfits.append(error.why)
        raise
    except Exception as error:
        misfits.append(f"{type(error).__name__}: {error}".rstrip("."))
        raise CannotPlantError(misfits[-1]) from error


def train_faulty(task: TrialTask, send: Callable[[object], None]) -> None:
    """Train a task with the fault it names; what is sent is what `train_trial` sends."""
    from bench.execute.messages import TrialEnded  # noqa: PLC0415
    from bench.execute.worker import training  # noqa: PLC0415  imports TensorFlow, in a worker process only
    from bench.record.records import Outcome, Status  # noqa: PLC0415

    fault = PLANTINGS[task.fault]
    task = task if fault.follows else replace(task, reference="")
    noise = np.random.default_rng(task.seed)
    usual = training.Steps()
    misfits: list[str] = []

    def tell(event: object) -> None:
        """What a trial sends, its end with the reason why the fault does not fit."""
        if isinstance(event, TrialEnded) and misfits:
            event = replace(event, outcome=replace(event.outcome, misfit=misfits[0]))
        send(event)

    def load(of: TrialTask) -> TrainingData:
        data = usual.load_data(of)
        with _planting(misfits):
            if fault.data and data.feed is not None:
                raise CannotPlantError("its data is streamed, and no batch of it is at hand")
            if not fault.scaled_test and not any(
                scaling.shifts or scaling.divides for scaling in data.scalings.values()
            ):
                raise CannotPlantError("nothing is done to its inputs")
            return fault.data(data, noise) if fault.data else data

    def build(of: TrialTask, data: TrainingData) -> keras.Model:
        model = usual.build_model(of, data)
        with _planting(misfits):
            return fault.model(model) if fault.model else model

    def evaluate(model: keras.Model, data: TrainingData, of: TrialTask, compiled: CompileRecord) -> Evaluation:
        return usual.evaluate(model, data if fault.scaled_test else _unscaled(data), of, compiled)

    try:
        with _planting(misfits):
            task = replace(task, cell=fault.cell(task.cell)) if fault.cell else task
    except CannotPlantError as error:
        tell(TrialEnded(task.trial_id, Status.FAILED, str(error), Outcome()))
        return
    training.train_trial(task, tell, training.Steps(load, build, evaluate))
