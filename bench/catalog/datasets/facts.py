"""What the values of a data set say about it: their range, whether they are pictures, and what spoils a score."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bench.core.target import Task
from bench.core.trees import leaves, length, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.catalog.datasets.arrays import AnyArray, Arrays, Labels
    from bench.core.target import Target
    from bench.core.trees import Inputs

PICTURE_CHANNELS = (1, 3, 4)
"""Grey, RGB, and RGB with transparency: what matplotlib's imshow draws."""
SHORTEST_SIDE = 2
PICTURE_AXES = 3
CHUNK = 4096
"""Examples that are looked at together, so that no check holds a copy of a whole part."""


@dataclass(frozen=True, slots=True)
class InputFacts:
    """What the training values of one input say about it.

    Attributes:
        low: the smallest value.
        high: the largest one.
        whole: whether every value is a whole number.
        picture: whether its examples are pictures; see `is_picture`.
    """

    low: float
    high: float
    whole: bool
    picture: bool


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What a data set's values say about it.

    Attributes:
        low: the smallest value of the training inputs.
        high: the largest one.
        whole: whether every training input is a whole number.
        picture: whether the examples are pictures; see `is_picture`. Several inputs are no picture.
        unseen: the classes that the test part has and the training part lacks, each with its name and how many test
            examples it has.
        overlap: how many test examples have inputs that are, byte for byte, those of a training example.
        unstable: how many examples of both parts were others, or stood in another place, when a loader was called a
            second time; see `differing`.
        by_input: of several inputs, what each says by itself; empty for a single one.
    """

    low: float
    high: float
    whole: bool
    picture: bool
    unseen: tuple[tuple[str, int], ...]
    overlap: int
    unstable: int = 0
    by_input: dict[str, InputFacts] = field(default_factory=dict, hash=False)


def is_picture(shape: Sequence[int]) -> bool:
    """Whether an example of this shape is a picture that imshow can draw, (height, width, channels).

    A picture has two pixels or more in each direction, and 1, 3 or 4 channels; anything else is a row of features, a
    sequence or a volume.
    """
    if len(shape) != PICTURE_AXES:
        return False
    height, width, channels = shape
    return height >= SHORTEST_SIDE and width >= SHORTEST_SIDE and channels in PICTURE_CHANNELS


def facts_of(arrays: Arrays, target: Target) -> DataFacts:
    """The facts about a data set.

    Args:
        arrays: as `checked` gives them.
        target: what is predicted, with names.
    """
    by_input = {name: _input(array) for name, array in leaves(arrays.x_train)}
    return DataFacts(
        low=min(facts.low for facts in by_input.values()),
        high=max(facts.high for facts in by_input.values()),
        whole=all(facts.whole for facts in by_input.values()),
        picture=not isinstance(arrays.x_train, dict) and by_input[""].picture,
        unseen=_unseen(arrays.y_train, arrays.y_test, target.names) if target.task is Task.CLASSES else (),
        overlap=_overlap(arrays.x_train, arrays.x_test),
        by_input=by_input if isinstance(arrays.x_train, dict) else {},
    )


def differing(first: Arrays, second: Arrays) -> int:
    """How many examples of two answers of one loader stand in another place, or have other inputs, target or weight.

    Both parts count. A part whose inputs or targets have another form differs in all of its examples, of which the
    larger number counts.
    """
    return _different(
        (first.x_train, first.y_train, first.w_train), (second.x_train, second.y_train, second.w_train)
    ) + _different((first.x_test, first.y_test, first.w_test), (second.x_test, second.y_test, second.w_test))


def _different(part: tuple[Inputs, Labels, Labels | None], other: tuple[Inputs, Labels, Labels | None]) -> int:
    arrays, others = ([*leaves(x), ("y", y), ("w", w)] for x, y, w in (part, other))
    if [_form(*pair) for pair in arrays] != [_form(*pair) for pair in others]:
        return max(length(part[0]), length(other[0]))
    total = 0
    for chosen in _chunks(length(part[0])):
        changed = [
            (array[chosen] != same[chosen]).reshape(len(array[chosen]), -1).any(axis=1)
            for (_, array), (_, same) in zip(arrays, others, strict=True)
            if array is not None and same is not None
        ]
        total += int(np.logical_or.reduce(changed).sum())
    return total


def _form(name: str, array: AnyArray | None) -> tuple[str, tuple[int, ...], str]:
    return (name, (), "") if array is None else (name, array.shape, array.dtype.str)


def _input(x: AnyArray) -> InputFacts:
    return InputFacts(float(x.min()), float(x.max()), _whole(x), is_picture(x.shape[1:]))


def _whole(x: AnyArray) -> bool:
    return x.dtype.kind in "iu" or all(bool((np.rint(x[part]) == x[part]).all()) for part in _chunks(len(x)))


def _unseen(y_train: Labels, y_test: Labels, classes: Sequence[str]) -> tuple[tuple[str, int], ...]:
    trained = np.bincount(y_train, minlength=len(classes))
    tested = np.bincount(y_test, minlength=len(classes))
    return tuple(
        (name, int(tests))
        for name, trains, tests in zip(classes, trained, tested, strict=False)
        if tests and not trains
    )


def _overlap(x_train: Inputs, x_test: Inputs) -> int:
    # The bytes of one example at a time. Python's hash has 64 bits: for 10,000 test examples among 60,000 the chance of
    # any false match is below 1e-10.
    trained = set(_hashes(x_train))
    return sum(value in trained for value in _hashes(x_test))


def _hashes(x: Inputs) -> Iterator[int]:
    """A hash of each example; of several inputs, over all of them."""
    if not isinstance(x, dict):
        yield from (hash(example.tobytes()) for example in x)
        return
    for index in range(length(x)):
        example = rows(x, slice(index, index + 1))
        yield hash(tuple(array.tobytes() for _, array in leaves(example)))


def _chunks(total: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, total, CHUNK))
