"""What the values of a data set say about it: their range, whether they are pictures, and what spoils a score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.catalog.datasets.arrays import Arrays, Images, Labels
    from bench.core.target import Target

PICTURE_CHANNELS = (1, 3, 4)
"""Grey, RGB, and RGB with transparency: what matplotlib's imshow draws."""
SHORTEST_SIDE = 2
CHUNK = 4096
"""Examples that are looked at together, so that no check holds a copy of a whole part."""


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What a data set's values say about it.

    Attributes:
        low: the smallest value of the training inputs.
        high: the largest one.
        whole: whether every training input is a whole number.
        picture: whether the examples are pictures; see `is_picture`.
        unseen: the classes that the test part has and the training part lacks, each with its name and how many test
            examples it has.
        overlap: how many test examples have inputs that are, byte for byte, those of a training example.
        unstable: how many examples of both parts were others, or stood in another place, when a loader was called a
            second time; see `differing`.
    """

    low: float
    high: float
    whole: bool
    picture: bool
    unseen: tuple[tuple[str, int], ...]
    overlap: int
    unstable: int = 0


def is_picture(shape: Sequence[int]) -> bool:
    """Whether an example of this shape, (height, width, channels), is a picture that imshow can draw.

    A picture has two pixels or more in each direction, and 1, 3 or 4 channels; anything else is a row of features.
    """
    height, width, channels = shape
    return height >= SHORTEST_SIDE and width >= SHORTEST_SIDE and channels in PICTURE_CHANNELS


def facts_of(arrays: Arrays, target: Target) -> DataFacts:
    """The facts about a data set.

    Args:
        arrays: as `checked` gives them.
        target: what is predicted, with names.
    """
    return DataFacts(
        low=float(arrays.x_train.min()),
        high=float(arrays.x_train.max()),
        whole=_whole(arrays.x_train),
        picture=is_picture(arrays.x_train.shape[1:]),
        unseen=_unseen(arrays.y_train, arrays.y_test, target.names) if target.task is Task.CLASSES else (),
        overlap=_overlap(arrays.x_train, arrays.x_test),
    )


def differing(first: Arrays, second: Arrays) -> int:
    """How many examples of two answers of one loader stand in another place, or have other inputs or another label.

    Both parts count. A part whose inputs have another shape or dtype differs in all of its examples, of which the
    larger number counts.
    """
    return _different(first.x_train, first.y_train, second.x_train, second.y_train) + _different(
        first.x_test, first.y_test, second.x_test, second.y_test
    )


def _different(x: Images, y: Labels, other_x: Images, other_y: Labels) -> int:
    if x.shape != other_x.shape or x.dtype != other_x.dtype:
        return max(len(x), len(other_x))
    total = 0
    for rows in _chunks(len(x)):
        inputs = (x[rows] != other_x[rows]).reshape(len(x[rows]), -1).any(axis=1)
        total += int((inputs | (y[rows] != other_y[rows])).sum())
    return total


def _whole(x: Images) -> bool:
    return x.dtype == np.uint8 or all(bool((np.rint(x[rows]) == x[rows]).all()) for rows in _chunks(len(x)))


def _unseen(y_train: Labels, y_test: Labels, classes: Sequence[str]) -> tuple[tuple[str, int], ...]:
    trained = np.bincount(y_train, minlength=len(classes))
    tested = np.bincount(y_test, minlength=len(classes))
    return tuple(
        (name, int(tests))
        for name, trains, tests in zip(classes, trained, tested, strict=False)
        if tests and not trains
    )


def _overlap(x_train: Images, x_test: Images) -> int:
    # The bytes of one example at a time. Python's hash has 64 bits: for 10,000 test examples among 60,000 the chance of
    # any false match is below 1e-10.
    trained = {hash(example.tobytes()) for example in x_train}
    return sum(hash(example.tobytes()) in trained for example in x_test)


def _chunks(length: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, length, CHUNK))
