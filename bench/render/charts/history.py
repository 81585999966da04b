"""Accuracy and time over the runs of a suite: has anything changed, and since when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from bench.analyse.intervals import UNKNOWN, Interval, difference_interval, mean_interval, sample
from bench.analyse.labels import elided_labels
from bench.core.formatting import MISSING, elided, percent, percent_range, plural, points, seconds
from bench.render.charts.axes import accuracy_axis, quiet, time_axis
from bench.render.charts.canvas import LABEL_WIDTH, TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.palette import SERIES, Style, stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from bench.record.history import PastTrial
    from bench.record.records import RunRecord

NAME = "history"
LINES = 8  # cells that an eye can follow; the table has all
SURE = 0.05  # the error of all comparisons of a title together (Bonferroni)
NAMED = 12  # runs whose names have room below an axis


@dataclass(frozen=True, slots=True)
class Past:
    """What a run found of a cell.

    Attributes:
        run: its place among the runs, 0 for the oldest.
        accuracies: of its seeds.
        time_s: median training time of the trials that ran alone; NaN for none.
    """

    run: int
    accuracies: tuple[float, ...]
    time_s: float


def history(
    past: Sequence[PastTrial], ranking: Sequence[str], labels: Mapping[str, str], looks: Mapping[str, Style]
) -> Chart | None:
    """Mean accuracy with its interval, and training time, by run; a line per cell.

    Args:
        past: of `bench.record.store.Store.history`.
        ranking: ids of the cells, the most accurate first: of many cells the first are drawn.
        labels: by cell id.
        looks: by cell id.

    Returns:
        None where fewer than two runs trained anything, or none of them any of these cells.
    """
    runs = list({one.run.run_id: one.run for one in past}.values())
    if len(runs) < 2:  # noqa: PLR2004  one run has no history
        return None
    lines = {cell_id: line for cell_id in ranking if (line := _line(past, runs, cell_id))}
    if not lines:
        return None
    drawn = dict(list(lines.items())[:LINES])
    title = _finding(lines, runs, labels)
    timed = [one.time_s for line in drawn.values() for one in line if not math.isnan(one.time_s)]
    styles = _styles(drawn, looks)
    with canvas((250 if timed else 0) + 320 + 20 * (len(drawn) // 2)) as figure:
        grid = figure.subplots(2 if timed else 1, 1, squeeze=False, sharex=True)[:, 0]
        _accuracies(grid[0], drawn, styles)
        if timed:
            _times(grid[1], drawn, styles, timed)
        _name_runs(grid[-1], runs)
        short = elided_labels({cell_id: labels[cell_id] for cell_id in drawn}, LABEL_WIDTH)
        keys = [
            Line2D([], [], color=stand_in(styles[cell_id].colour), marker=styles[cell_id].marker, label=short[cell_id])
            for cell_id in drawn
        ]
        if len(keys) > 1:
            widest = max(map(len, short.values()))
            figure.legend(handles=keys, loc="outside upper left", ncols=max(1, min(len(keys), 92 // (widest + 6))))
        alt = f"Accuracy and training time of {plural(len(drawn), 'cell')} over {plural(len(runs), 'run')}. {title}."
        svg = svg_text(figure, NAME, title, alt)
    note = "A point is what one run trained of a cell: mean over its seeds with the 95 % interval, and the median "
    note += "training "
    note += (
        "time of the trials that ran alone. Reused trials stand with the run that trained them. Only cells of the very "
    )
    note += (
        "same settings are compared; code and versions may have changed, and that is what to look for. The title takes "
    )
    note += "a change as told from chance at 5 % over all cells together (Welch, Bonferroni)."
    if len(drawn) < len(lines):
        note += f" The {len(drawn)} most accurate of {plural(len(lines), 'cell')} are drawn; the table holds all."
    return Chart(
        name=NAME,
        heading="History of this suite",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("cell", "run", "revision", "accuracy", "95 % interval", "seeds", "training time, median"),
        rows=tuple(
            (labels[cell_id], _when(runs[one.run]), _revision(runs[one.run]), *_figures(one))
            for cell_id, line in lines.items()
            for one in line
        ),
    )


def _line(past: Sequence[PastTrial], runs: Sequence[RunRecord], cell_id: str) -> list[Past]:
    found = []
    for place, run in enumerate(runs):
        trials = [one for one in past if one.run.run_id == run.run_id and one.cell_id == cell_id]
        if trials:
            times = sorted(one.train_time_s for one in trials if one.train_time_s is not None)
            middle = (times[(len(times) - 1) // 2] + times[len(times) // 2]) / 2 if times else math.nan
            found.append(Past(place, tuple(one.score for one in trials), middle))
    return found


def _styles(drawn: Mapping[str, list[Past]], looks: Mapping[str, Style]) -> dict[str, Style]:
    """The architectures' own looks where each has one cell; else a colour per cell, since lines must be told apart."""
    own = {cell_id: looks[cell_id] for cell_id in drawn}
    if len({style.colour for style in own.values()}) == len(own):
        return own
    return {cell_id: Style(f"series-{index % SERIES}", own[cell_id].marker) for index, cell_id in enumerate(own)}


