"""The colours of curves that are too many for a colour each: by the setting that moves the score most."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.effects import effects
from bench.render.charts.canvas import name
from bench.render.charts.levels import SETTING, setting
from bench.render.charts.palette import SERIES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bench.analyse.axes import Grid
    from bench.core.score import Score

MOST = 0.75
"""Of the curves: a setting that gives more than that the same colour separates nothing."""
ABSENT = "muted"


@dataclass(frozen=True, slots=True)
class Colouring:
    """A colour for each curve.

    Attributes:
        axis: the setting whose values have colours.
        by_cell: a colour of the palette by cell id.
        keys: text and colour of the legend, in the order of the values.
    """

    axis: str
    by_cell: dict[str, str]
    keys: tuple[tuple[str, str], ...]


def colouring(grids: Sequence[Grid], drawn: Collection[str], score: Score) -> Colouring | None:
    """The setting with the largest effect that gives no colour to more than three quarters of the curves.

    Args:
        grids: all cells on their axes.
        drawn: ids of the cells that have a curve.
        score: of the run.

    Returns:
        None if no setting fits; colours are then those of architectures.
    """
    cells = {cell.cell_id: cell for grid in grids for cell in grid.cells if cell.cell_id in drawn}
    for axis in dict.fromkeys(effect.axis.name for grid in grids for effect in effects(grid, score)):
        level_of = {cell_id: cell.levels.get(axis) for cell_id, cell in cells.items()}
        levels = [
            level
            for level in dict.fromkeys(
                level
                for grid in grids
                for grid_axis in grid.axes
                if grid_axis.name == axis
                for level in grid_axis.levels
            )
            if level in level_of.values()
        ]
        if 1 < len(levels) <= SERIES and max(Counter(level_of.values()).values()) <= MOST * len(cells):
            colours = {level: f"series-{place}" for place, level in enumerate(levels)}
            keys = [(setting(axis, level), colour) for level, colour in colours.items()]
            if None in level_of.values():
                keys.append((f"without {name(axis, SETTING)}", ABSENT))
            by_cell = {cell_id: colours[level] if level is not None else ABSENT for cell_id, level in level_of.items()}
            return Colouring(axis, by_cell, tuple(keys))
    return None
