"""A cell over the runs of its suite: what each trained of it, and whether the last run differs from the one before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.differences import comparable, differing
from bench.analyse.intervals import Interval, Sample, mean_interval, score_sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.core.score import Score
    from bench.record.history import PastTrial
    from bench.record.records import RunRecord


@dataclass(frozen=True, slots=True)
class Past:
    """What a run trained of a cell.

    Attributes:
        run: its place among the runs, 0 for the oldest.
        scores: of its seeds.
        time_s: median training time of the trials that ran alone; NaN for none.
        test_images: examples they were tested on; 0 where that is not known.
    """

    run: int
    scores: tuple[float, ...]
    time_s: float
    test_images: int = 0

    def sample(self, score: Score) -> Sample:
        """What its seeds are together."""
        return score_sample(self.scores, score, self.test_images)

    def interval(self, score: Score) -> Interval:
        """Student's 95 % interval of the mean, within the bounds of the score; unknown for one seed."""
        return mean_interval(self.sample(score)).clipped(score.floor, score.ceiling)


@dataclass(frozen=True, slots=True)
class Changes:
    """Cells whose last run differs from the run before it that trained the same cell.

    Attributes:
        compared: how many cells two runs trained with two seeds or more each.
        single: how many two runs trained, one of them with a single seed: of these the data cannot say anything.
        gaps: by cell id, last mean less the one before, in the unit of the score; only where the two differ by more
            than chance, at an error of 5 % over all cells compared (`bench.analyse.differences`). The largest change
            comes first.
    """

    compared: int
    single: int
    gaps: dict[str, float]


def past_line(past: Sequence[PastTrial], runs: Sequence[RunRecord], cell_id: str) -> list[Past]:
    """A cell's runs, the oldest first; those that trained none of it are left out."""
    line = []
    by_run: dict[str, list[PastTrial]] = {}
    for trial in past:
        if trial.cell_id == cell_id:
            by_run.setdefault(trial.run.run_id, []).append(trial)
    for place, run in enumerate(runs):
        trials = by_run.get(run.run_id, ())
        if trials:
            times = sorted(trial.train_time_s for trial in trials if trial.train_time_s is not None)
            middle = (times[(len(times) - 1) // 2] + times[len(times) // 2]) / 2 if times else math.nan
            images = max(trial.test_images for trial in trials)
            line.append(Past(place, tuple(trial.score for trial in trials), middle, images))
    return line


def changes(lines: Mapping[str, Sequence[Past]], score: Score) -> Changes:
    """What has changed from each cell's last run but one to its last.

    Args:
        lines: by cell id, of `past_line`.
        score: what they reached.
    """
    pairs = {cell_id: (line[-2].sample(score), line[-1].sample(score)) for cell_id, line in lines.items() if line[1:]}
    changed = differing(list(pairs.values()))
    gaps = {
        cell_id: now.mean - before.mean
        for (cell_id, (before, now)), differs in zip(pairs.items(), changed, strict=True)
        if differs
    }
    compared = sum(comparable(*pair) for pair in pairs.values())
    return Changes(compared, len(pairs) - compared, dict(sorted(gaps.items(), key=lambda item: -abs(item[1]))))
