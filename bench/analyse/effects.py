"""What each axis of a grid does to the score: its main effect, over the combinations that its levels share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.axes import decides, own
from bench.analyse.configuration import ABSENT
from bench.analyse.intervals import CONFIDENCE, Interval, weighted_interval
from bench.analyse.separation import Separation, separation

if TYPE_CHECKING:
    from bench.analyse.axes import Axis, Grid, GridCell
    from bench.core.score import Score

Combination = tuple[str, ...]
Row = Mapping[Combination, Sequence["GridCell"]]
"""The cells of a level by combination of the other settings."""
LEAST = 0.5  # of the combinations of the fullest level: a level with results in fewer is left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A value of an axis over the combinations compared.

    Attributes:
        means: its score in each combination, in the same order for all levels of an effect.
        mean: the mean of these.
        interval: 95 % interval of that mean: where it lies over all seeds, for these very cells.
        cells: the mean score of each of its cells.
    """

    name: str
    means: tuple[float, ...]
    mean: float
    interval: Interval
    cells: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The levels of an axis, compared like with like.

    Attributes:
        levels: at least two, in the order of the axis.
        combinations: how many combinations of the other settings all these levels share; the others do not count.
        possible: how many combinations any of the axis' cells has.
        left_out: levels without a result, or with too few to be compared.
        averaged: settings that no two levels share, or that only some have, over which each level is averaged.
        best: the level with the best mean.
        worst: the level with the worst.
        size: what the best level gains on the worst, in the unit of the score; never negative.
        interval: of that gain, 95 % for all pairs of levels of all axes together; unknown where no cell has two seeds.
        ahead: in how many combinations the mean of the best level is better than that of the worst.
        reversed: in how many the worst is better than the best by more than chance, at an error of 5 % for all
            combinations of all axes together.
        at_best: what the best level gains on the worst with the other settings of the cell that has the best mean of
            the grid; NaN where that is no combination compared.
    """

    axis: Axis
    levels: tuple[Level, ...]
    combinations: int
    possible: int
    left_out: tuple[str, ...]
    averaged: tuple[str, ...]
    best: Level
    worst: Level
    size: float
    interval: Interval
    ahead: int
    reversed: int
    at_best: float

    @property
    def separate(self) -> bool:
        """Whether the seeds can separate the best level from the worst."""
        return self.interval.known and self.interval.low > 0


def effects(grid: Grid, score: Score) -> tuple[Effect, ...]:
    """The main effect of each axis that has two levels to compare, the largest first.

    A level's mean is taken over combinations of the other settings, each counted once. Where cells are missing or
    failed, only combinations count in which all levels compared have a result, so that no level is favoured by easier
    settings. A level with results in fewer than half as many combinations as the fullest level is left out, if two
    other levels remain: else all levels would be compared over its few combinations. Cells that have no such parameter
    are left out of its axis. A parameter that only some levels have (`nodes`, of an axis `architecture` with `softmax`
    and `mlp`) is averaged over, and so is one whose values no two levels share.

    The cells are fixed and seeds are drawn: an interval says how far other seeds might move a mean, not what another
    grid would show. So it holds however settings interact. The interval of the difference between the best and the
    worst of k levels holds for the k (k - 1) / 2 pairs of all axes at once (Bonferroni: Dunn, Journal of the American
    Statistical Association 56 (1961), pages 52 to 64), because axes and levels are picked by their results. What a
    level does in one combination only is asked for all combinations of all axes at once.

    An average over cells is a main effect of a full factorial design: Montgomery, Design and Analysis of Experiments,
    8th edition, Wiley 2012, section 5.1.

    Args:
        grid: of one data set.
        score: of the run.
    """
    compared = [
        axis_cells for axis_cells in (_shared_cells(axis, grid) for axis in grid.axes) if axis_cells is not None
    ]
    pairs = sum(math.comb(len(axis_cells.used), 2) for axis_cells in compared)
    combinations = sum(len(axis_cells.shared) for axis_cells in compared)
    several = [cell for cell in grid.cells if cell.score.n > 1]
    seeds = _Seeds(
        separation([cell.score for cell in several]), {cell.cell_id: place for place, cell in enumerate(several)}
    )
    levels = _Levels(1 - (1 - CONFIDENCE) / max(pairs, 1), 1 - (1 - CONFIDENCE) / max(combinations, 1))
    scored = [cell for cell in grid.cells if cell.score.n]
    top = max(scored, key=lambda cell: score.gain(cell.score.mean), default=None)
    axis_effects = [_effect(axis_cells, score, seeds, levels, top) for axis_cells in compared]
    return tuple(sorted(axis_effects, key=lambda effect: -effect.size))


@dataclass(frozen=True, slots=True)
class _Seeds:
    """What the seeds of the grid's cells show together.

    Attributes:
        cells: those with several seeds.
        places: by id, which of these a cell is.
    """

    cells: Separation
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Levels:
    """How sure one interval is, so that all of a kind together are 95 %.

    Attributes:
        effect: of the gain of a level on another, on average.
        combination: of the same in one combination.
    """

    effect: float
    combination: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """The cells of an axis that can be compared like with like.

    Attributes:
        table: by level and combination of the other settings, the cells that have a result.
        used: the levels compared, at least two.
        shared: the combinations that these levels have in common, at least one.
        averaged: settings that each level is averaged over.
    """

    axis: Axis
    table: dict[str, dict[Combination, list[GridCell]]]
    used: list[str]
    shared: tuple[Combination, ...]
    averaged: tuple[str, ...]


def _shared_cells(axis: Axis, grid: Grid) -> _Compared | None:
    cells = [cell for cell in grid.cells if axis.name in cell.levels]
    others = [other.name for other in grid.axes if other.name != axis.name]
    free = [other for other in others if not decides(axis.name, other, cells)]
    averaged = tuple(other for other in free if own(axis.name, other, cells) or _apart(other, axis.name, cells))
    fixed = [other for other in free if other not in averaged]
    table = _table(axis, fixed, cells)
    fullest = max(len(row) for row in table.values())
    used = [level for level, row in table.items() if row and len(row) >= LEAST * fullest]
    if len(used) < 2:  # noqa: PLR2004  a comparison over few combinations is better than none
        used = [level for level, row in table.items() if row]
    while len(used) > 1 and not _shared(table, used):
        used.remove(min(reversed(used), key=lambda level: len(table[level])))
    if len(used) < 2:  # noqa: PLR2004  a comparison needs two
        return None
    return _Compared(axis=axis, table=table, used=used, shared=_shared(table, used), averaged=averaged)


def _effect(of: _Compared, score: Score, seeds: _Seeds, sure: _Levels, top: GridCell | None) -> Effect:
    """What an axis does."""
    table, shared = of.table, of.shared
    levels = [_level(name, [table[name][combination] for combination in shared], score) for name in of.used]
    best = max(levels, key=lambda level: score.gain(level.mean))
    worst = min(levels, key=lambda level: score.gain(level.mean))
    both = _signed(table[best.name], table[worst.name], score)
    gain = _gain(both, shared, seeds, sure.effect)
    alone = (_gain(both, (combination,), seeds, sure.combination) for combination in shared)
    return Effect(
        axis=of.axis,
        levels=tuple(levels),
        combinations=len(shared),
        possible=len({combination for row in table.values() for combination in row}),
        left_out=tuple(level for level in of.axis.levels if level not in of.used),
        averaged=of.averaged,
        best=best,
        worst=worst,
        size=score.gain(best.mean - worst.mean),
        interval=gain.clipped(-score.widest_gap, score.widest_gap),
        ahead=sum(score.better(first, second) for first, second in zip(best.means, worst.means, strict=True)),
        reversed=sum(interval.known and interval.high < 0 for interval in alone),
        at_best=_at(top, of, best, worst, score),
    )


def _at(top: GridCell | None, of: _Compared, best: Level, worst: Level, score: Score) -> float:
    """What one level gains on another in the combination that the best cell has."""
    for place, combination in enumerate(of.shared):
        if any(top in row.get(combination, ()) for row in of.table.values()):
            return score.gain(best.means[place] - worst.means[place])
    return math.nan


def _signed(best: Row, worst: Row, score: Score) -> tuple[tuple[Row, float], tuple[Row, float]]:
    """Two levels with the signs that make their difference a gain."""
    return (best, float(score.sign)), (worst, -float(score.sign))


def _gain(
    both: Sequence[tuple[Row, float]], shared: Sequence[Combination], seeds: _Seeds, confidence: float
) -> Interval:
    """The interval of what one level gains on another over some combinations."""
    parts = [(sign * weight, cell) for row, sign in both for weight, cell in _parts(row, shared)]
    if len(parts) == 2 and all(cell.score.n > 1 for _, cell in parts):  # noqa: PLR2004
        # two cells are compared as their ranks are; averages have degrees of freedom enough of their own
        first, second = sorted(parts, key=lambda part: -part[0])
        return seeds.cells.interval(seeds.places[first[1].cell_id], seeds.places[second[1].cell_id], confidence)
    return weighted_interval([(weight, cell.score) for weight, cell in parts], confidence)


def _apart(other: str, axis: str, cells: Sequence[GridCell]) -> bool:
    """Whether each value of `other` goes with one level of `axis`: no two levels could ever share it."""
    return decides(other, axis, [cell for cell in cells if other in cell.levels])


def _table(axis: Axis, fixed: Sequence[str], cells: Sequence[GridCell]) -> dict[str, dict[Combination, list[GridCell]]]:
    """By level and combination of the other settings, the cells that have a result."""
    table: dict[str, dict[Combination, list[GridCell]]] = {level: {} for level in axis.levels}
    for cell in cells:
        if cell.score.n:
            combination = tuple(cell.levels.get(name, ABSENT) for name in fixed)
            table[cell.levels[axis.name]].setdefault(combination, []).append(cell)
    return table


def _shared(
    table: Mapping[str, Mapping[Combination, Sequence[GridCell]]], levels: Sequence[str]
) -> tuple[Combination, ...]:
    first, *others = (table[level] for level in levels)
    return tuple(combination for combination in first if all(combination in row for row in others))


def _parts(
    row: Mapping[Combination, Sequence[GridCell]], shared: Sequence[Combination]
) -> list[tuple[float, GridCell]]:
    """A level's cells with their weights in its mean."""
    return [(1 / len(row[combination]) / len(shared), cell) for combination in shared for cell in row[combination]]


def _level(name: str, groups: Sequence[Sequence[GridCell]], score: Score) -> Level:
    means = [math.fsum(cell.score.mean for cell in cells) / len(cells) for cells in groups]
    parts = [(1 / len(cells) / len(groups), cell.score) for cells in groups for cell in cells]
    return Level(
        name=name,
        means=tuple(means),
        mean=math.fsum(means) / len(means),
        interval=weighted_interval(parts).clipped(score.floor, score.ceiling),
        cells=tuple(cell.score.mean for cells in groups for cell in cells),
    )
