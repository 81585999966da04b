"""Ranks that say no more than the seeds do: cells that cannot be told apart share one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.intervals import Sample, difference_interval

if TYPE_CHECKING:
    import pandas as pd

    from bench.core.score import Score


def ranked(summary: pd.DataFrame, score: Score) -> pd.DataFrame:
    """The rows of one data set, the best mean score first, those without a result last, the plan's order kept."""
    return summary.sort_values("score_mean", ascending=not score.higher_is_better, kind="stable", na_position="last")


def shared_ranks(summary: pd.DataFrame, score: Score) -> dict[str, int]:
    """The rank of every cell with a result, by id; cells of a group share the rank of its first.

    Going down the means, a cell joins the group above it while it cannot be told from that group's first cell: the 95 %
    interval of their difference (Welch) holds 0. The first cell that can be told from it opens the next group, at the
    rank of its place. A cell with one seed has no interval, joins no group and opens its own.

    Args:
        summary: the rows of one data set of `bench.analyse.stats.summary`.
        score: of the run.
    """
    ranks: dict[str, int] = {}
    first: Sample | None = None
    rank = 0
    for place, (_, row) in enumerate(ranked(summary[summary["n"] > 0], score).iterrows(), start=1):
        values = Sample(int(row["n"]), float(row["score_mean"]), float(row["score_std"]))
        if first is None or not difference_interval(first, values).holds(0.0):
            first, rank = values, place
        ranks[str(row["cell_id"])] = rank
    return ranks
