"""The colours of curves, as the report's chart of learning curves has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.render.charts.colouring import colouring
from bench.render.charts.curves import FOLLOWED
from bench.render.charts.learning_curves import curves_of as curves_of_chart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from bench.analyse.axes import Grid
    from bench.core.score import Score
    from bench.render.charts.palette import Style


@dataclass(frozen=True, slots=True)
class CurveColours:
    """What the colours of curves stand for.

    Attributes:
        axis: the setting whose values have colours; empty where they are those of architectures or of cells.
        by_cell: a colour of the palette by cell id where each cell has its own; empty elsewhere.
    """

    axis: str
    by_cell: Mapping[str, str]


def curve_colours(
    epochs: pd.DataFrame, axes: Sequence[Grid], cells: pd.DataFrame, looks: Mapping[str, Style], score: Score
) -> CurveColours:
    """The colours that the chart of learning curves gives to these cells.

    Args:
        epochs: of the OK trials.
        axes: all cells of the run on their axes.
        cells: the summary of the cells that are drawn.
        looks: by architecture.
        score: of the run.
    """
    if len(cells) > FOLLOWED:
        by_setting = colouring(axes, set(map(str, cells["cell_id"])), score)
        return CurveColours(by_setting.axis if by_setting else "", {})
    architectures = dict(zip(map(str, cells["cell_id"]), cells["architecture"], strict=True))
    drawn = {curve.cell_id: curve.style.colour for curve in curves_of_chart(epochs, looks)}
    same = all(colour == looks[str(architectures[cell_id])].colour for cell_id, colour in drawn.items())
    return CurveColours("", {} if same else drawn)
