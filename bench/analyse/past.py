"""A cell over the runs of its suite: what each trained of it, and whether the last run differs from the one before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.intervals import UNKNOWN, Interval, difference_interval, mean_interval, sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.core.score import Score
    from bench.record.history import PastTrial
    from bench.record.records import RunRecord

ERROR = 0.05
"""The error of all comparisons of cells together (Bonferroni)."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a run trained of a cell.

    Attributes:
        run: its place among the runs, 0 for the oldest.
        scores: of its seeds.
        time_s: median training time of the trials that ran alone; NaN for none.
    """

    run: int
    scores: tuple[float, ...]
    time_s: float

    @property
    def mean(self) -> float:
        """Over the seeds."""
        return sample(list(self.scores)).mean

    def interval(self, score: Score) -> Interval:
        """Student's 95 % interval of the mean, within the bounds of the score; unknown for one seed."""
        reach = mean_interval(sample(list(self.scores)))
        return reach.clipped(score.floor, score.ceiling) if reach.known else UNKNOWN


@dataclass(frozen=True, slots=True)
class Changes:
    """Cells whose last run differs from the run before it that trained the same cell.

    Attributes:
        compared: how many cells two runs trained.
        gaps: by cell id, last mean less the one before, in the unit of the score; only where the two differ by more
            than chance (Welch, 5 % over all cells compared). The largest change comes first.
    """

    compared: int
    gaps: dict[str, float]


def past_line(past: Sequence[PastTrial], runs: Sequence[RunRecord], cell_id: str) -> list[Past]:
    """A cell's runs, the oldest first; those that trained none of it are left out."""
    line = []
    for place, run in enumerate(runs):
        trials = [trial for trial in past if trial.run.run_id == run.run_id and trial.cell_id == cell_id]
        if trials:
            times = sorted(trial.train_time_s for trial in trials if trial.train_time_s is not None)
            middle = (times[(len(times) - 1) // 2] + times[len(times) // 2]) / 2 if times else math.nan
            line.append(Past(place, tuple(trial.score for trial in trials), middle))
    return line


def changes(lines: Mapping[str, Sequence[Past]]) -> Changes:
    """What has changed from each cell's last run but one to its last.

    Args:
        lines: by cell id, of `past_line`.
    """
    pairs = {cell_id: (line[-2], line[-1]) for cell_id, line in lines.items() if len(line) > 1}
    gaps = {}
    for cell_id, (before, now) in pairs.items():
        first, second = sample(list(before.scores)), sample(list(now.scores))
        interval = difference_interval(second, first, 1 - ERROR / len(pairs))
        if interval.known and not interval.holds(0.0):
            gaps[cell_id] = second.mean - first.mean
    return Changes(len(pairs), dict(sorted(gaps.items(), key=lambda item: -abs(item[1]))))
