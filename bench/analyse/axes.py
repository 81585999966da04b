"""The axes of a grid, and where each cell stands on them, one data set at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.configuration import ABSENT, configuration
from bench.analyse.intervals import Sample, score_sample
from bench.analyse.networks import SETTINGS, without_place
from bench.analyse.stats import ok_trials
from bench.declare.cell import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from bench.core.score import Score
    from bench.declare.cell import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A setting in which cells of one data set differ.

    Attributes:
        name: the key a suite names it by.
        levels: its values as text, numbers by their size, anything else in the order of the plan.
        numeric: whether all levels are numbers.
        companions: settings whose value this one decides throughout, so that their effects cannot be separated.
    """

    name: str
    levels: tuple[str, ...]
    numeric: bool
    companions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """A cell with its place on the axes and its results.

    Attributes:
        treatment: the same for the same architecture, settings and, unless places are left out, device on any data set.
        label: its id without the data set.
        levels: axis and level; without the axes that are no parameter of the cell.
        scores: seed and score of its OK trials.
        score: what they are together; of size 0 where no trial is OK.
    """

    cell_id: str
    treatment: str
    label: str
    levels: dict[str, str]
    scores: dict[int, float]
    score: Sample


@dataclass(frozen=True, slots=True)
class Results:
    """The scores of a cell by seed, and what they are together."""

    seeds: dict[int, float]
    sample: Sample


NOTHING = Results({}, Sample(0, math.nan, math.nan))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of a data set, in the order of the plan, and the axes along which they differ."""

    dataset: str
    axes: tuple[Axis, ...]
    cells: tuple[GridCell, ...]


def grids(cells: Iterable[Cell], trials: pd.DataFrame, score: Score, *, with_places: bool = True) -> tuple[Grid, ...]:
    """A grid for each data set, in the order of the plan.

    Limits of a trial are no axes, because they change no score. Of axes that say the same of every cell (an
    architecture and the one parameter that makes it) the first is kept, and has the others for companions.

    Args:
        cells: all cells of a run, each once.
        trials: the frame of `bench.record.collect.trials_frame`.
        score: of the run.
        with_places: whether device and backend are axes; not where cells are the references of networks.
    """
    ok = ok_trials(trials)
    images = {str(cell_id): int(most) for cell_id, most in ok.groupby("cell_id")["test_images"].max().dropna().items()}
    scores: dict[str, dict[int, float]] = {}
    for cell_id, seed, value in zip(ok["cell_id"], ok["seed"], ok["score"], strict=True):
        scores.setdefault(str(cell_id), {})[int(seed)] = float(value)
    by_dataset: dict[str, list[Cell]] = {}
    for cell in cells:
        by_dataset.setdefault(cell.dataset_name, []).append(cell)
    reached = {
        cell_id: Results(seeds, score_sample(list(seeds.values()), score, images.get(cell_id, 0)))
        for cell_id, seeds in scores.items()
    }
    return tuple(_grid(dataset, group, reached, with_places=with_places) for dataset, group in by_dataset.items())


def decides(first: str, second: str, cells: Sequence[GridCell]) -> bool:
    """Whether every level of the axis `first` goes with a single value of the axis `second`."""
    seen: dict[str, str] = {}
    return all(
        seen.setdefault(cell.levels[first], cell.levels.get(second, ABSENT)) == cell.levels.get(second, ABSENT)
        for cell in cells
        if first in cell.levels
    )


def own(first: str, second: str, cells: Sequence[GridCell]) -> bool:
    """Whether only some levels of the axis `first` have the axis `second`, as `mlp` has `nodes` but `softmax` not."""
    levels = {cell.levels[first] for cell in cells if first in cell.levels}
    having = {cell.levels[first] for cell in cells if first in cell.levels and second in cell.levels}
    return bool(having) and having != levels


def _grid(dataset: str, cells: Sequence[Cell], reached: dict[str, Results], *, with_places: bool) -> Grid:
    settings = configuration(cells)
    apart = LIMITS if with_places else {*LIMITS, *SETTINGS}
    names = [axis for axis in settings.axes if axis not in apart]
    placed = {
        cell_id: {axis: value for axis, value in zip(settings.axes, values, strict=True) if value != ABSENT}
        for cell_id, values in settings.cells
    }
    members = tuple(
        GridCell(
            cell_id=cell.id,
            treatment=f"{bare.architecture}/{bare.fingerprint()}/{bare.node_kind}",
            label=bare.name,
            levels={axis: level for axis, level in placed[cell.id].items() if axis not in SETTINGS or with_places},
            scores=reached.get(cell.id, NOTHING).seeds,
            score=reached.get(cell.id, NOTHING).sample,
        )
        for cell in cells
        for bare in [cell if with_places else without_place(cell)]
    )
    several = [name for name in names if len(_levels(name, members)) > 1]
    kept: list[str] = []
    for name in several:
        if not any(_same(other, name, members) for other in kept):
            kept.append(name)
    axes = [_axis(name, [other for other in several if other != name], members) for name in kept]
    return Grid(dataset=dataset, axes=tuple(axes), cells=members)


def _axis(name: str, others: Sequence[str], cells: Sequence[GridCell]) -> Axis:
    levels = _levels(name, cells)
    numbers = [_number(level) for level in levels]
    numeric = all(math.isfinite(number) for number in numbers)
    with_it = [cell for cell in cells if name in cell.levels]
    return Axis(
        name=name,
        levels=tuple(sorted(levels, key=_number) if numeric else levels),
        numeric=numeric,
        companions=tuple(
            other for other in others if len(_levels(other, with_it)) > 1 and decides(name, other, with_it)
        ),
    )


def _same(first: str, second: str, cells: Sequence[GridCell]) -> bool:
    """Whether `second` says nothing of any cell that `first` does not say."""
    having = [cell for cell in cells if second in cell.levels]
    return (
        all(first in cell.levels for cell in having)
        and decides(first, second, having)
        and decides(second, first, having)
    )


def _levels(name: str, cells: Sequence[GridCell]) -> list[str]:
    return list(dict.fromkeys(cell.levels[name] for cell in cells if name in cell.levels))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
