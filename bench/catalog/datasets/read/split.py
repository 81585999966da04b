"""The rows that are tested on: drawn once, by a fixed seed, the same for every cell and seed of a suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.catalog.datasets.targets import targets
from bench.core.errors import DataError
from bench.core.target import Task

if TYPE_CHECKING:
    from typing import Any

    import pandas as pd
    from numpy.typing import NDArray

    from bench.catalog.datasets.arrays import AnyArray

    Mask = NDArray[np.bool_]

SPLIT_SEED = 20_150_505
"""Draws the test part; one fixed number, so that a data set has one test part."""
_WORDS = {"train": False, "training": False, "test": True, "false": False, "true": True}


def test_rows(examples: int, fraction: float, classes: NDArray[Any] | None, where: str) -> Mask:
    """Which examples are tested on.

    Args:
        examples: how many there are.
        fraction: of them that are tested on.
        classes: (n,) class numbers: each class then has that fraction in the test part, up to rounding, and at least
            one training example. None draws from all alike.
        where: what they were read from, for messages.

    Raises:
        DataError: a part would be empty.
    """
    total = round(examples * fraction)
    if not 0 < total < examples:
        empty = "training" if total else "test"
        raise DataError(
            f"{where}: test_split = {fraction:g} of {examples:,} examples leaves no {empty} example.",
            hint="Choose another fraction.",
        )
    order = np.random.default_rng(SPLIT_SEED).permutation(examples)
    mask: Mask = np.zeros(examples, np.bool_)
    if classes is None:
        mask[order[:total]] = True
        return mask
    by_class = order[np.argsort(classes[order], kind="stable")]
    ends = np.cumsum(np.bincount(classes))
    start = 0
    for end in ends:
        # rounded sums, so that the counts of all classes add up to the fraction of all examples
        count = min(round(fraction * end) - round(fraction * start), max(end - start - 1, 0))
        mask[by_class[start : start + count]] = True
        start = int(end)
    if not mask.any():  # too few examples of every class to give one away
        mask[order[:total]] = True
    return mask


def classes_of(y: AnyArray, task: Task | None, where: str) -> NDArray[Any] | None:
    """(n,) class numbers for a stratified split; None where the targets are no classes.

    Raises:
        DataError: the targets are none at all.
    """
    made = targets(y, y, where, task)
    return made.train.astype(np.int64) if made.task is Task.CLASSES else None


def marked_rows(column: pd.Series[Any], where: str) -> Mask:
    """Which rows a column says are tested on: `test` or true, against `train` or false.

    Raises:
        DataError: it says something else, or the same of all rows.
    """
    words = column.astype(str).str.strip().str.lower()
    unknown = column[~words.isin(list(_WORDS))]
    if len(unknown):
        raise DataError(
            f"{where}: the column {column.name} holds {str(unknown.iloc[0])!r} in row {int(unknown.index[0]) + 1}.",
            hint="split_column names a column of train and test, or of true (test) and false.",
        )
    mask = words.map(_WORDS).to_numpy(np.bool_)
    if mask.all() or not mask.any():
        raise DataError(
            f"{where}: the column {column.name} says {words.iloc[0]} of every row, so the "
            f"{'training' if mask.all() else 'test'} part is empty.",
            hint="Mark some rows as train and others as test, or use test_split.",
        )
    return mask
