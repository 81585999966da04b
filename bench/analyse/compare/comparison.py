"""B compared with A, cell by cell: scores, with times and test examples. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.analyse.compare.changes import Change, cell_changes, common, environment_changes
from bench.analyse.compare.flipped import flips_of_cell
from bench.analyse.compare.times import ratio_of_cell, ratio_of_cells
from bench.analyse.differences import comparable, differences
from bench.analyse.gate.side import same_score
from bench.analyse.intervals import UNKNOWN, Interval, Sample, score_sample
from bench.core.errors import BenchError
from bench.core.formatting import elided

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analyse.compare.flipped import FlippedExample
    from bench.analyse.compare.obstacles import Obstacle
    from bench.analyse.compare.party import CellSide, Party
    from bench.analyse.gate.pace import Ratio
    from bench.core.score import Score
    from bench.record.baseline import AcceptedSeed
    from bench.record.evidence import Flips

NAMED = 8  # cells that an error can name
NAME_WIDTH = 90  # characters of a name that an error can carry


class Call(StrEnum):
    """How a cell's score changed from A to B."""

    WORSE = "worse"
    BETTER = "better"
    OPEN = "may be equal"
    SAME = "identical results"
    VOID = "no result"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellComparison:
    """A cell that both sides have.

    Attributes:
        changes: what differs in how it was declared and trained.
        means: the scores of A and B.
        difference: mean score of B less that of A, in the score's unit and sign; NaN where a side has none.
        interval: of the difference, 95 % for all cells of the comparison together; unknown where a side has fewer than
            two seeds, and for the same trainings, whose difference is not due to chance. The call is worse or better
            exactly if the interval excludes 0.
        same: seeds that ended with the same weights on both sides, or are the same trial on both sides.
        ratio: time of a training, B's over A's, of the geometric means over seeds; None where times cannot be compared.
        untimed: why times cannot be compared; None if they can.
        flips: test examples that most seeds judge differently; None if that is not known.
        flipped: each of these examples.
        unflipped: why flips are not known; None if they are.
    """

    cell_id: str
    before: CellSide
    after: CellSide
    call: Call
    changes: tuple[Change, ...]
    means: tuple[Sample, Sample]
    difference: float
    interval: Interval
    same: int
    ratio: Ratio | None
    untimed: Obstacle | None
    flips: Flips | None
    flipped: tuple[FlippedExample, ...]
    unflipped: Obstacle | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """B compared with A.

    Attributes:
        cells: cells that both sides have, in the order of A.
        only_before: cells that B does not have.
        only_after: cells that A does not have.
        shared: the changes that all `cells` have in common.
        environment: what differs between hosts, versions and checkouts.
        ratio: time of a training, the geometric mean over all cells whose times can be compared; None for none.
        score: what both sides are ranked by.
        judged: how many cells have an interval; their calls have one error rate together.
    """

    before: Party
    after: Party
    cells: tuple[CellComparison, ...]
    only_before: tuple[CellSide, ...]
    only_after: tuple[CellSide, ...]
    shared: tuple[Change, ...]
    environment: tuple[Change, ...]
    ratio: Ratio | None
    score: Score
    judged: int

    def having(self, call: Call) -> tuple[CellComparison, ...]:
        """The cells with this call."""
        return tuple(cell for cell in self.cells if cell.call is call)

    @property
    def timed(self) -> tuple[CellComparison, ...]:
        """The cells whose times can be compared."""
        return tuple(cell for cell in self.cells if cell.ratio)

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        differs = self.only_before or self.only_after or self.environment or any(cell.changes for cell in self.cells)
        return not differs and all(
            cell.call is Call.SAME or (cell.call is Call.VOID and cell.before == cell.after) for cell in self.cells
        )


