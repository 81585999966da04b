"""A data set made ready for training: split, encoded, and with the scaling that its images need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.catalog.datasets import Arrays
    from bench.declare.settings import TrainingSettings

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
        labels_test: (m,) int64, class numbers.
        offset, divisor: of the scaling (x - offset) / divisor.
    """

    train: Part
    validation: Part | None
    test: Part
    labels_test: NDArray[np.int64]
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


def prepare(arrays: Arrays, settings: TrainingSettings, num_classes: int) -> TrainingData:
    """Split and encode, and find the scaling.

    Mean and deviation of `standard` are those of the images trained on, over all pixels; what is held out or tested
    does not enter them.

    Args:
        arrays: as decoded.
        settings: input scaling, validation split and loss are read.
        num_classes: width of the one-hot targets.

    Raises:
        ValueError: the validation split leaves nothing to train on, or holds out nothing.
    """

    def part(x: NDArray[Any], labels: NDArray[Any]) -> Part:
        classes = labels.astype(np.int64)
        sparse = settings.loss.startswith("sparse_")
        return Part(x, classes if sparse else np.eye(num_classes, dtype=np.float32)[classes])

    train, held_out = _split(len(arrays.x_train), settings.validation_split)
    if held_out is None:
        x_train, y_train, validation = arrays.x_train, arrays.y_train, None
    else:
        x_train, y_train = arrays.x_train[train], arrays.y_train[train]
        validation = part(arrays.x_train[held_out], arrays.y_train[held_out])
    offset, divisor = _scaling(x_train, settings.input_scaling)
    return TrainingData(
        train=part(x_train, y_train),
        validation=validation,
        test=part(arrays.x_test, arrays.y_test),
        labels_test=arrays.y_test.astype(np.int64),
        offset=offset,
        divisor=divisor,
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


def _scaling(x_train: NDArray[Any], name: str) -> tuple[float, float]:
    """What to subtract, and then to divide by."""
    if name == "standard":
        return float(np.mean(x_train, dtype=np.float64)), float(np.std(x_train, dtype=np.float64)) or 1.0
    return 0.0, 255.0 if name == "unit" and x_train.dtype == np.uint8 else 1.0
