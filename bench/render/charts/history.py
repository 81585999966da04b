"""Score and time over the runs of a suite: has anything changed, and since when."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from bench.analyse.history.story import Quantity, same_data, suite_history
from bench.analyse.labels import elided_labels
from bench.analyse.past import Past, changes, past_line
from bench.core.formatting import plural, seconds
from bench.render.charts.axes import Spacing, axis_label, quiet, score_axis, time_axis
from bench.render.charts.canvas import LABEL_WIDTH, TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.history_marks import draw, marks
from bench.render.charts.palette import SERIES, Style, stand_in
from bench.render.history import words
from bench.render.history.words import revision, when

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from bench.analyse.history.story import SuiteHistory
    from bench.core.score import Score
    from bench.record.history import PastTrial
    from bench.record.records import RunRecord

NAME = "history"
LINES = 8  # cells that an eye can follow; the table has all
LISTED = 6  # changes that the note names
NAMED = 12  # runs whose names have room below an axis


def history(
    past: Sequence[PastTrial],
    ranking: Sequence[str],
    labels: Mapping[str, str],
    looks: Mapping[str, Style],
    score: Score,
) -> Chart | None:
    """Mean score with its interval, and training time, by run; a line per cell.

    Args:
        past: of `bench.record.store.Store.history`.
        ranking: ids of the cells, the best first: of many cells the first are drawn.
        labels: by cell id.
        looks: by cell id.
        score: of the run.

    Returns:
        None where fewer than two runs trained anything, or none of them any of these cells.
    """
    runs = list({trial.run.run_id: trial.run for trial in past}.values())
    if len(runs) < 2:  # noqa: PLR2004  one run has no history
        return None
    of_cell: dict[str, list[PastTrial]] = {}
    for trial in past:
        of_cell.setdefault(trial.cell_id, []).append(trial)
    lines = {
        cell_id: line for cell_id in ranking if (line := past_line(same_data(of_cell.get(cell_id, ())), runs, cell_id))
    }
    if not lines:
        return None
    drawn = dict(list(lines.items())[:LINES])
    story = suite_history(past, list(lines), score)
    title = _title(_finding(lines, runs, labels, score), story, labels)
    timed = [point.time_s for line in drawn.values() for point in line if not math.isnan(point.time_s)]
    styles = _styles(drawn, looks)
    with canvas((250 if timed else 0) + 320 + 20 * (len(drawn) // 2)) as figure:
        grid = figure.subplots(2 if timed else 1, 1, squeeze=False, sharex=True)[:, 0]
        _scores(grid[0], drawn, styles, score)
        draw(grid[0], marks(story, drawn, Quantity.SCORE, runs), len(runs))
        if timed:
            _times(grid[1], drawn, styles, timed)
            draw(grid[1], marks(story, drawn, Quantity.TIME, runs), len(runs))
        _name_runs(grid[-1], runs)
        short = elided_labels({cell_id: labels[cell_id] for cell_id in drawn}, LABEL_WIDTH)
        keys = [
            Line2D([], [], color=stand_in(styles[cell_id].colour), marker=styles[cell_id].marker, label=short[cell_id])
            for cell_id in drawn
        ]
        if len(keys) > 1:
            widest = max(map(len, short.values()))
            figure.legend(handles=keys, loc="outside upper left", ncols=max(1, min(len(keys), 92 // (widest + 6))))
        alt = (
            f"{score.title} and training time of {plural(len(drawn), 'cell')} over {plural(len(runs), 'run')}. {title}."
        )
        svg = svg_text(figure, NAME, title, alt)
    return Chart(
        name=NAME,
        heading="History of this suite",
        title=title,
        alt=alt,
        note=_note(story, labels, len(drawn), len(lines)),
        svg=svg,
        columns=("cell", "run", "revision", score.heading, "95 % interval", "seeds", "training time, median"),
        rows=tuple(
            (labels[cell_id], when(runs[point.run]), revision(runs[point.run]), *_figures(point, score))
            for cell_id, line in lines.items()
            for point in line
        ),
    )


def _title(finding: str, story: SuiteHistory, labels: Mapping[str, str]) -> str:
    """The newest lasting change if there is any, and the changes of the last run."""
    if not story.changes:
        return finding
    cell_id, change = story.changes[0]
    number = f"{plural(len(story.changes), 'lasting change')} over {plural(len(story.runs), 'run')}"
    return f"{name(labels[cell_id], TITLE_WIDTH)}, {words.sentence(change, story)}; {number}. {finding}"


def _note(story: SuiteHistory, labels: Mapping[str, str], drawn: int, lines: int) -> str:
    """How the chart is read; `drawn` of the `lines` of the table are in it."""
    note = "A point is one cell in one run: the mean over its seeds with the 95 % interval, and the median training "
    note += (
        "time of the trials that ran alone. Each trial is listed under the run that trained it. Only cells with the "
    )
    note += "same settings and data are compared; code and versions may differ between runs. "
    note += (
        "A change since the previous run counts if it is more than chance, at an error of 5 % over all cells together "
        "(the more cautious of Welch's and Student's t test, Holm's correction)."
    )
    if not story.score.higher_is_better:
        note += f" {story.score.heading}: {story.score.direction}."
    note += _changes(story, labels)
    if drawn < lines:
        note += f" The {drawn} best of {plural(lines, 'cell')} are drawn; the table holds all."
    return note


def _changes(story: SuiteHistory, labels: Mapping[str, str]) -> str:
    """The marks in words, the newest first; empty where there is none."""
    if not story.changes:
        return ""
    texts = [f"{labels[cell_id]}, {words.sentence(change, story)}." for cell_id, change in story.changes[:LISTED]]
    if len(story.changes) > LISTED:
        texts.append(f"`bench history` lists all {len(story.changes)}.")
    mark = (
        " A dashed line marks a lasting change, with the revisions before and after it. A band shows the other places "
    )
    return f"{mark}where the change may be. {words.HOW} {' '.join(texts)}"


def _styles(drawn: Mapping[str, list[Past]], looks: Mapping[str, Style]) -> dict[str, Style]:
    """The architectures' own looks where each has one cell; else a colour per cell: an eye must follow each line."""
    own = {cell_id: looks[cell_id] for cell_id in drawn}
    if len({style.colour for style in own.values()}) == len(own):
        return own
    return {cell_id: Style(f"series-{index % SERIES}", own[cell_id].marker) for index, cell_id in enumerate(own)}


