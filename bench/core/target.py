"""What is predicted: classes, several labels at once, or measured values. The bottom value that all rooms ask.

A `Target` owns how true values are encoded for a loss, how a model's outputs are read, what counts as wrong, and how
predictions are stored; no room above asks which kind it is to do any of these. Pure; knows no Keras.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.core.decompress import inflate

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_CLASSES = 65_536
"""What two bytes can number."""

MOST_ONE_HOT = 256
"""Classes up to this many are given to a loss one-hot, more of them by their number: rows of zeros take memory."""

THRESHOLD = 0.5
"""A label is predicted where its probability is at least this."""


class Task(StrEnum):
    """The kinds of problems."""

    CLASSES = "classes"
    MULTILABEL = "multilabel"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True)
class Target:
    """What is predicted of an example.

    Attributes:
        task: one of many classes, any number of labels, or one or more measured values.
        names: of the classes by number, of the labels or of the values by column.
    """

    task: Task
    names: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many classes, labels or values: the second argument of a builder."""
        return len(self.names)

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of a model's outputs that can be read, the usual one first; two classes may be one sigmoid."""
        return (self.width, 1) if self.binary else (self.width,)

    @property
    def binary(self) -> bool:
        """Whether there are two classes."""
        return self.task is Task.CLASSES and self.width == 2  # noqa: PLR2004  two classes

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of true values and predictions as they are stored: uint8, uint16 for more than 256 classes, or float32."""
        if self.task is Task.REGRESSION:
            return np.dtype("<f4")
        return np.dtype("<u2" if self.task is Task.CLASSES and self.width > 2**8 else "|u1")

    def encode(self, y: NDArray[Any], outputs: int | None = None, *, sparse: bool = False) -> NDArray[Any]:
        """True values as a loss takes them.

        Args:
            y: as stored: (n,) class numbers, (n, labels) 0 and 1, or (n, values).
            outputs: the width of the model's outputs; None for the usual one.
            sparse: whether the loss takes classes by their number.

        Returns:
            (n, classes) float32 one-hot, (n,) int64 where `sparse`, (n, 1) float32 for one sigmoid unit; (n, labels) or
            (n, values) float32.
        """
        if self.task is not Task.CLASSES:
            return np.asarray(y, np.float32)
        numbers = y.astype(np.int64)
        if self.binary and outputs == 1:
            return numbers.astype(np.float32).reshape(-1, 1)
        return numbers if sparse else np.eye(self.width, dtype=np.float32)[numbers]

    def decode(self, outputs: NDArray[np.float32]) -> NDArray[Any]:
        """What outputs say, as it is stored.

        Args:
            outputs: (n, width) float32: probabilities, or values. One column of two classes is the probability of the
                second.

        Returns:
            (n,) class numbers, (n, labels) 0 and 1, or (n, values), of `dtype`.
        """
        if self.task is Task.REGRESSION:
            return np.ascontiguousarray(outputs, self.dtype)
        if self.task is Task.MULTILABEL or (self.binary and outputs.shape[1] == 1):
            labels = (outputs >= THRESHOLD).astype(self.dtype)
            return labels if self.task is Task.MULTILABEL else labels[:, 0]
        return np.asarray(np.argmax(outputs, axis=1), self.dtype)

    def columns(self, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Outputs with a column per name: one sigmoid unit of two classes becomes the probabilities of both."""
        if self.binary and outputs.shape[1] == 1:
            return np.concatenate([1 - outputs, outputs], axis=1)
        return outputs

    def errors(self, y: NDArray[Any], predicted: NDArray[Any]) -> NDArray[np.float64]:
        """How wrong each prediction is: 0 or 1 for a class, the fraction of wrong labels, the mean absolute error.

        Args:
            y: as stored, (n,) or (n, names).
            predicted: as stored, likewise; further axes in front (seeds) stay.

        Returns:
            (..., n) float64.
        """
        if self.task is Task.CLASSES:
            return np.asarray(predicted != y, np.float64)
        if self.task is Task.MULTILABEL:
            return np.asarray((predicted != y).mean(axis=-1), np.float64)
        return np.asarray(np.abs(predicted.astype(np.float64) - y.astype(np.float64)).mean(axis=-1), np.float64)

    def pack(self, values: NDArray[Any]) -> bytes:
        """True values or predictions, compressed."""
        return zlib.compress(np.ascontiguousarray(values, self.dtype).tobytes())

    def packed_size(self, examples: int) -> int:
        """Bytes of so many true values or predictions, before they are compressed."""
        return examples * self.dtype.itemsize * (1 if self.task is Task.CLASSES else self.width)

    def unpack(self, packed: bytes, examples: int | None = None) -> NDArray[Any]:
        """The same again: (n,) class numbers, or (n, names).

        Args:
            packed: by `pack`.
            examples: how many there must be; None for what we packed ourselves, which is not doubted.

        Raises:
            zlib.error, ValueError: what was packed is damaged, or of another number of examples.
        """
        content = zlib.decompress(packed) if examples is None else inflate(packed, self.packed_size(examples))
        flat = np.frombuffer(content, self.dtype)
        return flat if self.task is Task.CLASSES else flat.reshape(-1, self.width)


def class_target(names: tuple[str, ...]) -> Target:
    """One of these classes."""
    return Target(Task.CLASSES, names)
