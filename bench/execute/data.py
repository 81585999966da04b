"""A data set made ready for training: scaled, split and encoded."""

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
class TrainingData:
    """What engines train on.

    Attributes:
        x_train: (n, h, w, c) float32, scaled.
        y_train: (n, classes) float32, one-hot; (n,) int64 where the loss wants class numbers.
        x_validation, y_validation: the same for the images held out; None where none are.
        x_test: (m, h, w, c) float32, scaled as the training images are.
        y_test: as y_train.
        labels_test: (m,) int64, class numbers.
    """

    x_train: NDArray[np.float32]
    y_train: NDArray[Any]
    x_validation: NDArray[np.float32] | None
    y_validation: NDArray[Any] | None
    x_test: NDArray[np.float32]
    y_test: NDArray[Any]
    labels_test: NDArray[np.int64]


def prepare(arrays: Arrays, settings: TrainingSettings, num_classes: int) -> TrainingData:
    """Scale, split and encode.

    Mean and deviation of `standard` are those of the images trained on, over all pixels; what is held out or tested
    does not enter them.

    Args:
        arrays: as decoded.
        settings: input scaling, validation split and loss are read.
        num_classes: width of the one-hot targets.

    Raises:
        ValueError: the validation split leaves nothing to train on, or holds out nothing.
    """
    train, held_out = _split(len(arrays.x_train), settings.validation_split)
    x_train = arrays.x_train if held_out is None else arrays.x_train[train]
    offset, divisor = _scaling(x_train, settings.input_scaling)

    def scale(x: NDArray[Any]) -> NDArray[np.float32]:
        scaled = x.astype(np.float32)
        if offset:
            scaled -= np.float32(offset)
        if divisor != 1:
            scaled /= np.float32(divisor)
        return scaled

    def encode(labels: NDArray[Any]) -> NDArray[Any]:
        classes = labels.astype(np.int64)
        return classes if settings.loss.startswith("sparse_") else np.eye(num_classes, dtype=np.float32)[classes]

    return TrainingData(
        x_train=scale(x_train),
        y_train=encode(arrays.y_train if held_out is None else arrays.y_train[train]),
        x_validation=None if held_out is None else scale(arrays.x_train[held_out]),
        y_validation=None if held_out is None else encode(arrays.y_train[held_out]),
        x_test=scale(arrays.x_test),
        y_test=encode(arrays.y_test),
        labels_test=arrays.y_test.astype(np.int64),
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