def _scores(axes: Axes, drawn: Mapping[str, list[Past]], styles: Mapping[str, Style], score: Score) -> None:
    ends: list[float] = []
    for index, (cell_id, line) in enumerate(drawn.items()):
        colour, aside = stand_in(styles[cell_id].colour), (index - (len(drawn) - 1) / 2) * 0.04
        means = [past.sample(score).mean for past in line]
        places = [past.run + aside for past in line]
        axes.plot(places, means, color=colour, marker=styles[cell_id].marker, markersize=6, linewidth=1.6)
        ends += means
        for place, past in zip(places, line, strict=True):
            reach = past.interval(score)
            if reach.known:
                axes.plot([place, place], [reach.low, reach.high], color=colour, linewidth=1.4, alpha=0.7)
                ends += [reach.low, reach.high]
    score_axis(axes.yaxis, ends, score, Spacing.EVEN)
    axes.set_ylabel(axis_label(score))
    quiet(axes, grid="y")


def _times(axes: Axes, drawn: Mapping[str, list[Past]], styles: Mapping[str, Style], timed: Sequence[float]) -> None:
    for cell_id, line in drawn.items():
        known = [(point.run, point.time_s) for point in line if not math.isnan(point.time_s)]
        axes.plot(
            [run for run, _ in known], [time for _, time in known], color=stand_in(styles[cell_id].colour),
            marker=styles[cell_id].marker, markersize=6, linewidth=1.6,
        )  # fmt: skip
    time_axis(axes.yaxis, timed)
    axes.set_ylabel("training time")
    quiet(axes, grid="y")


def _name_runs(axes: Axes, runs: Sequence[RunRecord]) -> None:
    every = -(-len(runs) // NAMED)
    named = [place for place in range(len(runs)) if (len(runs) - 1 - place) % every == 0]
    texts = [f"{when(runs[place])}\n{revision(runs[place])}" for place in named]
    turned = len(named) > 5  # noqa: PLR2004  more would meet
    axes.set_xticks(named, texts, **({"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if turned else {}))  # type: ignore[arg-type]
    axes.set_xlim(-0.4, len(runs) - 0.6)


def _figures(past: Past, score: Score) -> tuple[str, ...]:
    reach = past.interval(score)
    return (
        score.text(past.sample(score).mean),
        score.range(reach.low, reach.high),
        str(len(past.scores)),
        seconds(past.time_s),
    )


def _finding(
    lines: Mapping[str, list[Past]], runs: Sequence[RunRecord], labels: Mapping[str, str], score: Score
) -> str:
    """Whether the last run's scores differ from those of the run before it that trained the same cell."""
    changed = changes(lines, score)
    if not changed.compared:
        if changed.single:
            cells = plural(changed.single, "cell")
            return f"One seed per run: the data cannot say whether the {score.heading} of {cells} has changed"
        return f"No cell was trained by more than one of {plural(len(runs), 'run')}"
    cells = plural(changed.compared, "cell")
    alone = f"; {plural(changed.single, 'cell')} with one seed cannot be compared" if changed.single else ""
    if not changed.gaps:
        return f"No change of {score.heading} beyond chance: {cells} compared with the previous run{alone}"
    cell_id, gap = next(iter(changed.gaps.items()))
    moved = f"{'rose' if gap > 0 else 'fell'} by {score.gap_text(abs(gap))}"
    if not score.higher_is_better:
        moved = f"{score.heading} {moved}, which is {'better' if score.gain(gap) > 0 else 'worse'},"
    rest = f"; {len(changed.gaps)} of {changed.compared} cells have changed" if changed.compared > 1 else ""
    rest += alone
    who = name(labels[cell_id], TITLE_WIDTH)
    return f"{who}{'' if score.higher_is_better else ':'} {moved} since its last run{rest}"
