"""A data set made ready for training: split, encoded, and with the scaling that its inputs need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.execute.inputs import PLAIN_READING, input_record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.catalog.datasets import Arrays, DataFacts
    from bench.declare.settings import TrainingSettings
    from bench.execute.inputs import Reading
    from bench.record.treatment import InputRecord

HELD_OUT_SEED = 20_150_504
"""Draws the images held out for validation; one fixed number, so that every seed of every cell holds out the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some images and their targets.

    Attributes:
        x: (n, h, w, c) uint8 or float32, as decoded.
        y: (n, classes) float32, one-hot; (n,) int64 where the loss wants class numbers.
    """

    x: NDArray[Any]
    y: NDArray[Any]

    @property
    def size(self) -> int:
        """How many images."""
        return len(self.x)


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """What engines train on.

    Attributes:
        train, validation, test: validation is None where no images are held out.
        labels_train: (n,) int64, class numbers of what is trained on.
        labels_test: (m,) int64, class numbers.
        inputs: what is done to inputs, and why.
        offset, divisor: of the scaling (x - offset) / divisor, as `inputs` says.
    """

    train: Part
    validation: Part | None
    test: Part
    labels_train: NDArray[np.int64]
    labels_test: NDArray[np.int64]
    inputs: InputRecord
    offset: float
    divisor: float

    def scaled(self, x: NDArray[Any]) -> NDArray[np.float32]:
        """Images as a model takes them, float32."""
        scaled = x.astype(np.float32)
        if self.offset:
            scaled -= np.float32(self.offset)
        if self.divisor != 1:
            scaled /= np.float32(self.divisor)
        return scaled


def prepare(
    arrays: Arrays, facts: DataFacts, settings: TrainingSettings, num_classes: int, reading: Reading = PLAIN_READING
) -> TrainingData:
    """Split and encode, and find the scaling.

    Mean and deviation of `standard` are those of the inputs trained on, over all of their values; what is held out or
    tested does not enter them.

    Args:
        arrays: as decoded.
        facts: of the arrays.
        settings: input scaling, validation split, loss and who compiles are read.
        num_classes: width of the one-hot targets.
        reading: what the model does with its inputs.

    Raises:
        ValueError: the validation split leaves nothing to train on, or holds out nothing.
    """
    sparse = reading.sparse if settings.compile == "builder" else settings.loss.sparse

    def part(x: NDArray[Any], labels: NDArray[Any]) -> Part:
        classes = labels.astype(np.int64)
        return Part(x, classes if sparse else np.eye(num_classes, dtype=np.float32)[classes])

    train, held_out = _split(len(arrays.x_train), settings.validation_split)
    if held_out is None:
        x_train, y_train, validation = arrays.x_train, arrays.y_train, None
    else:
        x_train, y_train = arrays.x_train[train], arrays.y_train[train]
        validation = part(arrays.x_train[held_out], arrays.y_train[held_out])
    mean, deviation = _moments(x_train) if settings.input_scaling == "standard" else (0.0, 1.0)
    inputs = input_record(settings.input_scaling, facts, reading, mean, deviation)
    return TrainingData(
        train=part(x_train, y_train),
        validation=validation,
        test=part(arrays.x_test, arrays.y_test),
        labels_train=y_train.astype(np.int64),
        labels_test=arrays.y_test.astype(np.int64),
        inputs=inputs,
        offset=inputs.offset,
        divisor=inputs.divisor,
    )


def _split(total: int, fraction: float) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    if not fraction:
        return np.arange(total), None
    held = round(total * fraction)
    if not 0 < held < total:
        raise ValueError(
            f"a validation split of {fraction} of {total} images holds out {held}: no such split can be trained"
        )
    order = np.random.default_rng(HELD_OUT_SEED).permutation(total)
    return np.sort(order[held:]), np.sort(order[:held])


def _moments(x_train: NDArray[Any]) -> tuple[float, float]:
    """Mean and deviation over all values."""
    return float(np.mean(x_train, dtype=np.float64)), float(np.std(x_train, dtype=np.float64))
