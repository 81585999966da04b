"""Labels of the cells of a scatter plot: their names, or letters on the front if names are too long."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING

from bench.analyse.ranking import ranked
from bench.render.charts.axes import Spacing, position
from bench.render.charts.labels import place_labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from bench.core.score import Score

NAMED = 5  # cells that are named in a panel
WIDEST = 28  # characters of a name that a panel has room for
PARTS = 16  # an interval is an obstacle at so many places and one


@dataclass(frozen=True, slots=True)
class Names:
    """Labels of the marks, by cell id.

    Attributes:
        lettered: whether labels are letters, for cells of the front only; the findings below the chart explain them.
    """

    by_cell: dict[str, str]
    lettered: bool


def cell_names(
    cells: pd.DataFrame, front: Sequence[str], labels: Mapping[str, str], network_of: Mapping[str, str]
) -> Names:
    """The labels of the cells drawn; letters for the cells of the front, the fastest first, if a label is too long.

    Args:
        cells: that are drawn, in all panels.
        front: the ids of the cells on the front of each panel.
        labels: by cell id.
        network_of: by cell id, what all cells of a network share; a cell that is not in it is one of its own.
    """
    names = {str(cell_id): labels[str(cell_id)] for cell_id in cells["cell_id"]}
    if max(map(len, names.values())) <= WIDEST:
        return Names(names, lettered=False)
    networks = {cell_id: network_of.get(cell_id, cell_id) for cell_id in front}
    letters = dict(zip(dict.fromkeys(networks.values()), ascii_uppercase, strict=False))
    return Names({cell_id: letters[of] for cell_id, of in networks.items() if of in letters}, lettered=True)


def name_cells(
    axes: Axes, cells: pd.DataFrame, seeds: Mapping[str, pd.DataFrame], names: Names, score: Score, *, by: Spacing
) -> None:
    """Writes labels next to the marks of the best cells of a panel, or of all cells with a letter."""
    places = {
        str(row["cell_id"]): (float(row["train_time_median_s"]), position(float(row["score_mean"]), by))
        for _, row in ranked(cells, score).iterrows()
    }
    dots = [
        (float(x), position(float(y), by))
        for cell_id in cells["cell_id"]
        for x, y in zip(seeds[str(cell_id)]["train_time_s"], seeds[str(cell_id)]["score"], strict=True)
    ]
    bars = [
        (float(row["train_time_median_s"]), position(low + part / PARTS * (high - low), by))
        for _, row in cells[cells["n"] > 1].iterrows()
        for low, high in [(float(row["score_low"]), float(row["score_high"]))]
        for part in range(PARTS + 1)
    ]
    named = [(*place, names.by_cell[cell_id]) for cell_id, place in places.items() if cell_id in names.by_cell]
    place_labels(
        axes, named if names.lettered else named[:NAMED], [*dots, *bars, *places.values()], list(places.values())
    )
