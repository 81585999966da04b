"""What a reader should choose: the best cell, or the cheapest that cannot be separated from it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from bench.analyse.differences import FEWEST
from bench.analyse.intervals import CONFIDENCE, UNKNOWN, Interval
from bench.analyse.networks import in_place
from bench.analyse.next_steps import Edge, edges, seeds_to_separate
from bench.analyse.optimism import Optimism, optimism
from bench.analyse.places import time_ratio
from bench.analyse.ranking import cell_sample, ranked
from bench.analyse.separation import separation
from bench.core.formatting import about_one
from bench.core.score import ACCURACY

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    import pandas as pd

    from bench.analyse.axes import Grid
    from bench.analyse.gate.pace import Ratio
    from bench.analyse.networks import Networks, Place
    from bench.core.score import Score
    from bench.record.records import RunResult

    Row = Mapping[Hashable, Any]
    Cost = Literal["time", "parameters"]

COSTS: dict[Cost, str] = {"time": "train_time_median_s", "parameters": "parameter_count"}
"""What makes a cell cheap, as columns of the summary: the first that all cells in question have."""


@dataclass(frozen=True, slots=True)
class Step:
    """From a cheaper cell to the best one.

    Attributes:
        cell_id: of the cheaper one.
        gain: what the best has more, in the unit of the score; positive is better.
        interval: 95 % of that gain, of this pair alone; unknown where a side has one seed.
        ratio: the cost of the best over that of the cheaper; NaN where there is none.
        differs: settings of the best that the cheaper cell has other values of; empty where they are not known.
    """

    cell_id: str
    gain: float
    interval: Interval
    ratio: float
    differs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTime:
    """How long a network trains in a place.

    Attributes:
        place: its number among the places of the run.
        seconds: of a training, the median of those that ran alone.
        ratio: time of an epoch over that in the place with the fewest seconds; None there, and where times are too few
            or of different machines.
    """

    place: int
    seconds: float
    ratio: Ratio | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A recommendation for one data set, among the networks that have a place with the best one.

    Attributes:
        best: the cell with the best mean, or where cells have validation scores the one that is best by these.
        by_validation: whether `best` was chosen so, and not by the test set.
        choice: the cheapest cell that is not worse than `best` by its own 95 % interval; `best` itself where none is.
        cost: what is cheap about it; None where no cost is known.
        step: from `choice` to `best`; from the next cheaper cell to `best` where these are one; None for neither.
        alike: cells that `best` cannot be separated from, itself among them.
        seeds: of `best`.
        more_seeds: of each that would separate `choice` from `best`; None where they are one, or it cannot be said.
        optimism: of the mean of `best`; None where it was chosen by validation, or had no rival.
        edges: of the grid that `best` lies at.
        times: of `choice` in each place that has one, the reference's first; empty for one place.
    """

    dataset: str
    best: str
    by_validation: bool
    choice: str
    cost: Cost | None
    step: Step | None
    alike: int
    seeds: int
    more_seeds: int | None
    optimism: Optimism | None
    edges: tuple[Edge, ...]
    times: tuple[PlaceTime, ...] = ()


def decisions(result: RunResult, rows: pd.DataFrame, grids: Sequence[Grid], networks: Networks) -> tuple[Decision, ...]:
    """One for each data set that has a result, in the order of the plan.

    Args:
        result: the run.
        rows: of `Networks.rows`, of all networks.
        grids: of `bench.analyse.axes.grids`, of the same.
        networks: of the run.
    """
    by_dataset = {grid.dataset: grid for grid in grids}
    made = (
        _decision(str(dataset), cells[cells["n"] > 0], by_dataset.get(str(dataset)), result, networks)
        for dataset, cells in rows.groupby("dataset", sort=False)
    )
    return tuple(decision for decision in made if decision is not None)


def _decision(
    dataset: str, cells: pd.DataFrame, grid: Grid | None, result: RunResult, networks: Networks
) -> Decision | None:
    score = result.run.score
    rows: dict[str, Row] = {str(row["cell_id"]): row for row in ranked(cells, score).to_dict("records")}
    if not rows:
        return None
    chosen = _by_validation(rows, score)
    best = chosen or next(iter(rows))
    # what was trained elsewhere has no time to compare
    place = networks.place_of[best]
    rows = {cell_id: row for cell_id, row in rows.items() if networks.place_of[cell_id] == place}
    several = [cell_id for cell_id, row in rows.items() if row["n"] >= FEWEST]
    compared = _Compared(rows, several, best, score)
    rivals = [cell_id for cell_id in several if cell_id != best and not compared.gain(cell_id).low > 0]
    alike = [cell_id for cell_id in rivals if compared.gain(cell_id).known]
    cost = _cost([rows[best], *(rows[cell_id] for cell_id in alike)])
    choice = _cheapest(best, alike, rows, cost) if cost else best
    step = _step(choice, best, compared, cost) if choice != best else _from_below(best, compared, cost)
    if step is not None and grid is not None:
        step = replace(step, differs=_differs(grid, best, step.cell_id))
    samples = [cell_sample(rows[cell_id], score) for cell_id in several]
    return Decision(
        dataset=dataset,
        best=best,
        by_validation=chosen is not None,
        choice=choice,
        cost=cost,
        step=step,
        alike=1 + len(alike),
        seeds=int(rows[best]["n"]),
        more_seeds=_more_seeds(rows[best], rows[choice], score) if choice != best else None,
        optimism=optimism(samples, score.sign) if chosen is None and best in several else None,
        edges=edges(grid, best, score) if grid is not None else (),
        times=_times(rows[choice], result, networks, place),
    )


