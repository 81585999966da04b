"""Which cell is the best by the score, and whether the lead is more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.intervals import UNKNOWN, Interval, Sample, difference_interval
from bench.analyse.ranking import ranked

if TYPE_CHECKING:
    import pandas as pd

    from bench.core.score import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """The cell with the best mean score on a data set, against the next.

    Attributes:
        runner_up: the cell with the next best mean; None where no other cell has an OK trial.
        difference: mean of the leader less mean of the runner-up, in the unit of the score, so that a lead is negative
            where less is better; NaN without a runner-up.
        interval: Welch's 95 % interval of that difference; unknown if either has fewer than two OK trials.
        tied: whether the interval holds 0; None where there is no interval.
        contenders: every cell that cannot be told from the leader, itself first: its own interval of the difference
            holds 0 or is unknown. Each is compared on its own; nothing is adjusted for the number of cells.
    """

    dataset: str
    cell_id: str
    runner_up: str | None
    difference: float
    interval: Interval
    tied: bool | None
    contenders: tuple[str, ...]


def leaders(summary: pd.DataFrame, score: Score) -> tuple[Leader, ...]:
    """The leader on each data set, in the order of the plan; data sets without an OK trial have none."""
    found = (leader(cells, score) for _, cells in summary.groupby("dataset", sort=False))
    return tuple(best for best in found if best is not None)


def leader(summary: pd.DataFrame, score: Score) -> Leader | None:
    """The best cell of a summary that is all of one data set; None where no trial is OK.

    Equal means leave the first of the plan in front.

    Args:
        summary: the frame of `bench.analyse.stats.summary`.
        score: of the run.
    """
    judged = ranked(summary[summary["n"] > 0], score)
    if judged.empty:
        return None
    samples = {
        str(row["cell_id"]): Sample(int(row["n"]), float(row["score_mean"]), float(row["score_std"]))
        for _, row in judged.iterrows()
    }
    best, *others = samples
    widest = score.widest_gap
    intervals = {other: difference_interval(samples[best], samples[other]).clipped(-widest, widest) for other in others}
    runner_up = others[0] if others else None
    interval = intervals[runner_up] if runner_up else UNKNOWN
    return Leader(
        dataset=str(judged["dataset"].iloc[0]),
        cell_id=best,
        runner_up=runner_up,
        difference=samples[best].mean - samples[runner_up].mean if runner_up else float("nan"),
        interval=interval,
        tied=interval.holds(0.0) if interval.known else None,
        contenders=(best, *(other for other, gap in intervals.items() if gap.holds(0.0) or not gap.known)),
    )
