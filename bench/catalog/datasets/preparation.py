"""What was decided and done when a data set was read, as facts; `render` puts them into words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bench.catalog.datasets.arrays import Arrays


class Split(StrEnum):
    """How a data set came by its test part."""

    GIVEN = "given"
    """It has two parts of its own."""
    FRACTION = "fraction"
    """Drawn, by one fixed seed."""
    COLUMN = "column"
    """A column says it of each row."""
    PATH = "path"
    """A file or folder of its own."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What was decided and done when a data set was read.

    Attributes:
        inferred: whether the task was inferred from the targets.
        split: how it came by its test part.
        test_fraction: the fraction of the examples that was drawn for the test part; 0 where none was drawn.
        stratified: whether each class has that fraction in the test part.
        dropped: rows that were left out because they lack a value.
        filled: columns whose missing values became the mean of the training part, each with how many.
        unknown: columns of categories with how many rows of the test part have one that no training row has; such a
            row has a 0 for every category.
        nameless: columns without a name that were not read, such as row numbers.
    """

    inferred: bool = False
    split: Split = Split.GIVEN
    test_fraction: float = 0.0
    stratified: bool = False
    dropped: int = 0
    filled: tuple[tuple[str, int], ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()
    nameless: int = 0


class Read(NamedTuple):
    """A data set that a table declares.

    Attributes:
        arrays: checked.
        preparation: what was decided and done.
    """

    arrays: Arrays
    preparation: Preparation
