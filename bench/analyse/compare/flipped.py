"""Which test examples only one side gets right, by the joint mistakes of the seeds of each side. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.compare.obstacles import Gap, Obstacle
from bench.analyse.gate.flips import find_flips
from bench.core.target import Task

if TYPE_CHECKING:
    from bench.analyse.compare.party import CellSide, Party
    from bench.analyse.gate.mistakes import Mistakes
    from bench.analyse.gate.side import Truth
    from bench.record.evidence import Flips

MOST_VALUES = 200
"""How many examples with changed errors are kept: in regression nearly all errors change."""


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


def flips_of_cell(
    was: CellSide, now: CellSide, before: Party, after: Party
) -> tuple[Flips | None, tuple[FlippedExample, ...], Obstacle | None]:
    """The flipped examples of a cell, counted and each, or why they are not known.

    Args:
        was: the cell in A.
        now: the cell in B.
        before: A.
        after: B.
    """
    if not was.values or not now.values:
        return None, (), Obstacle(Gap.NO_RESULT)
    data = was.cell.data_sha256
    if data != now.cell.data_sha256:
        return None, (), Obstacle(Gap.DATA)
    for name, side, party in (("A", was, before), ("B", now, after)):
        if side.mistakes is None:
            kept_out = party.run is None and side.cell.task is Task.REGRESSION
            return None, (), Obstacle(Gap.NO_ERRORS if kept_out else Gap.NO_PREDICTIONS, name)
    assert was.mistakes is not None and now.mistakes is not None  # noqa: S101, PT018  the loop has checked it
    made = flips_between(was.mistakes, now.mistakes, after.truths.get(data) or before.truths.get(data))
    return (None, (), Obstacle(Gap.MISFIT)) if made is None else (*made, None)


def flips_between(
    before: Mistakes, after: Mistakes, truth: Truth | None
) -> tuple[Flips, tuple[FlippedExample, ...]] | None:
    """The examples that flipped, counted and each; in regression the largest change of error is first.

    Args:
        before: what the seeds of A get wrong together.
        after: the same of B, on the same examples.
        truth: of these examples; without it classes have no names.

    Returns:
        None if the mistakes are of other examples.
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
