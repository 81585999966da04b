"""The score over two axes of a grid at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.axes import Axis, Grid
    from bench.analyse.effects import Effect

PANELS = 6
WIDEST = 16  # levels of an axis that a page can carry
FILLED = 0.5  # the part of its fields that must have cells, so that a pair makes a plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """The cells that share a level on each of two axes.

    Attributes:
        mean: the mean of their mean scores; NaN if no cell has a result.
        cells: how many have a result.
        planned: how many cells there are.
    """

    mean: float
    cells: int
    planned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two axes and the fields of their levels.

    Attributes:
        first: the axis with the larger effect.
        second: the other.
        rows: the levels of `first` that have cells together with `second`.
        columns: the levels of `second` that have cells together with `first`.
        fields: a row per level of `first`, a field per level of `second`.
    """

    first: Axis
    second: Axis
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    fields: tuple[tuple[Field, ...], ...]


def pairs(grid: Grid, effects: Sequence[Effect]) -> tuple[Pair, ...]:
    """The planes of the axes with the largest effects, at most `PANELS`.

    Args:
        grid: of one data set.
        effects: of its axes, the largest first.
    """
    wanted = [effect for effect in effects if len(effect.axis.levels) <= WIDEST]
    ranked = sorted(combinations(wanted, 2), key=lambda two: -(two[0].size + two[1].size))
    planes = (pair(grid, first.axis, second.axis) for first, second in ranked)
    return tuple([plane for plane in planes if plane is not None][:PANELS])


def pair(grid: Grid, first: Axis, second: Axis) -> Pair | None:
    """The fields of two axes; None if they make no plane: a single row or column, or most fields empty."""
    means: dict[tuple[str, str], list[float]] = {}
    for cell in grid.cells:
        if first.name in cell.levels and second.name in cell.levels:
            means.setdefault((cell.levels[first.name], cell.levels[second.name]), []).append(cell.score.mean)
    rows = [level for level in first.levels if any(level == row for row, _ in means)]
    columns = [level for level in second.levels if any(level == column for _, column in means)]
    thin = len(means) < FILLED * len(rows) * len(columns)
    if min(len(rows), len(columns)) < 2 or thin or all(math.isnan(m) for field in means.values() for m in field):  # noqa: PLR2004  a plane has two of each
        return None
    fields = tuple(tuple(_field(means.get((row, column), [])) for column in columns) for row in rows)
    return Pair(first=first, second=second, rows=tuple(rows), columns=tuple(columns), fields=fields)


def _field(means: Sequence[float]) -> Field:
    known = [mean for mean in means if not math.isnan(mean)]
    mean = math.fsum(known) / len(known) if known else math.nan
    return Field(mean=mean, cells=len(known), planned=len(means))
