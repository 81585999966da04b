"""Main effects: what each setting does to the score, averaged over all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.patches import PathPatch
from matplotlib.path import Path

from bench.analyse.effects import effects
from bench.core.formatting import plural
from bench.core.score import Form
from bench.render.charts.axes import Spacing, axis_label, position, quiet, score_axis, spacing
from bench.render.charts.canvas import Chart, canvas, name, svg_text
from bench.render.charts.levels import SETTING, companions, name_levels, setting, several
from bench.render.charts.palette import stand_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from bench.analyse.axes import Grid
    from bench.analyse.effects import Effect
    from bench.analyse.intervals import Interval
    from bench.core.score import Score

NAME = "main-effects"
COLUMNS, PANELS = 3, 6
SIDE = 0.22  # of a level's place, to which its cells reach on either side
GOLDEN = 0.618034  # its multiples fill that place evenly (Weyl), whatever their number
CROWD = 50  # cells of a level that need smaller dots, and so do then those of all others
LOGARITHMIC = {
    Spacing.EVEN: "",
    Spacing.ERRORS: " The axis is logarithmic in the error, because some cells err ten times as often as others.",
    Spacing.POWERS: " The axis is logarithmic, because some cells have ten times the value of others.",
}


def main_effects(grids: Sequence[Grid], score: Score) -> Chart | None:
    """A panel per setting, the largest effect first: levels with their means and intervals, cells as dots behind.

    The data set with a grid that comes first is drawn; the table holds all of them.

    Returns:
        None where no setting has two levels that can be compared, or only architectures differ.
    """
    by_grid = [(grid, effects(grid, score)) for grid in grids]
    drawn = next(
        ((grid, found) for grid, found in by_grid if any(one.axis.name != "architecture" for one in found)), None
    )
    return _chart(*drawn, by_grid, score) if drawn else None


def _chart(
    grid: Grid, found: Sequence[Effect], by_grid: Sequence[tuple[Grid, Sequence[Effect]]], score: Score
) -> Chart:
    shown, title = found[:PANELS], _finding(found, score)
    everything = [value for one in shown for level in one.levels for value in _extent(level.cells, level.interval)]
    by = spacing(everything, score)
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    dot = 4.5 if max(len(level.cells) for one in shown for level in one.levels) < CROWD else 3.2
    with canvas(30 + 270 * rows) as figure:
        places = figure.add_gridspec(rows, columns)
        for index, one in enumerate(shown):
            axes = figure.add_subplot(places[index // columns, index % columns])
            _panel(axes, one, score, by, width=620 / columns, dot=dot)
            score_axis(axes.yaxis, everything, score, by)
            quiet(axes, grid="y")
            if index % columns:
                axes.tick_params(labelleft=False)
        figure.supylabel(axis_label(score), fontsize=11.5, color=stand_in("muted"))
        sentences = [_sentence(one, score) for one in found]
        alt = " ".join(sentences)
        svg = svg_text(figure, NAME, title, alt)
    return Chart(
        name=NAME,
        heading=f"What each setting does to {score.heading}",
        title=title,
        alt=alt,
        note=_note(grid, found, by_grid) + LOGARITHMIC[by],
        svg=svg,
        columns=("setting", f"mean {score.heading}", "95 % interval", "cells", "combinations of the other settings"),
        rows=tuple(
            (
                setting(one.axis.name, level.name) + (f" on {name(of.dataset, SETTING)}" if len(by_grid) > 1 else ""),
                score.text(level.mean),
                score.range(level.interval.low, level.interval.high),
                str(len(level.cells)),
                str(one.combinations),
            )
            for of, effects_of in by_grid
            for one in effects_of
            for level in one.levels
        ),
        findings=tuple(sentences[:PANELS]),
    )


def _panel(axes: Axes, one: Effect, score: Score, by: Spacing, *, width: float, dot: float) -> None:
    ink, muted = stand_in("ink"), stand_in("muted")
    for x, level in enumerate(one.levels):
        _dots(axes, x, level.cells, by, dot=dot)
        if level.interval.known:
            ends = [position(end, by) for end in (level.interval.low, level.interval.high)]
            axes.plot([x, x], ends, color=ink, linewidth=1.6, marker="_", markersize=11, markeredgewidth=1.4)
    heights = [position(level.mean, by) for level in one.levels]
    style: dict[str, Any] = {"linewidth": 1.4} if one.axis.numeric else {"linestyle": "none"}
    axes.plot(range(len(heights)), heights, color=ink, marker="o", markersize=6.5, **style)
    axes.set_xlim(-0.5, len(heights) - 0.5)
    name_levels(axes, [level.name for level in one.levels], width)
    axes.set_title(f"{name(one.axis.name, 24)}: {score.gap_text(one.size)}", color=ink)
    axes.spines["bottom"].set_color(muted)


def _dots(axes: Axes, x: float, values: Sequence[float], by: Spacing, *, dot: float) -> None:
    """A dot per cell, beside each other in no order that means anything, as one path: that keeps a large page small."""
    number = len(values)
    places = [(x + (2 * (index * GOLDEN % 1) - 1) * SIDE, position(value, by)) for index, value in enumerate(values)]
    path = Path([place for place in places for _ in (0, 1)], [Path.MOVETO, Path.LINETO] * number)
    path.should_simplify = False  # which drops lines of no length, and these are all of none
    patch = PathPatch(
        path, facecolor="none", edgecolor=stand_in("series-0"), alpha=0.6, linewidth=dot, capstyle="round"
    )
    axes.add_patch(patch)


def _extent(cells: Sequence[float], interval: Interval) -> list[float]:
    return [*cells, *([interval.low, interval.high] if interval.known else [])]


def _unseen(one: Effect, score: Score) -> bool:
    """Whether an effect prints as 0."""
    return score.gap(one.size) == score.gap(0.0)


def _step(one: Effect, score: Score) -> str:
    """What the best level is against the worst: `32 is 4.80 points above 8`, `32 is 1.3 better than 8`."""
    best, worst = (name(level.name, SETTING) for level in (one.best, one.worst))
    relation = "above" if score.form is Form.PERCENT and score.higher_is_better else "better than"
    return f"{best} is {score.gap_text(one.size)} {relation} {worst}"


def _finding(found: Sequence[Effect], score: Score) -> str:
    """Which setting moves the score, by how much, and whether it does so most: as far as the seeds can separate it."""
    first, *others = found
    who = name(first.axis.name, SETTING)
    if _unseen(first, score):
        return f"No setting makes a difference; {who} makes the largest, {score.gap_text(first.size)}"
    if not any(one.interval.known for one in found):
        return f"{who}: {_step(first, score)}{_average(first)}; with one seed per cell that may be chance"
    sure = [one for one in found if one.separate]
    if not sure:
        return (
            f"No setting moves {score.heading} by more than seeds do; {who} does the most, by "
            f"{score.gap_text(first.size)}"
        )
    top = sure[0]
    who = name(top.axis.name, SETTING)
    step = _step(top, score) + _average(top)
    if top.reversed:
        step += ", which depends on the other settings"
    elif turned(top, score):
        step += ", but not with the settings of the best cell"
    if len(found) == 1:
        return f"{who}: {step}"
    rivals = [one for one in found if one is not top and not one.interval.high < top.interval.low]
    if rivals:
        may = several([name(one.axis.name, SETTING) for one in rivals])
        return f"{who} moves {score.heading}: {step}; {may} may move it as much"
    last = others[-1]
    least = f"by {score.gap(last.size)}" if last.separate else "by no more than seeds do"
    return f"{who} moves {score.heading} most: {step}; {name(last.axis.name, SETTING)} moves it {least}"


def turned(one: Effect, score: Score) -> bool:
    """Whether the level that is worst on average is ahead where it matters most: at the best cell."""
    return one.at_best < 0 and score.gap(one.at_best) != score.gap(0.0)


def _average(one: Effect) -> str:
    """What a difference is taken over."""
    return " on average" if one.combinations > 1 or one.averaged else ""


def _sentence(one: Effect, score: Score) -> str:
    """An effect with its interval and how far it is the same everywhere."""
    who = name(one.axis.name, SETTING)
    if _unseen(one, score):
        return f"{who}: all levels have the same mean."
    text = f"{who}: {_step(one, score)}{_average(one)}"
    if one.interval.known:
        chance = "" if one.separate else ", which may be chance"
        text += f"{chance} (interval {score.gap_range(one.interval.low, one.interval.high)})"
    if one.combinations > 1:
        text += f"; ahead in {one.ahead} of {plural(one.combinations, 'combination')} of the other settings"
        if one.reversed:
            text += f", behind by more than chance in {one.reversed}: what it does depends on these"
        if turned(one, score):
            best, worst = (name(level.name, SETTING) for level in (one.best, one.worst))
            text += f"; with the settings of the best cell {worst} is ahead of {best} by {score.gap_text(-one.at_best)}"
    return text + "."


def _note(grid: Grid, found: Sequence[Effect], by_grid: Sequence[tuple[Grid, Sequence[Effect]]]) -> str:
    note = "Large marks are means over the combinations of all other settings, the same ones for every level of a "
    note += "setting; bars are their 95 % intervals over seeds. Small dots are cells. Values stand "
    note += "at equal distances. A mean over settings hides what one does only with another: the heat maps show that. "
    note += (
        "Intervals of differences are 95 % for all pairs of levels of all settings together, and hold for other seeds "
    )
    note += "of these very cells."
    if not any(one.interval.known for one in found):
        note += " With one seed per cell there is no interval."
    for one in found:
        axis = name(one.axis.name, SETTING)
        if one.combinations < one.possible:
            note += (
                f" For {axis} {one.combinations} of {plural(one.possible, 'combination')} count, those that all its "
            )
            note += "levels share."
        if one.left_out:
            verb = "has" if len(one.left_out) == 1 else "have"
            note += f" Of {axis}, {several(one.left_out)} {verb} too few results to be compared."
        if one.averaged:
            note += f" Each {axis} is averaged over its own {several(one.averaged)}."
    absent = [axis.name for axis in grid.axes if axis.name not in {one.axis.name for one in found}]
    if absent:
        note += f" No two levels of {several(absent)} can be compared like with like."
    if len(found) > PANELS:
        note += f" The {PANELS} settings that do the most are drawn; the table holds all {len(found)}."
    note += companions(one.axis for one in found)
    if len(by_grid) > 1:
        note += f" Drawn on {name(grid.dataset, SETTING)}; the table holds all data sets."
    return note
