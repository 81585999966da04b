"""The Pareto front: the cells that no other beats both in accuracy and in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def pareto_front(cells: pd.DataFrame) -> tuple[str, ...]:
    """The ids of the cells on the front, the quickest first.

    A cell is on it when every cell that trains as fast is less accurate, or is the same point. Means and medians are
    compared as they are; whether neighbours on the front can be told apart is the leaderboard's to say.

    Args:
        cells: of one data set and device; cell_id, accuracy_mean and train_time_median_s are read, none missing.
    """
    ordered = cells.sort_values(["train_time_median_s", "accuracy_mean"], ascending=[True, False], kind="stable")
    front: list[str] = []
    best, at = float("-inf"), float("nan")
    for cell_id, accuracy, time in zip(
        ordered["cell_id"], ordered["accuracy_mean"], ordered["train_time_median_s"], strict=True
    ):
        if accuracy > best or (accuracy == best and time == at):
            front.append(str(cell_id))
            best, at = float(accuracy), float(time)
    return tuple(front)
