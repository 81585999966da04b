"""What stands beside the cells of a scatter: their names, or their ranks where names are too long for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.render.charts.axes import position
from bench.render.charts.labels import place_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

NAMED = 5  # cells whose names stand in a panel
BESIDE = 28  # characters of a name that a panel has room for
PARTS = 16  # an interval is an obstacle at so many places and one


@dataclass(frozen=True, slots=True)
class Names:
    """By cell id, what stands beside its mark, and whether that is its rank in the leaderboard."""

    by_cell: dict[str, str]
    ranks: bool


def names_beside(shown: pd.DataFrame, summary: pd.DataFrame, labels: Mapping[str, str]) -> Names:
    """The labels of the cells shown, or `#3` for the third of its data set's leaderboard where one is too long."""
    names = {str(cell_id): labels[str(cell_id)] for cell_id in shown["cell_id"]}
    if max(map(len, names.values())) <= BESIDE:
        return Names(names, ranks=False)
    ranks: dict[str, str] = {}
    for _, cells in summary.groupby("dataset", sort=False):
        ranked = cells.sort_values("accuracy_mean", ascending=False, kind="stable", na_position="last")["cell_id"]
        ranks |= {str(cell_id): f"#{rank}" for rank, cell_id in enumerate(ranked, start=1)}
    return Names({cell_id: ranks[cell_id] for cell_id in names}, ranks=True)


def name_cells(
    axes: Axes, cells: pd.DataFrame, seeds: Mapping[str, pd.DataFrame], names: Names, *, spread: bool
) -> None:
    """Names the most accurate cells of a panel beside their marks; ranks are short enough for all."""
    ranked = cells.sort_values("accuracy_mean", ascending=False, kind="stable")
    marks = [
        (
            float(row["train_time_median_s"]),
            position(row["accuracy_mean"], spread=spread),
            names.by_cell[str(row["cell_id"])],
        )
        for _, row in ranked.iterrows()
    ]
    dots = [
        (float(x), position(y, spread=spread))
        for cell_id in cells["cell_id"]
        for x, y in zip(seeds[str(cell_id)]["train_time_s"], seeds[str(cell_id)]["accuracy"], strict=True)
    ]
    bars = [
        (float(row["train_time_median_s"]), position(low + part / PARTS * (high - low), spread=spread))
        for _, row in cells[cells["n"] > 1].iterrows()
        for low, high in [(float(row["accuracy_low"]), float(row["accuracy_high"]))]
        for part in range(PARTS + 1)
    ]
    named = marks if names.ranks else marks[:NAMED]
    place_labels(axes, named, [*dots, *bars, *((x, y) for x, y, _ in marks)])