def _accuracies(axes: Axes, drawn: Mapping[str, list[Past]], styles: Mapping[str, Style]) -> None:
    ends: list[float] = []
    for index, (cell_id, line) in enumerate(drawn.items()):
        colour, aside = stand_in(styles[cell_id].colour), (index - (len(drawn) - 1) / 2) * 0.04
        means = [sample(list(one.accuracies)).mean for one in line]
        places = [one.run + aside for one in line]
        axes.plot(places, means, color=colour, marker=styles[cell_id].marker, markersize=6, linewidth=1.6)
        ends += means
        for place, one in zip(places, line, strict=True):
            reach = _interval(one)
            if reach.known:
                axes.plot([place, place], [reach.low, reach.high], color=colour, linewidth=1.4, alpha=0.7)
                ends += [reach.low, reach.high]
    accuracy_axis(axes.yaxis, ends, spread=False)
    axes.set_ylabel("test accuracy, %")
    quiet(axes, grid="y")


def _times(axes: Axes, drawn: Mapping[str, list[Past]], styles: Mapping[str, Style], timed: Sequence[float]) -> None:
    for cell_id, line in drawn.items():
        known = [(one.run, one.time_s) for one in line if not math.isnan(one.time_s)]
        axes.plot(
            [run for run, _ in known], [time for _, time in known], color=stand_in(styles[cell_id].colour),
            marker=styles[cell_id].marker, markersize=6, linewidth=1.6,
        )  # fmt: skip
    time_axis(axes.yaxis, timed)
    axes.set_ylabel("training time")
    quiet(axes, grid="y")


def _name_runs(axes: Axes, runs: Sequence[RunRecord]) -> None:
    every = -(-len(runs) // NAMED)
    shown = [place for place in range(len(runs)) if (len(runs) - 1 - place) % every == 0]
    texts = [f"{_when(runs[place])}\n{_revision(runs[place])}" for place in shown]
    turned = len(shown) > 5  # noqa: PLR2004  more would meet
    axes.set_xticks(shown, texts, **({"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if turned else {}))  # type: ignore[arg-type]
    axes.set_xlim(-0.4, len(runs) - 0.6)


def _when(run: RunRecord) -> str:
    return elided(run.started_at[:16].replace("T", " "), 16)


def _revision(run: RunRecord) -> str:
    """The first digits of the revision, `+` where files were changed."""
    if run.environment is None or not run.environment.git_revision:
        return MISSING
    return elided(run.environment.git_revision[:8], 8) + ("+" if run.environment.git_dirty else "")


def _interval(one: Past) -> Interval:
    found = mean_interval(sample(list(one.accuracies)))
    return found.clipped(0.0, 1.0) if found.known else UNKNOWN


def _figures(one: Past) -> tuple[str, ...]:
    reach = _interval(one)
    mean = sample(list(one.accuracies)).mean
    return percent(mean), percent_range(reach.low, reach.high), str(len(one.accuracies)), seconds(one.time_s)


def _finding(lines: Mapping[str, list[Past]], runs: Sequence[RunRecord], labels: Mapping[str, str]) -> str:
    """Whether the last run's accuracies can be told from those of the run before it that trained the same cell."""
    told = [(cell_id, line[-2], line[-1]) for cell_id, line in lines.items() if len(line) > 1]
    if not told:
        return f"No cell was trained by more than one of {plural(len(runs), 'run')}"
    moved = []
    for cell_id, before, now in told:
        first, second = sample(list(before.accuracies)), sample(list(now.accuracies))
        gap = difference_interval(second, first, 1 - SURE / len(told))
        if gap.known and not gap.holds(0.0):
            moved.append((abs(second.mean - first.mean), second.mean - first.mean, cell_id))
    if not moved:
        verb = "is" if len(told) == 1 else "are"
        return f"Nothing has changed that seeds could tell: {plural(len(told), 'cell')} {verb} as accurate as before"
    _, gap_value, cell_id = max(moved)
    direction = "rose" if gap_value > 0 else "fell"
    rest = f"; {len(moved)} of {len(told)} cells have moved" if len(told) > 1 else ""
    return (
        f"{name(labels[cell_id], TITLE_WIDTH)} {direction} by {points(abs(gap_value))} points since its last run{rest}"
    )
