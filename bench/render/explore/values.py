"""What the section and its script see: frozen values, every number that is printed already text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """How an architecture is drawn.

    Attributes:
        colour: a name of `palette.COLOURS`.
        shape: an SVG path in the square from -1 to 1.
    """

    colour: str
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GridAxis:
    """A setting in which cells differ.

    Attributes:
        values: as text, in order.
        architectures: for each value the architecture whose shape it has; empty for all axes but architecture.
        colours: a name of `palette.COLOURS` for each value; empty for more values than there are colours.
        ticked: for each value whether it is chosen at first.
    """

    name: str
    values: tuple[str, ...]
    architectures: tuple[int, ...]
    colours: tuple[str, ...]
    ticked: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotAxis:
    """A measure that an axis of the plot can show.

    Attributes:
        title: heading and unit.
        interval: what the interval around a value is; empty for none.
        small: whether small values are the good ones.
        logarithmic: whether values differ so much that a logarithmic axis shows them better.
        ceiling: where that axis is one of the distance from the highest possible value, this value in the unit of the
            axis; None for an axis of the values themselves.
        ceiling_text: the same, as printed.
    """

    key: str
    heading: str
    title: str
    interval: str
    small: bool
    logarithmic: bool
    ceiling: float | None
    ceiling_text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A curve of a cell over its epochs.

    Attributes:
        middle: median over seeds, as printed; its number is the number that is drawn.
        low: the least of the seeds, in the unit of `middle`.
        high: the greatest.
    """

    middle: tuple[str, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploredCell:
    """A cell, with its values in the order of the plot's axes and in their units.

    Attributes:
        rank: by `bench.analyse.ranking.ranks`, on its data set; `-` for a cell that has none.
        place: number of its data set and device: cells of one place have a Pareto front together.
        at: for each axis of the grid the number of its value.
        colour: of its curve, where every cell has its own; empty elsewhere.
        seeds: for each OK trial its seed and its values.
        elapsed: seconds of training up to the end of each epoch, median over timed trials; empty without any.
        lines: in the order of `Exploration.curves`.
    """

    label: str
    rank: str
    architecture: int
    place: int
    colour: str
    at: tuple[int, ...]
    trials: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    texts: tuple[str, ...]
    intervals: tuple[str, ...]
    seeds: tuple[tuple[int, tuple[float | None, ...]], ...]
    elapsed: tuple[float | None, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """A run to explore.

    Attributes:
        coloured_by: number of the setting whose values colour the curves, as in the chart of learning curves; None for
            the colours of architectures, or of cells.
        across: number of the axis that the plot has across at first.
        up: number of the axis that it has upwards at first.
        curves: headings of what was recorded epoch by epoch.
        timed: whether the timing of any trial counts.
        best: what the first cells have, such as `highest accuracy`.
        cells: the best first.
    """

    architectures: tuple[Architecture, ...]
    grid: tuple[GridAxis, ...]
    axes: tuple[PlotAxis, ...]
    coloured_by: int | None
    across: int
    up: int
    timed: bool
    curves: tuple[str, ...]
    best: str
    cells: tuple[ExploredCell, ...]
