"""Accuracy over two axes of the grid at a time, as fields whose colour is their accuracy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.patches import Patch, Rectangle

from bench.analyse.effects import effects
from bench.analyse.pairs import pairs
from bench.core.formatting import percent, plural, points
from bench.render.charts.axes import position, spread_errors
from bench.render.charts.canvas import Chart, canvas, name, svg_text
from bench.render.charts.levels import SETTING, companions, name_levels, only_on, setting
from bench.render.charts.palette import HEATS, INKED, stand_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from bench.analyse.axes import Grid
    from bench.analyse.effects import Effect
    from bench.analyse.pairs import Field, Pair

NAME = "heat-maps"
NARROW = 7  # columns of a panel that is half a page wide
LINE = 30  # pixels of a row
BESIDE = 18  # characters of a level beside a panel
WIDE = 0.01  # a range of accuracies beyond which a tenth of a point is enough


@dataclass(frozen=True, slots=True)
class Heat:
    """From accuracies to steps of colour, the same for all panels."""

    low: float
    high: float
    spread: bool

    def step(self, accuracy: float) -> int:
        """0 for the lowest accuracies, `HEATS` - 1 for the highest."""
        low, high = (position(end, spread=self.spread) for end in (self.low, self.high))
        part = (position(accuracy, spread=self.spread) - low) / (high - low) if high > low else 1.0
        return min(int(part * HEATS), HEATS - 1)

    def start(self, step: int) -> float:
        """The accuracy at which a step starts."""
        low, high = (position(end, spread=self.spread) for end in (self.low, self.high))
        place = low + (high - low) * step / HEATS
        return 1 - 10**-place if self.spread else place

    @property
    def digits(self) -> int:
        """After the point of a percentage."""
        return 1 if self.high - self.low > WIDE else 2


def heat_maps(grids: Sequence[Grid]) -> Chart | None:
    """A panel per pair of axes, the pairs with the largest effects first; of the first data set that has a pair.

    Returns:
        None where no two axes make a plane.
    """
    for grid in grids:
        found = effects(grid)
        planes = pairs(grid, found)
        if planes:
            return _chart(grid, grids, found, planes)
    return None


def _chart(grid: Grid, grids: Sequence[Grid], found: Sequence[Effect], planes: Sequence[Pair]) -> Chart:
    planes = [_turned(plane) for plane in planes]
    fields = [field for plane in planes for row in plane.fields for field in row]
    means = [field.mean for field in fields if field.cells]
    heat = Heat(min(means), max(means), spread_errors(means))
    title = _finding(planes)
    columns = 1 if len(planes) == 1 or any(len(plane.columns) > NARROW for plane in planes) else 2
    rows = [planes[start : start + columns] for start in range(0, len(planes), columns)]
    heights = [max(len(plane.rows) for plane in row) for row in rows]
    with canvas(34 + sum(LINE * lines + 84 for lines in heights)) as figure:
        places = figure.add_gridspec(len(rows), columns, height_ratios=[LINE * lines + 50 for lines in heights])
        for index, plane in enumerate(planes):
            _panel(figure.add_subplot(places[index // columns, index % columns]), plane, heat, 640 / columns)
        if heat.high > heat.low:
            figure.legend(
                handles=_keys(heat), loc="outside upper left", ncols=HEATS, handlelength=1.0, columnspacing=1.1,
                handletextpad=0.45,
            )  # fmt: skip
        alt = f"Heat maps of test accuracy over {_panels(planes)}. {title}."
        svg = svg_text(figure, NAME, title, alt)
    note = (
        "A field is the mean test accuracy, in percent, of all cells that have both values, over their seeds and all "
    )
    note += "other settings. The further its colour is from the page, the more accurate."
    partial = any(0 < field.cells < field.planned for field in fields)
    note += " * Some cells of the field have no result." if partial else ""
    note += " A struck field has cells, but none with a result." if any(_struck(field) for field in fields) else ""
    note += " Where nothing is drawn the grid has no cell." if any(not field.planned for field in fields) else ""
    return Chart(
        name=NAME,
        heading="Accuracy over two settings at a time",
        title=title,
        alt=alt,
        note=note + _count(found, planes) + companions(one.axis for one in found) + only_on(grid, grids),
        svg=svg,
        columns=("settings", "mean accuracy", "cells with a result", "cells"),
        rows=tuple(
            (
                f"{setting(plane.first.name, level)}, {setting(plane.second.name, other)}",
                percent(field.mean),
                str(field.cells),
                str(field.planned),
            )
            for plane in planes
            for level, row in zip(plane.rows, plane.fields, strict=True)
            for other, field in zip(plane.columns, row, strict=True)
            if field.planned
        ),
    )


def _turned(plane: Pair) -> Pair:
    """The plane with the longer names, or those too many for half a page, beside it and not below."""
    below, beside = plane.columns, plane.rows
    many = (len(below) > NARROW) - (len(beside) > NARROW)
    if many < 0 or (many == 0 and max(map(len, below)) <= max(map(len, beside))):
        return plane
    return type(plane)(
        first=plane.second,
        second=plane.first,
        rows=below,
        columns=beside,
        fields=tuple(zip(*plane.fields, strict=True)),
    )


def _panel(axes: Axes, plane: Pair, heat: Heat, width: float) -> None:
    axes.set_xlim(-0.5, len(plane.columns) - 0.5)
    axes.set_ylim(len(plane.rows) - 0.5, -0.5)
    for y, row in enumerate(plane.fields):
        for x, field in enumerate(row):
            if field.cells:
                _field(axes, x, y, field, heat)
            elif field.planned:
                axes.plot(
                    [x - 0.4, x + 0.4, math.nan, x - 0.4, x + 0.4], [y - 0.4, y + 0.4, math.nan, y + 0.4, y - 0.4],
                    color=stand_in("muted"), linewidth=0.8,
                )  # fmt: skip
    name_levels(axes, plane.columns, width - 7 * max(len(name(level, BESIDE)) for level in plane.rows))
    axes.set_yticks(range(len(plane.rows)), [name(level, BESIDE) for level in plane.rows])
    axes.set_xlabel(name(plane.second.name))
    axes.set_ylabel(name(plane.first.name))
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=5)


def _field(axes: Axes, x: int, y: int, field: Field, heat: Heat) -> None:
    step = heat.step(field.mean)
    axes.add_patch(Rectangle((x - 0.48, y - 0.47), 0.96, 0.94, facecolor=stand_in(f"heat-{step}"), linewidth=0))
    axes.text(
        x, y, points(field.mean, heat.digits) + ("*" if field.cells < field.planned else ""), ha="center",
        va="center_baseline", fontsize=11, color=stand_in("ink" if step < INKED else "paper"),
    )  # fmt: skip


def _keys(heat: Heat) -> list[Patch]:
    return [
        Patch(facecolor=stand_in(f"heat-{step}"), linewidth=0, label=f"from {percent(heat.start(step), heat.digits)}")
        for step in range(HEATS)
    ]


def _finding(planes: Sequence[Pair]) -> str:
    """The best pair of values of all that are drawn, and whether its first is the best whatever the second."""
    known = [
        (field.mean, plane, y, x)
        for plane in planes
        for y, row in enumerate(plane.fields)
        for x, field in enumerate(row)
        if field.cells
    ]
    mean, plane, y, x = max(known, key=lambda one: one[0])
    first, second = setting(plane.first.name, plane.rows[y]), setting(plane.second.name, plane.columns[x])
    found = f"{first} with {second} is the most accurate pair, {percent(mean)}"
    columns = [[field.mean for field in column] for column in zip(*plane.fields, strict=True)]
    judged = [column for column in columns if sum(not math.isnan(one) for one in column) > 1]
    leads = sum(column[y] == max(one for one in column if not math.isnan(one)) for column in judged)
    other = name(plane.second.name, SETTING)
    if min(one[0] for one in known) == mean:
        return f"All pairs of values are equally accurate, {percent(mean)}"
    if leads == len(judged):
        return f"{found}; {first} is the best at every value of {other}"
    return f"{found}; {first} is the best at {leads} of {plural(len(judged), 'value')} of {other}"


def _panels(planes: Sequence[Pair]) -> str:
    return ", ".join(f"{name(one.first.name, SETTING)} and {name(one.second.name, SETTING)}" for one in planes)


def _struck(field: Field) -> bool:
    return bool(field.planned) and not field.cells


def _count(found: Sequence[Effect], planes: Sequence[Pair]) -> str:
    """What the note says where not every pair of axes has a panel."""
    possible = math.comb(len(found), 2)
    if len(planes) == possible:
        return ""
    return (
        f" {len(planes)} of {plural(possible, 'pair')} of settings are drawn: those with the largest effects that "
        "share enough cells."
    )
