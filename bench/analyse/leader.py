"""Which cell is the best by the score, and whether the lead is more than chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.analyse.differences import FEWEST
from bench.analyse.intervals import UNKNOWN, Interval
from bench.analyse.ranking import cell_sample, ranked
from bench.analyse.separation import separation

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

    from bench.core.score import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """The cell with the best mean score on a data set, against the next.

    Attributes:
        mean: the interval of the leader's mean, 95 % for all cells with a rank together, because the best of them was
            picked; unknown if it has a single OK trial.
        runner_up: the cell with the next best mean; None where no other cell has an OK trial.
        difference: mean of the leader less mean of the runner-up, in the unit of the score, so that a lead is negative
            where less is better; NaN without a runner-up.
        interval: of that difference, 95 % for all pairs of cells of the data set together; unknown if either has one
            OK trial.
        tied: whether the interval holds 0; None where there is no interval.
        contenders: every cell that may be the best, the leader first: those of rank 1, and those with one seed,
            whose deviation is unknown.
        ranked: how many cells of the data set have a rank.
    """

    dataset: str
    cell_id: str
    mean: Interval
    runner_up: str | None
    difference: float
    interval: Interval
    tied: bool | None
    contenders: tuple[str, ...]
    ranked: int

    @property
    def pairs(self) -> int:
        """How many pairs of cells the interval is one of."""
        return math.comb(self.ranked, 2)


def leaders(summary: pd.DataFrame, score: Score) -> tuple[Leader, ...]:
    """The leader on each data set, in the order of the plan; data sets without an OK trial have none."""
    winners = (leader(cells, score) for _, cells in summary.groupby("dataset", sort=False))
    return tuple(winner for winner in winners if winner is not None)


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
    rows = {str(row["cell_id"]): row for row in judged.to_dict("records")}
    best, *others = rows
    runner_up = others[0] if others else None
    mean, interval = _intervals(rows, best, runner_up, score)
    return Leader(
        dataset=str(judged["dataset"].iloc[0]),
        cell_id=best,
        mean=mean,
        runner_up=runner_up,
        difference=rows[best]["score_mean"] - rows[runner_up]["score_mean"] if runner_up else math.nan,
        interval=interval,
        tied=interval.holds(0.0) if interval.known else None,
        contenders=(best, *(other for other in others if rows[other]["n"] < FEWEST or rows[other]["rank"] == 1)),
        ranked=sum(row["n"] >= FEWEST for row in rows.values()),
    )


def _intervals(
    rows: Mapping[str, Mapping[Hashable, Any]], best: str, runner_up: str | None, score: Score
) -> tuple[Interval, Interval]:
    """Of the leader's mean, and of what it leads the runner-up by."""
    samples = {cell_id: cell_sample(row, score) for cell_id, row in rows.items() if row["n"] >= FEWEST}
    if best not in samples:
        return UNKNOWN, UNKNOWN
    places = {cell_id: place for place, cell_id in enumerate(samples)}
    pairs = separation(list(samples.values()))
    of_mean = pairs.mean_interval(places[best], samples[best].spread_alone / math.sqrt(samples[best].n))
    lead = pairs.interval(places[best], places[runner_up]) if runner_up in places else UNKNOWN
    return of_mean.clipped(score.floor, score.ceiling), lead.clipped(-score.widest_gap, score.widest_gap)
