"""What a cell's seeds together get wrong on each test example, and how a baseline keeps it. Pure.

The seeds of a cell vote: an example's class, or each of its labels, is what most of them predict; a value is off by the
median of theirs. One answer per example keeps the examples independent of one another, which the tests of paired
answers ask for; the seeds are not.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.predictions import majority
from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from bench.analyse.gate.side import Truth
    from bench.record.baseline import AcceptedCell

MOST_ERRORS = 20_000
"""Test examples whose errors a baseline keeps: about 50 kB of text per cell."""

DROPPED_BITS = 13
"""Of the 23 of a float32's fraction: the ten that stay say an error to one part in 2,000, and compress well."""


@dataclass(frozen=True, slots=True, eq=False)
class Mistakes:
    """What a cell's seeds together get wrong.

    Attributes:
        task: what is predicted.
        wrong: by number of the example, the class that is predicted wrongly, or the labels that are wrong; empty for
            values.
        errors: of values, (n,) float32, how far off each example is; None for classes and labels.
    """

    task: Task
    wrong: dict[int, tuple[int, ...]] = field(default_factory=dict)
    errors: NDArray[np.float32] | None = None


def mistakes_of(predictions: Sequence[bytes], truth: Truth) -> Mistakes | None:
    """What seeds get wrong together.

    Args:
        predictions: per seed, as `Target.pack` gives them.
        truth: of the same examples.

    Returns:
        None where there are no predictions, or they do not fit the examples.
    """
    y, target = truth.y, truth.target
    try:
        made = [target.unpack(packed) for packed in predictions]
    except (ValueError, zlib.error):
        return None
    if not made or any(array.shape != y.shape for array in made):
        return None
    ballots = np.stack(made)
    if target.task is Task.REGRESSION:
        return Mistakes(target.task, errors=rounded(np.median(target.errors(y, ballots), axis=0)))
    votes = majority(ballots)
    if target.task is Task.MULTILABEL:
        off = votes != y
        wrong = {int(row): tuple(map(int, np.flatnonzero(off[row]))) for row in np.flatnonzero(off.any(axis=1))}
        return Mistakes(target.task, wrong)
    return Mistakes(target.task, {int(row): (int(votes[row]),) for row in np.flatnonzero(votes != y)})


def rounded(errors: NDArray[Any]) -> NDArray[np.float32]:
    """Errors with as many digits as a baseline keeps, so that equal ones stay equal."""
    bits = np.ascontiguousarray(errors, "<f4").view("<u4")
    half, mask = np.uint32(1 << (DROPPED_BITS - 1)), np.uint32(0xFFFFFFFF << DROPPED_BITS & 0xFFFFFFFF)
    return ((bits + half) & mask).view("<f4")


def mistakes_text(mistakes: Mistakes) -> str:
    """Wrong classes or labels as a baseline keeps them: `example:class ...` or `example:label,label ...`."""
    return " ".join(f"{row}:{','.join(map(str, numbers))}" for row, numbers in sorted(mistakes.wrong.items()))


def read_mistakes(text: str) -> dict[int, tuple[int, ...]] | None:
    """What `mistakes_text` was made from; None where the text is none."""
    wrong = {}
    try:
        for word in text.split():
            row, numbers = word.split(":")
            wrong[int(row)] = tuple(int(number) for number in numbers.split(","))
    except ValueError:
        return None
    return wrong if all(row >= 0 and min(numbers) >= 0 for row, numbers in wrong.items()) else None


def packed_errors(errors: NDArray[np.float32]) -> str:
    """Errors as a baseline keeps them: base64 of zlib-compressed float32, one per test example."""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(errors, "<f4").tobytes(), 9)).decode()


def read_errors(text: str) -> NDArray[np.float32] | None:
    """What `packed_errors` was made from; None where the text is none."""
    try:
        errors = np.frombuffer(zlib.decompress(base64.b64decode(text, validate=True)), "<f4")
    except (binascii.Error, zlib.error, ValueError):
        return None
    return errors if bool(np.isfinite(errors).all()) else None


def accepted_mistakes(cell: AcceptedCell) -> Mistakes | None:
    """What a baseline keeps of a cell's answers; None where it keeps nothing that can be read."""
    if cell.task is Task.REGRESSION:
        errors = None if cell.errors is None else read_errors(cell.errors)
        return None if errors is None else Mistakes(cell.task, errors=errors)
    wrong = None if cell.mistakes is None else read_mistakes(cell.mistakes)
    return None if wrong is None else Mistakes(cell.task, wrong)


def fit(mistakes: Mistakes, truth: Truth) -> bool:
    """Whether mistakes can be of these examples."""
    if mistakes.task is not truth.target.task:
        return False
    if mistakes.errors is not None:
        return len(mistakes.errors) == len(truth.y)
    most = np.iinfo(truth.target.dtype).max if truth.target.task is Task.CLASSES else truth.target.width - 1
    return all(row < len(truth.y) and max(numbers) <= most for row, numbers in mistakes.wrong.items())
