"""The score over two axes of the grid at a time, as squares whose colour is the score."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.patches import Patch, Rectangle

from bench.analyse.effects import effects
from bench.analyse.pairs import pairs
from bench.core.formatting import percent, plural, points
from bench.core.score import Form
from bench.render.charts.axes import Spacing, position, spacing, value_at
from bench.render.charts.canvas import Chart, canvas, name, svg_text
from bench.render.charts.levels import SETTING, companions, name_levels, only_on, setting
from bench.render.charts.palette import HEATS, INKED, stand_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from bench.analyse.axes import Grid
    from bench.analyse.effects import Effect
    from bench.analyse.pairs import Field, Pair
    from bench.core.score import Score

NAME = "heat-maps"
NARROW = 7  # columns of a panel that is half a page wide
LINE = 30  # pixels of a row
ROW_NAME = 18  # characters of a level next to a panel
WIDE = 0.01  # a range of fractions beyond which a tenth of a point is enough


@dataclass(frozen=True, slots=True)
class Heat:
    """From scores to steps of colour, the same for all panels.

    Attributes:
        worst, best: the ends, in the direction of the score.
        score: of the run.
        spacing: how colours are shared out.
    """

    worst: float
    best: float
    score: Score
    spacing: Spacing

    def step(self, value: float) -> int:
        """0 for the worst score, `HEATS` - 1 for the best."""
        worst, best = (position(end, self.spacing) for end in (self.worst, self.best))
        part = (position(value, self.spacing) - worst) / (best - worst) if best != worst else 1.0
        return min(int(part * HEATS), HEATS - 1)

    def start(self, step: int) -> float:
        """The score at which a step starts, from its worse end."""
        worst, best = (position(end, self.spacing) for end in (self.worst, self.best))
        return value_at(worst + (best - worst) * step / HEATS, self.spacing)

    def text(self, value: float) -> str:
        """A score inside a field, where room is short: a percentage without its sign."""
        if self.score.form is Form.PERCENT:
            return points(value, self._digits)
        return self.score.text(value)

    def key(self, step: int) -> str:
        """The meaning of a step of colour."""
        start = self.start(step)
        return f"from {percent(start, self._digits) if self.score.form is Form.PERCENT else self.score.text(start)}"

    @property
    def _digits(self) -> int:
        return 1 if abs(self.best - self.worst) > WIDE else 2


def heat_of(values: Sequence[float], score: Score) -> Heat:
    """The colours that just hold these values."""
    ends = (min(values), max(values))
    worst, best = ends if score.higher_is_better else ends[::-1]
    return Heat(worst, best, score, spacing(values, score))


def heat_maps(grids: Sequence[Grid], score: Score) -> Chart | None:
    """A panel per pair of axes, the pairs with the largest effects first; of the first data set that has a pair.

    Returns:
        None where no two axes make a plane.
    """
    for grid in grids:
        all_effects = effects(grid, score)
        planes = pairs(grid, all_effects)
        if planes:
            return _chart(grid, grids, all_effects, planes, score)
    return None


def _chart(
    grid: Grid, grids: Sequence[Grid], all_effects: Sequence[Effect], planes: Sequence[Pair], score: Score
) -> Chart:
    planes = [_turned(plane) for plane in planes]
    fields = [field for plane in planes for row in plane.fields for field in row]
    heat = heat_of([field.mean for field in fields if field.cells], score)
    title = _finding(planes, score)
    columns = 1 if len(planes) == 1 or any(len(plane.columns) > NARROW for plane in planes) else 2
    rows = [planes[start : start + columns] for start in range(0, len(planes), columns)]
    heights = [max(len(plane.rows) for plane in row) for row in rows]
    with canvas(34 + sum(LINE * lines + 84 for lines in heights)) as figure:
        places = figure.add_gridspec(len(rows), columns, height_ratios=[LINE * lines + 50 for lines in heights])
        for index, plane in enumerate(planes):
            _panel(figure.add_subplot(places[index // columns, index % columns]), plane, heat, 640 / columns)
        if heat.best != heat.worst:
            figure.legend(
                handles=_keys(heat), loc="outside upper left", ncols=HEATS, handlelength=1.0, columnspacing=1.1,
                handletextpad=0.45,
            )  # fmt: skip
        alt = f"Heat maps of test {score.heading} over {_panels(planes)}. {title}."
        svg = svg_text(figure, NAME, title, alt)
    unit = ", in percent," if score.form is Form.PERCENT else ""
    note = f"A square is the mean test {score.heading}{unit} of all cells that have both values, over their seeds and "
    note += f"all other settings. Stronger colour: {'higher' if score.higher_is_better else 'lower'} {score.heading}"
    note += "." if score.higher_is_better else ", which is better."
    note += " Neighbouring squares may differ by chance."
    partial = any(0 < field.cells < field.planned for field in fields)
    note += " * Some cells of the square have no result." if partial else ""
    note += " In a crossed-out square, no cell has a result." if any(_struck(field) for field in fields) else ""
    note += (
        " An empty place means that the grid has no cell there." if any(not field.planned for field in fields) else ""
    )
    return Chart(
        name=NAME,
        heading=f"{score.title} over two settings at a time",
        title=title,
        alt=alt,
        note=note
        + _count(all_effects, planes)
        + companions(effect.axis for effect in all_effects)
        + only_on(grid, grids),
        svg=svg,
        columns=("settings", f"mean {score.heading}", "cells with a result", "cells"),
        rows=tuple(
            (
                f"{setting(plane.first.name, level)}, {setting(plane.second.name, other)}",
                score.text(field.mean),
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
    """The plane with the longer names as rows, or the names that are too many for half a page."""
    columns, rows = plane.columns, plane.rows
    many = (len(columns) > NARROW) - (len(rows) > NARROW)
    if many < 0 or (many == 0 and max(map(len, columns)) <= max(map(len, rows))):
        return plane
    return type(plane)(
        first=plane.second,
        second=plane.first,
        rows=columns,
        columns=rows,
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
    name_levels(axes, plane.columns, width - 7 * max(len(name(level, ROW_NAME)) for level in plane.rows))
    axes.set_yticks(range(len(plane.rows)), [name(level, ROW_NAME) for level in plane.rows])
    axes.set_xlabel(name(plane.second.name))
    axes.set_ylabel(name(plane.first.name))
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=5)


def _field(axes: Axes, x: int, y: int, field: Field, heat: Heat) -> None:
    step = heat.step(field.mean)
    axes.add_patch(Rectangle((x - 0.48, y - 0.47), 0.96, 0.94, facecolor=stand_in(f"heat-{step}"), linewidth=0))
    axes.text(
        x, y, heat.text(field.mean) + ("*" if field.cells < field.planned else ""), ha="center",
        va="center_baseline", fontsize=11, color=stand_in("ink" if step < INKED else "paper"),
    )  # fmt: skip


def _keys(heat: Heat) -> list[Patch]:
    return [Patch(facecolor=stand_in(f"heat-{step}"), linewidth=0, label=heat.key(step)) for step in range(HEATS)]


def _finding(planes: Sequence[Pair], score: Score) -> str:
    """The pair of values with the best mean of all that are drawn, and how often its first has the best mean.

    It states means only: ranks and effects say which pairs differ by more than chance. Exact ties are named.
    """
    known = [
        (field.mean, plane, y, x)
        for plane in planes
        for y, row in enumerate(plane.fields)
        for x, field in enumerate(row)
        if field.cells
    ]
    mean, plane, y, x = max(known, key=lambda field: score.gain(field[0]))
    first, second = setting(plane.first.name, plane.rows[y]), setting(plane.second.name, plane.columns[x])
    equal = sum(_same(field[0], mean) for field in known)
    if equal == len(known):
        return f"All pairs of values have the same mean {score.heading}, {score.text(mean)}"
    sentence = f"{first} with {second} has the {score.best_word} mean {score.heading}, {score.text(mean)}"
    if equal > 1:
        sentence += f", exactly as {plural(equal - 1, 'other pair has', 'other pairs have')}"
    columns = [[field.mean for field in column] for column in zip(*plane.fields, strict=True)]
    judged = [column for column in columns if not math.isnan(column[y]) and _others(column, y)]
    leads = sum(all(_ahead(column[y], other, score) for other in _others(column, y)) for column in judged)
    ties = sum(
        any(_same(column[y], other) for other in _others(column, y))
        and all(_same(column[y], other) or score.better(column[y], other) for other in _others(column, y))
        for column in judged
    )
    other = plural(len(judged), "value")
    at = f"every value of {name(plane.second.name, SETTING)} that has several"
    if leads == len(judged) == len(columns):
        return f"{sentence}; {first} has it at every value of {name(plane.second.name, SETTING)}"
    if ties == len(judged):
        return f"{sentence}; {first} shares it at {at}"
    shared = f" and shares it at {ties}" if ties else ""
    return f"{sentence}; {first} has it alone at {leads} of {other} of {name(plane.second.name, SETTING)}{shared}"


def _others(column: Sequence[float], place: int) -> list[float]:
    """The known means of a column but one."""
    return [mean for row, mean in enumerate(column) if row != place and not math.isnan(mean)]


def _ahead(first: float, second: float, score: Score) -> bool:
    return score.better(first, second) and not _same(first, second)


def _same(first: float, second: float) -> bool:
    """Whether two means are equal but for the rounding of sums."""
    return math.isclose(first, second, rel_tol=1e-12, abs_tol=1e-12)


def _panels(planes: Sequence[Pair]) -> str:
    return ", ".join(f"{name(plane.first.name, SETTING)} and {name(plane.second.name, SETTING)}" for plane in planes)


def _struck(field: Field) -> bool:
    return bool(field.planned) and not field.cells


def _count(all_effects: Sequence[Effect], planes: Sequence[Pair]) -> str:
    """The sentence of the note if not every pair of axes has a panel."""
    possible = math.comb(len(all_effects), 2)
    if len(planes) == possible:
        return ""
    return (
        f" {len(planes)} of {plural(possible, 'pair')} of settings are drawn: those with the largest effects and "
        "enough cells in common."
    )
