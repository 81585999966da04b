"""Which test examples changed sides, one by one, from what either side's seeds get wrong together. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.flips import find_flips
from bench.core.target import Task

if TYPE_CHECKING:
    from bench.analyse.gate.mistakes import Mistakes
    from bench.analyse.gate.side import Truth
    from bench.record.evidence import Flips

MOST_VALUES = 200
"""Examples whose error changed that are kept: of values nearly all do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlippedExample:
    """A test example that one side gets right and the other wrong; of values, that is nearer on one side.

    Attributes:
        example: its number in the test set.
        lost: right before and wrong after, or further off after; else the other way round.
        label: its true class; None where that is not at hand, and for labels and values.
        wrong: the wrong class, or the wrong labels; empty for values.
        errors: of values, how far off it is before and after.
    """

    example: int
    lost: bool
    label: int | None = None
    wrong: tuple[int, ...] = ()
    errors: tuple[float, float] | None = None


def flips_between(
    before: Mistakes, after: Mistakes, truth: Truth | None
) -> tuple[Flips, tuple[FlippedExample, ...]] | None:
    """The examples that changed sides, counted and one by one; of values those first whose error changed most.

    Args:
        before: what is wrong together.
        after: the same of the other side, on the same examples.
        truth: of these examples; without it no class is named.

    Returns:
        None where the mistakes are not of the same examples.
    """
    flips = find_flips(before, after, truth)
    if flips is None:
        return None
    if before.errors is not None and after.errors is not None:
        change = after.errors.astype(np.float64) - before.errors
        order = np.argsort(-np.abs(change), kind="stable")[:MOST_VALUES]
        return flips, tuple(
            FlippedExample(
                example=int(row),
                lost=bool(change[row] > 0),
                errors=(float(before.errors[row]), float(after.errors[row])),
            )
            for row in order
            if change[row]
        )
    return flips, tuple(
        FlippedExample(
            example=row,
            lost=row in after.wrong,
            label=_label(row, truth),
            wrong=after.wrong.get(row, before.wrong.get(row, ())),
        )
        for row in sorted(before.wrong.keys() ^ after.wrong.keys())
    )


def _label(row: int, truth: Truth | None) -> int | None:
    return int(truth.y[row]) if truth and truth.target.task is Task.CLASSES else None