def compare(before: Party, after: Party) -> Comparison:
    """What differs from A to B.

    A cell is called better or worse where the interval of its difference excludes 0. Intervals are 95 % for all cells
    together (`bench.analyse.differences`): if nothing has changed, at most 5 % of comparisons call a cell better or
    worse.

    Args:
        before: A.
        after: B.

    Raises:
        BenchError: they have no cell in common, or are ranked by different scores.
    """
    if not same_score(before.score, after.score):
        first, second = before.score, after.score
        raise BenchError(
            f"A is ranked by {first.heading} ({first.direction}) and B by {second.heading} ({second.direction}): their "
            "scores cannot be compared.",
            hint=f'Write score = "{first.name}" under [suite] of B, or that of B in A, and run it again.',
        )
    shared = [cell_id for cell_id in before.cells if cell_id in after.cells]
    if not shared:
        raise BenchError(
            f"A and B have no cell in common. A has {_named(before.cells)}; B has {_named(after.cells)}.",
            hint="Cells are matched by their ids: compare runs of one suite, or of suites that share cells.",
        )
    pairs = {cell_id: _pair(before.cells[cell_id], after.cells[cell_id], before, after) for cell_id in shared}
    judged = {cell_id: pair for cell_id, pair in pairs.items() if pair.judged}
    gaps = differences([pair.means[::-1] for pair in judged.values()])
    intervals = {cell_id: gap.interval for cell_id, gap in zip(judged, gaps, strict=True)}
    cells = tuple(
        _cell(cell_id, pair, before, after, intervals.get(cell_id, UNKNOWN)) for cell_id, pair in pairs.items()
    )
    return Comparison(
        before=before,
        after=after,
        cells=cells,
        only_before=tuple(side for cell_id, side in before.cells.items() if cell_id not in after.cells),
        only_after=tuple(side for cell_id, side in after.cells.items() if cell_id not in before.cells),
        shared=common([cell.changes for cell in cells]),
        environment=environment_changes(before, after),
        ratio=ratio_of_cells([(cell.before, cell.after) for cell in cells if cell.ratio]),
        score=after.score,
        judged=len(judged),
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both sides of a cell.

    Attributes:
        means: their scores.
        same: how many seeds are the same training on both.
    """

    before: CellSide
    after: CellSide
    means: tuple[Sample, Sample]
    same: int

    @property
    def identical(self) -> bool:
        """Whether all seeds of both sides are the same trainings."""
        return self.same > 0 and self.same == len(self.before.values) == len(self.after.values)

    @property
    def judged(self) -> bool:
        """Whether the difference can be tested against chance."""
        return comparable(*self.means) and not self.identical


def _pair(was: CellSide, now: CellSide, before: Party, after: Party) -> _Pair:
    first, second = (score_sample(side.values, after.score, side.cell.images) for side in (was, now))
    return _Pair(was, now, (first, second), _same_seeds(was, now, one_run=before.run_id == after.run_id))


def _cell(cell_id: str, pair: _Pair, before: Party, after: Party, interval: Interval) -> CellComparison:
    was, now, (first, second), score = pair.before, pair.after, pair.means, after.score
    interval = interval.clipped(-score.widest_gap, score.widest_gap)
    ratio, untimed = ratio_of_cell(was, now)
    flips, flipped, unflipped = flips_of_cell(was, now, before, after)
    return CellComparison(
        cell_id=cell_id,
        before=was,
        after=now,
        call=_call(pair, interval, score),
        changes=cell_changes(was, now),
        means=(first, second),
        difference=second.mean - first.mean,
        interval=interval,
        same=pair.same,
        ratio=ratio,
        untimed=untimed,
        flips=flips,
        flipped=flipped,
        unflipped=unflipped,
    )


def _call(pair: _Pair, interval: Interval, score: Score) -> Call:
    if not pair.before.values or not pair.after.values:
        return Call.VOID
    if pair.identical:
        return Call.SAME
    # an unknown interval is neither: NaN compares as false
    low, high = sorted((score.gain(interval.low), score.gain(interval.high)))
    return Call.WORSE if high < 0 else Call.BETTER if low > 0 else Call.OPEN


def _same_seeds(before: CellSide, after: CellSide, *, one_run: bool) -> int:
    """How many seeds are the same training on both sides: the same weights on the same data, or the same trial.

    Runs identify a trial by its id. A baseline does not keep the id; a trial that it took from a store has the same
    seconds on both sides, to the microsecond.
    """
    if before.cell.data_sha256 != after.cell.data_sha256:
        return 0
    known = {seed.seed: seed for seed in before.cell.seeds}

    def same(now: AcceptedSeed) -> bool:
        was = known.get(now.seed)
        if was is None or was.score != now.score:
            return False
        weights = before.weights.get(now.seed)
        return (
            one_run
            or (weights is not None and weights == after.weights.get(now.seed))
            or _one_trial(was, now, before.trial_ids.get(now.seed), after.trial_ids.get(now.seed))
        )

    return sum(same(seed) for seed in after.cell.seeds)


def _one_trial(was: AcceptedSeed, now: AcceptedSeed, before: str | None, after: str | None) -> bool:
    if before is not None and after is not None:
        return before == after
    return was.train_time_s is not None and was.train_time_s == now.train_time_s


def _named(cells: Iterable[str]) -> str:
    ids = [elided(cell_id, NAME_WIDTH) for cell_id in cells]
    if not ids:
        return "none"
    return ", ".join(ids[:NAMED]) + (f" and {len(ids) - NAMED} more" if len(ids) > NAMED else "")


def worst_first(cells: Iterable[CellComparison], score: Score) -> list[CellComparison]:
    """Cells by their difference, the largest change for the worse first; cells without a difference last."""
    return sorted(cells, key=lambda cell: (math.isnan(cell.difference), score.gain(cell.difference)))
