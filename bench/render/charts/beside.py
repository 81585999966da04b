"""What stands beside the cells of a scatter: their names, or their ranks where names are too long for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.pareto import pareto_front
from bench.analyse.ranking import ranked
from bench.render.charts.axes import position
from bench.render.charts.labels import place_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

NAMED = 5  # cells whose names stand in a panel
CROWD = 20  # cells whose numbers can all stand in a panel; of more, those of the front do
BESIDE = 28  # characters of a name that a panel has room for
PARTS = 16  # an interval is an obstacle at so many places and one


@dataclass(frozen=True, slots=True)
class Names:
    """By cell id, what stands beside its mark, and whether that is its rank in the leaderboard."""

    by_cell: dict[str, str]
    ranks: bool


def names_beside(shown: pd.DataFrame, summary: pd.DataFrame, labels: Mapping[str, str]) -> Names:
    """The labels of the cells shown, or `#3` for the third row of its data set's leaderboard where one is too long."""
    names = {str(cell_id): labels[str(cell_id)] for cell_id in shown["cell_id"]}
    if max(map(len, names.values())) <= BESIDE:
        return Names(names, ranks=False)
    ranks: dict[str, str] = {}
    for _, cells in summary.groupby("dataset", sort=False):
        ranks |= {str(cell_id): f"#{place}" for place, cell_id in enumerate(ranked(cells)["cell_id"], start=1)}
    return Names({cell_id: ranks[cell_id] for cell_id in names}, ranks=True)


def name_cells(
    axes: Axes, cells: pd.DataFrame, seeds: Mapping[str, pd.DataFrame], names: Names, *, spread: bool
) -> None:
    """Names the most accurate cells of a panel beside their marks; numbers fit for all or the front."""
    marks = [
        (
            float(row["train_time_median_s"]),
            position(row["accuracy_mean"], spread=spread),
            names.by_cell[str(row["cell_id"])],
        )
        for _, row in ranked(cells).iterrows()
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
    front = {names.by_cell[cell_id] for cell_id in pareto_front(cells)}
    named = marks if names.ranks and len(marks) <= CROWD else [m for m in marks if m[2] in front] or marks
    named = named if names.ranks else marks[:NAMED]
    place_labels(axes, named, [*dots, *bars, *((x, y) for x, y, _ in marks)])
