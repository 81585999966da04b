"""The Pareto front: the cells that no other beats both in score and in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from bench.core.score import Score


def pareto_front(cells: pd.DataFrame, score: Score) -> tuple[str, ...]:
    """The ids of the cells on the front, the quickest first.

    A cell is on it when every cell that trains as fast has a worse score, or is the same point. Means and medians are
    compared as they are; whether neighbours on the front can be told apart is the leaderboard's to say.

    Args:
        cells: of one data set and device; cell_id, score_mean and train_time_median_s are read, none missing.
        score: of the run.
    """
    ordered = cells.sort_values(
        ["train_time_median_s", "score_mean"], ascending=[True, not score.higher_is_better], kind="stable"
    )
    front: list[str] = []
    best, at = float("-inf"), float("nan")
    for cell_id, mean, time in zip(
        ordered["cell_id"], ordered["score_mean"], ordered["train_time_median_s"], strict=True
    ):
        gain = score.gain(float(mean))
        if gain > best or (gain == best and time == at):
            front.append(str(cell_id))
            best, at = gain, float(time)
    return tuple(front)
