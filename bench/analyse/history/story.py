"""The history of a suite: where score and time of each cell changed, and which series cannot be judged. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.analyse.history.breaks import ERROR, FEWEST, WILD, Break, breaks
from bench.analyse.history.changed import Changed, changed
from bench.analyse.history.points import Point
from bench.analyse.intervals import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.core.score import Score
    from bench.record.history import PastTrial
    from bench.record.records import RunRecord

LEAST_TIME = math.log(1.05)
"""Smaller changes of time are not reported: the same machine varies by as much from day to day."""
TIME_STEP = 0.01
"""Times are assumed to be no finer than 1 %."""
FEWEST_SEEDS = 2


class Quantity(StrEnum):
    """What is judged."""

    SCORE = "score"
    TIME = "time"


class Silence(StrEnum):
    """Why a series is not judged."""

    FEW_RUNS = "few runs"
    ONE_SEED = "one seed"
    NO_TIMES = "no times"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of level between two runs.

    Attributes:
        quantity: what changed.
        last, first: places of the last run of the old level and the first of the new one.
        earliest, latest: the change lies after the run `earliest` and not after the run `latest`, at 95 %.
        before, after: levels, in the unit of the score or in seconds.
        interval: 95 % of after - before for a score, of after / before for a time.
        better: whether the new level is the better one.
        p: corrected for the places that the change could have.
        changed: what else differs between the runs `last` and `first`.
    """

    quantity: Quantity
    last: int
    first: int
    earliest: int
    latest: int
    before: float
    after: float
    interval: Interval
    better: bool
    p: float
    changed: tuple[Changed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Runs of a cell that are left out, by reason.

    Attributes:
        data: trained on other data than the last run.
        machine: timed on another machine than the last run.
        contended: timed while other programs used the machine.
    """

    data: int = 0
    machine: int = 0
    contended: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CellHistory:
    """A cell over the runs.

    Attributes:
        runs: how many runs trained it on the data of the last run.
        changes: of score and time, the oldest first.
        score_silence, time_silence: why a series is not judged; None if it is judged.
        left: runs that are left out.
    """

    cell_id: str
    runs: int
    changes: tuple[Change, ...]
    score_silence: Silence | None
    time_silence: Silence | None
    left: Left


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteHistory:
    """All cells.

    Attributes:
        runs: those that trained any of the cells, the oldest first.
        score: of the last run.
        cells: in the order of the request.
        error: how often a history without a change shows a change, in score or in time.
    """

    runs: tuple[RunRecord, ...]
    score: Score
    cells: tuple[CellHistory, ...]
    error: float = ERROR

    @property
    def changes(self) -> tuple[tuple[str, Change], ...]:
        """Every change with the id of its cell, the newest first; of those of a run, worse ones first."""
        rows = [(cell.cell_id, change) for cell in self.cells for change in cell.changes]
        return tuple(sorted(rows, key=lambda row: (-row[1].first, row[1].better, row[1].quantity)))

    @property
    def without_revision(self) -> int:
        """Runs that recorded no revision."""
        return sum(run.environment is None or not run.environment.git_revision for run in self.runs)


def suite_history(past: Sequence[PastTrial], cell_ids: Sequence[str], score: Score) -> SuiteHistory:
    """Look for changes in every cell, with one error rate for all scores and one for all times (Bonferroni).

    Args:
        past: of `Store.history`; scores that are not finite are left out.
        cell_ids: of the last run.
        score: of the last run.
    """
    runs = tuple({trial.run.run_id: trial.run for trial in past}.values())
    of_cell: dict[str, list[PastTrial]] = {cell_id: [] for cell_id in cell_ids}
    for trial in past:
        if trial.cell_id in of_cell and math.isfinite(trial.score):
            of_cell[trial.cell_id].append(trial)
    known = {cell_id: trials for cell_id, trials in of_cell.items() if trials}
    error = ERROR / max(len(known), 1)
    return SuiteHistory(
        runs=runs,
        score=score,
        cells=tuple(_cell(cell_id, trials, runs, score, error) for cell_id, trials in known.items()),
    )


def same_data(trials: Sequence[PastTrial]) -> list[PastTrial]:
    """Trials of a cell on the data of its last one; those that did not record their data count."""
    data = next((trial.data for trial in reversed(trials) if trial.data), "")
    return [trial for trial in trials if trial.data in {"", data}]


def _cell(
    cell_id: str, trials: Sequence[PastTrial], runs: Sequence[RunRecord], score: Score, error: float
) -> CellHistory:
    place = {run.run_id: index for index, run in enumerate(runs)}
    same = same_data(trials)
    timed = [trial for trial in same if trial.train_time_s is not None and trial.train_time_s > 0]
    of_score = _series(same, place, score, Quantity.SCORE)
    of_time = _series(timed, place, score, Quantity.TIME)
    changes: list[Change] = []
    for quantity, series in ((Quantity.SCORE, of_score), (Quantity.TIME, of_time)):
        changes += [
            _change(quantity, level_break, series, runs, score)
            for level_break in breaks(series, error, WILD if quantity is Quantity.SCORE else 1.0)
            if quantity is Quantity.SCORE or abs(level_break.after - level_break.before) >= LEAST_TIME
        ]
    return CellHistory(
        cell_id=cell_id,
        runs=len(of_score),
        changes=tuple(sorted(changes, key=lambda change: (change.first, change.quantity))),
        score_silence=_silence(of_score),
        time_silence=_silence(of_time) if of_time else Silence.NO_TIMES,
        left=_left(trials, same, runs[-1].machine),
    )


def _series(
    trials: Sequence[PastTrial], place: Mapping[str, int], score: Score, quantity: Quantity
) -> tuple[Point, ...]:
    of_run: dict[int, list[PastTrial]] = {}
    for trial in trials:
        of_run.setdefault(place[trial.run.run_id], []).append(trial)
    if quantity is Quantity.TIME:
        return tuple(
            Point(run, {trial.seed: math.log(trial.train_time_s or 1.0) for trial in of_run[run]}, TIME_STEP)
            for run in sorted(of_run)
        )
    return tuple(
        Point(
            run,
            {trial.seed: trial.score for trial in of_run[run]},
            score.step(max(trial.test_images for trial in of_run[run]), of_run[run][0].score),
        )
        for run in sorted(of_run)
    )


def _silence(series: Sequence[Point]) -> Silence | None:
    if len(series) < FEWEST:
        return Silence.FEW_RUNS
    seeds = {seed for point in series for seed in point.values}
    return Silence.ONE_SEED if len(seeds) < FEWEST_SEEDS else None


def _change(
    quantity: Quantity, level_break: Break, series: Sequence[Point], runs: Sequence[RunRecord], score: Score
) -> Change:
    last, first = series[level_break.at - 1].run, series[level_break.at].run
    of_time = quantity is Quantity.TIME
    interval = level_break.interval
    if of_time:
        interval = Interval(math.exp(interval.low), math.exp(interval.high))
    else:
        interval = interval.clipped(-score.widest_gap, score.widest_gap)
    return Change(
        quantity=quantity,
        last=last,
        first=first,
        earliest=series[level_break.earliest - 1].run,
        latest=series[level_break.latest].run,
        before=math.exp(level_break.before) if of_time else level_break.before,
        after=math.exp(level_break.after) if of_time else level_break.after,
        interval=interval,
        better=level_break.after < level_break.before
        if of_time
        else score.better(level_break.after, level_break.before),
        p=level_break.p,
        changed=changed(runs[last], runs[first]),
    )


def _left(trials: Sequence[PastTrial], same: Sequence[PastTrial], machine: str) -> Left:
    every, kept = ({trial.run.run_id for trial in part} for part in (trials, same))
    timed = {trial.run.run_id for trial in same if trial.train_time_s is not None}
    untimed = {trial.run.run_id: trial.run for trial in same if trial.run.run_id not in timed}
    why = Counter(bool(run.machine) and bool(machine) and run.machine != machine for run in untimed.values())
    return Left(data=len(every - kept), machine=why[True], contended=why[False])
