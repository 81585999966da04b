"""Known faults, planted one at a time in a copy of a training, to see whether the gate catches them.

A fault changes one task, or one of the steps around its epochs; the code of the training stays as it is.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import keras

    from bench.declare.cell import Cell
    from bench.declare.settings import TrainingSettings
    from bench.execute.data import Part, TrainingData
    from bench.execute.evaluation import Evaluation
    from bench.execute.messages import TrialTask
    from bench.record.treatment import CompileRecord

SHUFFLED = 0.05
"""Fraction of the training labels that the fault of that name shuffles."""


CANNOT_PLANT = "The fault cannot be planted"
"""How the reason of a trial begins that the fault does not fit."""


class CannotPlantError(Exception):
    """A fault that this cell cannot have, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{CANNOT_PLANT}: {reason}.")


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake that people make.

    Attributes:
        name: on the command line.
        description: what is wrong, as a clause.
        cell: changes what is declared.
        data: changes what is trained on, given a source of random numbers.
        model: changes what was built.
        scaled_test: whether test images are scaled as they should be.
    """

    name: str
    description: str
    cell: Callable[[Cell], Cell] | None = None
    data: Callable[[TrainingData, np.random.Generator], TrainingData] | None = None
    model: Callable[[keras.Model], keras.Model] | None = None
    scaled_test: bool = True


def _faster(cell: Cell) -> Cell:
    if cell.settings.compile == "builder":
        raise CannotPlantError("its builder compiles it, learning rate and all")
    rate = cell.settings.learning_rate
    key = "values" if rate.schedule == "piecewise" else "initial"
    value = getattr(rate, key)
    ten = tuple(10 * one for one in value) if isinstance(value, tuple) else 10 * value
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
    return replace(data, train=_part(data.train.x, y))


def _halved(data: TrainingData, noise: np.random.Generator) -> TrainingData:
    kept = np.sort(noise.choice(data.train.size, size=data.train.size // 2, replace=False))
    return replace(data, train=_part(data.train.x[kept], data.train.y[kept]))


def _swapped(data: TrainingData, noise: np.random.Generator) -> TrainingData:
    y = data.train.y.copy()
    classes = y.argmax(axis=1) if y.ndim > 1 else y
    one, other = noise.choice(np.unique(classes), size=2, replace=False)
    first, second = classes == one, classes == other
    y[first], y[second] = data.train.y[second][0], data.train.y[first][0]
    return replace(data, train=_part(data.train.x, y))


def _part(x: Any, y: Any) -> Part:  # noqa: ANN401  arrays
    from bench.execute.data import Part  # noqa: PLC0415

    return Part(x, y)


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


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("learning-rate", "the learning rate is ten times as high", cell=_faster),
        Fault("last-bias", "the last bias is left out", model=_without_last_bias),
        Fault("shuffled-labels", "5 % of the training labels are shuffled", data=_shuffled),
        Fault("unscaled-test", "inputs are not scaled when the model is tested", scaled_test=False),
        Fault("swapped-classes", "two classes are swapped in the training labels", data=_swapped),
        Fault("missing-epoch", "one epoch too few", cell=_shorter),
        Fault("half-the-data", "half of the training data is not used", data=_halved),
    )
}


@contextmanager
def _planting() -> Iterator[None]:
    """Whatever planting raises says that the fault does not fit, which is no catch of the gate's."""
    try:
        yield
    except CannotPlantError:
        raise
    except Exception as error:
        raise CannotPlantError(f"{type(error).__name__}: {error}".rstrip(".")) from error


def train_faulty(task: TrialTask, send: Callable[[object], None]) -> None:
    """Train a task with the fault it names; what is sent is what `train_trial` sends."""
    from bench.execute import training  # noqa: PLC0415  imports TensorFlow, in a worker process only
    from bench.execute.messages import TrialEnded  # noqa: PLC0415
    from bench.record.records import Outcome, Status  # noqa: PLC0415

    fault = FAULTS[task.fault]
    noise = np.random.default_rng(task.seed)
    usual = training.Steps()

    def load(of: TrialTask) -> TrainingData:
        data = usual.load_data(of)
        with _planting():
            if fault.data and data.feed is not None:
                raise CannotPlantError("its data is streamed, and no batch of it is at hand")
            if not fault.scaled_test and data.inputs.untouched is not None:
                raise CannotPlantError("nothing is done to its inputs")
            return fault.data(data, noise) if fault.data else data

    def build(of: TrialTask, data: TrainingData) -> keras.Model:
        model = usual.build_model(of, data)
        with _planting():
            return fault.model(model) if fault.model else model

    def evaluate(
        model: keras.Model, data: TrainingData, settings: TrainingSettings, compiled: CompileRecord
    ) -> Evaluation:
        tested = data if fault.scaled_test else replace(data, offset=0.0, divisor=1.0)
        return usual.evaluate(model, tested, settings, compiled)

    try:
        task = replace(task, cell=fault.cell(task.cell)) if fault.cell else task
    except CannotPlantError as error:
        send(TrialEnded(Status.FAILED, str(error), Outcome()))
        return
    training.train_trial(task, send, training.Steps(load, build, evaluate))
