"""What to try next, where the results say so: beyond the edge of the grid, or more seeds. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from scipy import special

from bench.analyse.effects import effects

if TYPE_CHECKING:
    from bench.analyse.axes import Axis, Grid, GridCell
    from bench.analyse.effects import Effect
    from bench.analyse.intervals import Sample
    from bench.core.score import Score

EDGES = 2
"""Edges that are named at most."""
POWER = 0.8
MOST_SEEDS = 1_000
"""Seeds beyond which nobody would train."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A setting whose best value is the last of the grid, while scores still rise towards it.

    Attributes:
        axis: the setting.
        level: its value at the edge.
        further: the value to try.
    """

    axis: str
    level: str
    further: str


def edges(grid: Grid, best: str, score: Score) -> tuple[Edge, ...]:
    """Where the cell with the best mean lies at an edge of the grid, the setting with the largest effect first.

    The effect of the setting is more than chance, the same network is worse at the next value inside, and so is the
    mean of all cells there.

    Args:
        grid: of one data set.
        best: the id of the cell.
        score: of the run.
    """
    cells = {cell.cell_id: cell for cell in grid.cells}
    candidates = (_edge(effect, cells[best], grid, score) for effect in effects(grid, score) if effect.separate)
    return tuple([edge for edge in candidates if edge is not None][:EDGES])


def _edge(effect: Effect, best: GridCell, grid: Grid, score: Score) -> Edge | None:
    axis = effect.axis
    level = best.levels.get(axis.name)
    if not axis.numeric or level not in {axis.levels[0], axis.levels[-1]}:
        return None
    inside = axis.levels[1] if level == axis.levels[0] else axis.levels[-2]
    means = {value.name: value.mean for value in effect.levels}
    twin = next((cell for cell in grid.cells if cell.levels == {**best.levels, axis.name: inside}), None)
    rises = (
        twin is not None
        and twin.score.n > 0
        and score.better(best.score.mean, twin.score.mean)
        and {level, inside} <= set(means)
        and score.better(means[level], means[inside])
    )
    further = beyond(axis, upper=level == axis.levels[-1]) if rises else None
    return Edge(axis.name, level, further) if further is not None else None


def beyond(axis: Axis, *, upper: bool) -> str | None:
    """The next value past an end of an axis, as its values go on; None where there is none above 0.

    Three or more values at equal distances go on by that distance, others by the smallest factor between two of them.
    """
    values = [float(level) for level in axis.levels]
    whole = all(value == round(value) for value in values)
    steps = [second - first for first, second in pairwise(values)]
    if len(steps) > 1 and math.isclose(min(steps), max(steps)):
        value = values[-1] + steps[0] if upper else values[0] - steps[0]
    elif values[0] > 0:
        factor = min(second / first for first, second in pairwise(values))
        value = values[-1] * factor if upper else values[0] / factor
    else:
        return None
    value = float(round(value)) if whole else value
    return f"{value:.6g}" if value > 0 and value not in values else None


def seeds_to_separate(first: Sample, second: Sample) -> int | None:
    """Seeds of each that would separate two means in four of five runs, if they differ as they seem to.

    Source: sample size of a two-sided t test at an error of 5 %, NIST/SEMATECH e-Handbook, section 7.2.2.2, with the
    two variances added.

    Returns:
        None where more than `MOST_SEEDS` were needed, or the means are equal.
    """
    gap, variance = abs(first.mean - second.mean), first.spread**2 + second.spread**2
    if not gap > 0 or not variance > 0:
        return None
    for n in range(2, MOST_SEEDS + 1):
        freedom = 2 * (n - 1)
        reach = float(special.stdtrit(freedom, 0.975)) + float(special.ndtri(POWER))
        if gap >= reach * math.sqrt(variance / n):
            return n
    return None
