"""What comes before any training, for a trial and for a survey of engines alike: device, data, model."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import psutil

from bench.catalog import datasets
from bench.declare.device import parse_device
from bench.execute.data import TrainingData, prepare
from bench.execute.determinism import make_deterministic
from bench.execute.devices import Placement, place
from bench.execute.messages import MEMORY_SHARE
from bench.execute.optimizers import make_optimizer

if TYPE_CHECKING:
    from bench.execute.engines import Engine
    from bench.execute.messages import TrialTask


class ModelError(Exception):
    """A builder that made something that cannot be trained; the sentence says what."""


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
    """Settle device, threads, precision and determinism, before anything has run.

    Raises:
        DeviceMissingError: the declared device is not there.
    """
    sys.path[:0] = [folder for folder in task.search_path if folder not in sys.path]
    placement = place(parse_device(task.cell.device))
    determinism = make_deterministic(placement.threads) if task.cell.deterministic else {}
    keras.config.set_dtype_policy(task.cell.precision)
    return Seat(placement, determinism)


def memory_limit_bytes(task: TrialTask, seat: Seat) -> int:
    """What the trial's data and program may take."""
    share = int(MEMORY_SHARE * seat.memory_bytes)
    return min(share, task.cell.memory_limit_bytes or share)


def load_data(task: TrialTask) -> TrainingData:
    """The data set of a task, verified, split and encoded."""
    arrays = datasets.load(Path(task.data_path), task.data_sha256)
    return prepare(arrays, task.cell.settings, task.num_classes)


def build_model(task: TrialTask, input_shape: tuple[int, ...]) -> keras.Model:
    """A fresh model from the task's builder, its weights drawn under the task's seed.

    Args:
        task: complete.
        input_shape: (height, width, channels).

    Raises:
        ModelError: the builder returned something else, or a model of another output.
    """
    keras.utils.set_random_seed(task.seed)
    module, _, name = task.target.partition(":")
    builder = getattr(import_module(module), name)
    model = builder(input_shape, task.num_classes, **task.cell.parameters)
    if not isinstance(model, keras.Model):
        raise ModelError(
            f"The builder {task.cell.builder} returned {type(model).__name__}, not a keras.Model. "
            "Return an uncompiled keras.Model from it."
        )
    if not model.built:
        model.build((None, *input_shape))
    expected, received = (None, task.num_classes), model.compute_output_shape((None, *input_shape))
    if tuple(received) != expected:
        raise ModelError(
            f"The model of {task.cell.builder} puts out {tuple(received)} for inputs of {(None, *input_shape)}, "
            f"where {expected} is needed: one probability per class."
        )
    return model


def compile_model(model: keras.Model, task: TrialTask, data: TrainingData, engine: Engine) -> None:
    """Attach optimizer, loss and accuracy, as the cell declares them."""
    settings = task.cell.settings
    model.compile(
        optimizer=make_optimizer(settings, steps_per_epoch(task, data), engine.schedule),
        loss=settings.loss,
        # by name Keras picks the accuracy that fits the targets, one-hot or class numbers
        metrics=["accuracy"],
    )


def steps_per_epoch(task: TrialTask, data: TrainingData) -> int:
    """Batches in an epoch, the last and smaller one included."""
    return math.ceil(data.train.size / task.cell.settings.batch_size)