def _times(row: Row, result: RunResult, networks: Networks, reference: Place) -> tuple[PlaceTime, ...]:
    """Of a network in each place that has one; the reference comes first."""
    if not networks.several:
        return ()
    numbers = sorted(range(len(networks.places)), key=lambda number: networks.places[number] != reference)
    times = {number: float(row[in_place(COSTS["time"], number)]) for number in numbers}
    times = {number: time for number, time in times.items() if time > 0}
    if not times:
        return ()
    cells = networks.by_reference[str(row["cell_id"])].cells
    trials = {
        number: [trial for trial in result.trials if trial.cell.id == cells[networks.places[number]].id]
        for number in times
    }
    quickest = min(times, key=times.__getitem__)
    return tuple(
        PlaceTime(
            place=number,
            seconds=time,
            ratio=None if number == quickest else time_ratio(trials[quickest], trials[number]),
        )
        for number, time in times.items()
    )


class _Compared:
    """The cells of a data set beside the best of them."""

    def __init__(self, rows: Mapping[str, Row], several: Sequence[str], best: str, score: Score) -> None:
        self.rows, self.best, self.score = rows, best, score
        self._places = {cell_id: place for place, cell_id in enumerate(several)}
        self._pairs = separation([cell_sample(rows[cell_id], score) for cell_id in several])

    def gain(self, cell_id: str) -> Interval:
        """Of what the best has more than another, 95 % for this pair alone."""
        if self.best not in self._places or cell_id not in self._places:
            return UNKNOWN
        lead = self._pairs.interval(self._places[self.best], self._places[cell_id], CONFIDENCE)
        ends = sorted((self.score.gain(lead.low), self.score.gain(lead.high)))
        return Interval(*ends).clipped(-self.score.widest_gap, self.score.widest_gap)


def _by_validation(rows: Mapping[str, Row], score: Score) -> str | None:
    """The best by held-out examples, by accuracy where that is the score and else by loss; None for fewer than two."""
    column = "validation_accuracy_mean" if score.name == ACCURACY.name else "validation_loss_mean"
    judged = {cell_id: float(row[column]) for cell_id, row in rows.items() if not math.isnan(row[column])}
    if len(judged) < 2:  # noqa: PLR2004  nothing to choose
        return None
    return (max if score.name == ACCURACY.name else min)(judged, key=judged.__getitem__)


def _cost(rows: Sequence[Row]) -> Cost | None:
    """The first cost that all of them have."""
    for cost, column in COSTS.items():
        values = [row[column] for row in rows]
        if all(value == value and value is not None and value > 0 for value in values):  # noqa: PLR0124  NaN
            return cost
    return None


def _cheapest(best: str, alike: Sequence[str], rows: Mapping[str, Row], cost: Cost) -> str:
    """The cheapest of them, the better one of two that cost the same; the best where that is hardly cheaper."""
    of = {cell_id: float(rows[cell_id][COSTS[cost]]) for cell_id in (best, *alike)}
    cheapest = min(of, key=of.__getitem__)
    return best if about_one(of[best] / of[cheapest]) else cheapest


def _step(choice: str, best: str, compared: _Compared, cost: Cost | None) -> Step:
    rows, score = compared.rows, compared.score
    ratio = float(rows[best][COSTS[cost]]) / float(rows[choice][COSTS[cost]]) if cost else math.nan
    gain = score.gain(float(rows[best]["score_mean"]) - float(rows[choice]["score_mean"]))
    return Step(choice, gain + 0.0, compared.gain(choice), ratio)


def _from_below(best: str, compared: _Compared, cost: Cost | None) -> Step | None:
    """From the best of all notably cheaper cells."""
    rows = compared.rows
    if cost is None:
        return None
    column = COSTS[cost]
    dearest = float(rows[best][column])
    cheaper = (
        cell_id
        for cell_id, row in rows.items()
        if 0 < (cost_of := float(row[column] or 0)) < dearest and not about_one(dearest / cost_of)
    )
    below = next(cheaper, None)  # rows come by their score
    return None if below is None else _step(below, best, compared, cost)


def _differs(grid: Grid, best: str, other: str) -> tuple[tuple[str, str], ...]:
    levels = {cell.cell_id: cell.levels for cell in grid.cells}
    first, second = levels.get(best, {}), levels.get(other, {})
    if set(first) != set(second):
        return ()
    return tuple((axis, level) for axis, level in first.items() if second[axis] != level)


def _more_seeds(best: Row, choice: Row, score: Score) -> int | None:
    known = int(min(best["n"], choice["n"]))
    needed = seeds_to_separate(cell_sample(best, score), cell_sample(choice, score))
    return needed if needed is not None and needed > known else None
