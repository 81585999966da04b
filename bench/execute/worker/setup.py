"""What comes before any training, for a trial and for a survey of engines alike: device, data, model."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import psutil

from bench.core import trees
from bench.core.target import Task
from bench.execute import held
from bench.execute.inputs import PLAIN_READING
from bench.execute.messages import MEMORY_SHARE
from bench.execute.worker.data import TrainingData, prepare
from bench.execute.worker.hyperparameters import build_tuned, takes_hyperparameters
from bench.execute.worker.own import ModelError, imported
from bench.execute.worker.runtimes import current
from bench.execute.worker.streams import load_stream

if TYPE_CHECKING:
    from bench.core.trees import Shapes
    from bench.execute.messages import TrialTask
    from bench.execute.worker.runtimes import Placement

CALLED_ON = 2
"""Examples that a model without known shapes is called on."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a worker trains.

    Attributes:
        determinism: the settings that matter for bits; empty unless the cell asks for them.
    """

    placement: Placement
    determinism: dict[str, Any]

    @property
    def memory_bytes(self) -> int:
        """Of the device."""
        return self.placement.device.memory_bytes or psutil.virtual_memory().total


def take_seat(task: TrialTask) -> Seat:
    """Settle device, threads and determinism, before anything has run.

    Raises:
        DeviceMissingError: the declared device is not there.
    """
    import_from(task)
    runtime = current()
    placement = runtime.place(task.device, deterministic=task.cell.deterministic)
    determinism = runtime.make_deterministic(placement.threads) if task.cell.deterministic else {}
    return Seat(placement, determinism)


def start_anew(task: TrialTask) -> None:
    """Set back what Keras keeps between models: the names that it gives to layers, and the precision."""
    keras.utils.clear_session(free_memory=False)
    keras.config.set_dtype_policy(task.cell.precision)


def import_from(task: TrialTask) -> None:
    """Let builders be imported from the folders that the task names."""
    sys.path[:0] = [folder for folder in task.search_path if folder not in sys.path]


def memory_limit_bytes(task: TrialTask, seat: Seat) -> int:
    """What the trial's data and program may take."""
    share = int(MEMORY_SHARE * seat.memory_bytes)
    return min(share, task.cell.memory_limit_bytes or share)


def load_data(task: TrialTask) -> TrainingData:
    """The data set of a task, verified, split and encoded; what is done to its inputs follows what the model reads."""
    reading = task.inspection.reading if task.inspection else PLAIN_READING
    if task.stream is not None:
        return load_stream(task, reading)
    arrays = held.load(task.data_path, task.data_sha256)
    return prepare(arrays, task.facts, task.cell.settings, task.target, reading)


def build_model(task: TrialTask, data: TrainingData) -> keras.Model:
    """A fresh model from the task's builder, its weights drawn under the task's seed.

    Args:
        task: complete.
        data: what it will be trained on. A model that does not know its own shapes (a subclass with a `call()`) is
            called, as `fit` would call it.

    Raises:
        ModelError: the builder returned something else, or a model of another output.
    """
    current().seed(task.seed)
    input_shape = data.input_shape
    model = _built(task, input_shape)
    if not isinstance(model, keras.Model):
        kind = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise ModelError(f"The builder {task.cell.builder} returned {kind}, not a keras.Model. Return a model from it.")
    received, widths = _output_shape(model, data), task.target.widths
    if received not in {(None, width) for width in widths}:
        expected = " or ".join(str((None, width)) for width in widths)
        raise ModelError(
            f"The model of {task.cell.builder} puts out {received} for inputs of {_batch(input_shape)}, where "
            f"{expected} is needed: {_WANTED[task.target.task]}."
        )
    return model


_WANTED = {
    Task.CLASSES: "a number per class, or one sigmoid unit for two classes",
    Task.MULTILABEL: "a number per label",
    Task.REGRESSION: "a number per predicted value",
}

_OUTPUTS = {Task.CLASSES: "softmax", Task.MULTILABEL: "sigmoid", Task.REGRESSION: "linear"}
"""How our own architectures end, where the suite does not say it."""


def builder_parameters(task: TrialTask) -> dict[str, Any]:
    """What a builder is called with by name; how our own architectures end follows what is predicted."""
    if task.builder.startswith("bench."):
        return {"output": _OUTPUTS[task.target.task], **task.cell.parameters}
    return dict(task.cell.parameters)


def _built(task: TrialTask, input_shape: Shapes) -> Any:  # noqa: ANN401  whatever a builder returns
    builder, parameters = imported(task.builder), builder_parameters(task)
    if takes_hyperparameters(builder):
        return build_tuned(builder, task.cell.builder, input_shape, task.target.width, parameters)
    return builder(input_shape, task.target.width, **parameters)


def _batch(input_shape: Shapes) -> Any:  # noqa: ANN401  a shape, or a dict of them
    if isinstance(input_shape, dict):
        return {name: (None, *shape) for name, shape in input_shape.items()}
    return (None, *input_shape)


def _output_shape(model: keras.Model, data: TrainingData) -> tuple[int | None, ...]:
    """The shape of a model's outputs for any number of inputs; the model is built on the way.

    Raises:
        ModelError: it puts out several tensors.
    """
    batch = _batch(data.input_shape)
    if isinstance(model, keras.Sequential) or getattr(model, "inputs", None):
        if not model.built:
            model.build(batch)
        shape = model.compute_output_shape(batch)
    else:
        outputs = _called(model, data)
        outputs = outputs[0] if isinstance(outputs, (list, tuple)) and len(outputs) == 1 else outputs
        if not hasattr(outputs, "shape"):
            raise ModelError(
                f"The model puts out {type(outputs).__name__} and not one tensor. Models of several outputs are not "
                "trained in this version."
            )
        shape = (None, *outputs.shape[1:])
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = shape[0]  # one output, put out as a list
    if any(isinstance(part, (tuple, list)) for part in shape):
        raise ModelError(f"The model puts out several tensors, {shape}. Such models are not trained in this version.")
    return tuple(shape)


def _called(model: keras.Model, data: TrainingData) -> Any:  # noqa: ANN401  a tensor, or whatever the model puts out
    """What a model puts out: for a symbol, which changes no state of it, or else for a few inputs."""
    try:
        if not isinstance(data.train.x, dict):
            return model(keras.Input(data.train.x.shape[1:]))
    except Exception:  # noqa: BLE001, S110  a `call()` that needs values; what is wrong with it shows in the call below
        pass
    return model(data.scaled(trees.rows(data.train.x, slice(CALLED_ON))))
