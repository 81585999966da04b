"""Main effects: the effect of each setting on the score, averaged over all others."""

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
    first = next(
        (
            (grid, all_effects)
            for grid, all_effects in by_grid
            if any(effect.axis.name != "architecture" for effect in all_effects)
        ),
        None,
    )
    return _chart(*first, by_grid, score) if first else None


def _chart(
    grid: Grid, all_effects: Sequence[Effect], by_grid: Sequence[tuple[Grid, Sequence[Effect]]], score: Score
) -> Chart:
    drawn, title = all_effects[:PANELS], _finding(all_effects, score)
    everything = [
        value for effect in drawn for level in effect.levels for value in _extent(level.cells, level.interval)
    ]
    by = spacing(everything, score)
    columns = min(COLUMNS, len(drawn))
    rows = -(-len(drawn) // columns)
    dot = 4.5 if max(len(level.cells) for effect in drawn for level in effect.levels) < CROWD else 3.2
    with canvas(30 + 270 * rows) as figure:
        places = figure.add_gridspec(rows, columns)
        for index, effect in enumerate(drawn):
            axes = figure.add_subplot(places[index // columns, index % columns])
            _panel(axes, effect, score, by, width=620 / columns, dot=dot)
            score_axis(axes.yaxis, everything, score, by)
            quiet(axes, grid="y")
            if index % columns:
                axes.tick_params(labelleft=False)
        figure.supylabel(axis_label(score), fontsize=11.5, color=stand_in("muted"))
        sentences = [_sentence(effect, score) for effect in all_effects]
        alt = " ".join(sentences)
        svg = svg_text(figure, NAME, title, alt)
    return Chart(
        name=NAME,
        heading=f"What each setting does to {score.heading}",
        title=title,
        alt=alt,
        note=_note(grid, all_effects, by_grid) + LOGARITHMIC[by],
        svg=svg,
        columns=("setting", f"mean {score.heading}", "95 % interval", "cells", "combinations of the other settings"),
        rows=tuple(
            (
                setting(effect.axis.name, level.name)
                + (f" on {name(of.dataset, SETTING)}" if len(by_grid) > 1 else ""),
                score.text(level.mean),
                score.range(level.interval.low, level.interval.high),
                str(len(level.cells)),
                str(effect.combinations),
            )
            for of, effects_of in by_grid
            for effect in effects_of
            for level in effect.levels
        ),
        findings=tuple(sentences[:PANELS]),
    )


def _panel(axes: Axes, effect: Effect, score: Score, by: Spacing, *, width: float, dot: float) -> None:
    ink, muted = stand_in("ink"), stand_in("muted")
    for x, level in enumerate(effect.levels):
        _dots(axes, x, level.cells, by, dot=dot)
        if level.interval.known:
            ends = [position(end, by) for end in (level.interval.low, level.interval.high)]
            axes.plot([x, x], ends, color=ink, linewidth=1.6, marker="_", markersize=11, markeredgewidth=1.4)
    heights = [position(level.mean, by) for level in effect.levels]
    style: dict[str, Any] = {"linewidth": 1.4} if effect.axis.numeric else {"linestyle": "none"}
    axes.plot(range(len(heights)), heights, color=ink, marker="o", markersize=6.5, **style)
    axes.set_xlim(-0.5, len(heights) - 0.5)
    name_levels(axes, [level.name for level in effect.levels], width)
    axes.set_title(f"{name(effect.axis.name, 24)}: {score.gap_text(effect.size)}", color=ink)
    axes.spines["bottom"].set_color(muted)


def _dots(axes: Axes, x: float, values: Sequence[float], by: Spacing, *, dot: float) -> None:
    """A dot per cell, side by side in an arbitrary order, as a single path: that keeps a large page small."""
    number = len(values)
    places = [(x + (2 * (index * GOLDEN % 1) - 1) * SIDE, position(value, by)) for index, value in enumerate(values)]
    path = Path([place for place in places for _ in (0, 1)], [Path.MOVETO, Path.LINETO] * number)
    path.should_simplify = False  # simplifying drops lines of length 0, and all these have length 0
    patch = PathPatch(
        path, facecolor="none", edgecolor=stand_in("series-0"), alpha=0.6, linewidth=dot, capstyle="round"
    )
    axes.add_patch(patch)


def _extent(cells: Sequence[float], interval: Interval) -> list[float]:
    return [*cells, *([interval.low, interval.high] if interval.known else [])]


def _unseen(effect: Effect, score: Score) -> bool:
    """Whether an effect prints as 0."""
    return score.gap(effect.size) == score.gap(0.0)


def _step(effect: Effect, score: Score) -> str:
    """The best level compared with the worst: `32 is 4.80 points above 8`, `32 is 1.3 better than 8`."""
    best, worst = (name(level.name, SETTING) for level in (effect.best, effect.worst))
    relation = "above" if score.form is Form.PERCENT and score.higher_is_better else "better than"
    return f"{best} is {score.gap_text(effect.size)} {relation} {worst}"


def _finding(all_effects: Sequence[Effect], score: Score) -> str:
    """Which setting moves the score, by how much, and whether it does so most: as far as the seeds can separate it."""
    first, *others = all_effects
    who = name(first.axis.name, SETTING)
    if _unseen(first, score):
        return f"No setting makes a difference; the largest is {score.gap_text(first.size)}, by {who}"
    if not any(effect.interval.known for effect in all_effects):
        return f"{who}: {_step(first, score)}{_average(first)}; with one seed per cell that may be chance"
    sure = [effect for effect in all_effects if effect.separate]
    if not sure:
        return (
            f"No setting moves {score.heading} by more than seeds do; {who} has the largest effect, "
            f"{score.gap_text(first.size)}"
        )
    top = sure[0]
    who = name(top.axis.name, SETTING)
    step = _step(top, score) + _average(top)
    if top.reversed:
        step += ", which depends on the other settings"
    elif turned(top, score):
        step += ", but not with the settings of the best cell"
    if len(all_effects) == 1:
        return f"{who}: {step}"
    rivals = [effect for effect in all_effects if effect is not top and not effect.interval.high < top.interval.low]
    if rivals:
        may = several([name(effect.axis.name, SETTING) for effect in rivals])
        return f"{who} moves {score.heading}: {step}; {may} may move it as much"
    last = others[-1]
    least = f"by {score.gap(last.size)}" if last.separate else "by no more than seeds do"
    return f"{who} moves {score.heading} most: {step}; {name(last.axis.name, SETTING)} moves it {least}"


def turned(effect: Effect, score: Score) -> bool:
    """Whether the level that is worst on average is ahead where it matters most: at the best cell."""
    return effect.at_best < 0 and score.gap(effect.at_best) != score.gap(0.0)


def _average(effect: Effect) -> str:
    """The average that a difference is of."""
    return " on average" if effect.combinations > 1 or effect.averaged else ""


def _sentence(effect: Effect, score: Score) -> str:
    """An effect with its interval and how far it is the same everywhere."""
    who = name(effect.axis.name, SETTING)
    if _unseen(effect, score):
        return f"{who}: all levels have the same mean."
    text = f"{who}: {_step(effect, score)}{_average(effect)}"
    if effect.interval.known:
        chance = "" if effect.separate else ", which may be chance"
        text += f"{chance} (interval {score.gap_range(effect.interval.low, effect.interval.high)})"
    if effect.combinations > 1:
        text += f"; ahead in {effect.ahead} of {plural(effect.combinations, 'combination')} of the other settings"
        if effect.reversed:
            text += f", behind by more than chance in {effect.reversed}: its effect depends on them"
        if turned(effect, score):
            best, worst = (name(level.name, SETTING) for level in (effect.best, effect.worst))
            text += (
                f"; with the settings of the best cell {worst} is ahead of {best} by {score.gap_text(-effect.at_best)}"
            )
    return text + "."


def _note(grid: Grid, all_effects: Sequence[Effect], by_grid: Sequence[tuple[Grid, Sequence[Effect]]]) -> str:
    note = (
        "Large marks are means over the combinations of all other settings, the same combinations for every level of "
    )
    note += "a setting. Bars are their 95 % intervals over seeds. Small dots are cells. Levels are evenly spaced. "
    note += "A mean hides interactions between settings: the heat maps show them. "
    note += (
        "Intervals of differences are 95 % for all pairs of levels of all settings together, and hold for other seeds "
    )
    note += "of the same cells."
    if not any(effect.interval.known for effect in all_effects):
        note += " There is no interval, because each cell has one seed."
    for effect in all_effects:
        axis = name(effect.axis.name, SETTING)
        if effect.combinations < effect.possible:
            note += f" The means of {axis} are over {effect.combinations} of {plural(effect.possible, 'combination')}: "
            note += "those that all its levels share."
        if effect.left_out:
            verb = "has" if len(effect.left_out) == 1 else "have"
            note += f" {several(effect.left_out)} of {axis} {verb} too few results to be compared."
        if effect.averaged:
            note += f" Each {axis} is averaged over its own {several(effect.averaged)}."
    absent = [axis.name for axis in grid.axes if axis.name not in {effect.axis.name for effect in all_effects}]
    if absent:
        note += f" No two levels of {several(absent)} can be compared like with like."
    if len(all_effects) > PANELS:
        note += f" The {PANELS} settings with the largest effects are drawn; the table holds all {len(all_effects)}."
    note += companions(effect.axis for effect in all_effects)
    if len(by_grid) > 1:
        note += f" The chart is of the data set {name(grid.dataset, SETTING)}; the table holds all data sets."
    return note
