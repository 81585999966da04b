"""Learning over seconds: which cell is ahead at which moment of training."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.analyse.ranking import ranked
from bench.analyse.stats import by_cell, timed_trials
from bench.core.formatting import plural, seconds
from bench.core.score import ACCURACY, Score
from bench.render.charts.axes import axis_label, position, quiet, score_axis, spacing, time_axis
from bench.render.charts.canvas import TITLE_WIDTH, Chart, canvas, name, panels, svg_text
from bench.render.charts.learning_curves import TELLABLE, Curve, curve_legend, curves_of, has_accuracy, thin
from bench.render.charts.notes import untimed_note
from bench.render.charts.palette import Style, stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

NAME = "learning-over-time"
LOSS = Score(name="loss", heading="loss", meaning="What a training makes small.", higher_is_better=False)


def learning_over_time(
    trials: pd.DataFrame,
    epochs: pd.DataFrame,
    summary: pd.DataFrame,
    labels: Mapping[str, str],
    looks: Mapping[str, Style],
    *,
    score: Score,
) -> Chart | None:
    """Accuracy over seconds of training, a panel per data set and device; a band spans the seeds.

    Where epochs have no accuracy it is the loss. It is that on held-out examples where every cell has it, else Keras's
    running mean on the training examples.

    Returns:
        None where no OK trial was timed alone.
    """
    kept = epochs[epochs["trial_id"].isin(timed_trials(trials)["trial_id"])]
    if kept.empty:
        return None
    curves = curves_of(kept, looks)
    followed = ACCURACY if has_accuracy(curves) else LOSS
    held_out = all(curve.data[f"validation_{followed.name}"].notna().any() for curve in curves)
    measure = f"validation_{followed.name}" if held_out else followed.name
    if all(curve.data[measure].isna().all() for curve in curves):
        return None
    devices = {cell_id: str(group["device"].iloc[0]) for cell_id, group in by_cell(kept)}
    places = list(dict.fromkeys((curve.dataset, devices[curve.cell_id]) for curve in curves))
    best, every = str(ranked(summary, score)["cell_id"].iloc[0]), len(curves) <= TELLABLE
    title = _finding([c for c in curves if (c.dataset, devices[c.cell_id]) == places[0]], measure, labels, followed)
    columns = min(2, len(places))
    with canvas(320 * -(-len(places) // columns) + 20 * (1 + len(curves if every else looks) // 3)) as figure:
        for axes, place in zip(panels(figure, len(places), columns), places, strict=True):
            group = [c for c in curves if (c.dataset, devices[c.cell_id]) == place]
            _panel(axes, group, measure, best, followed, every=every)
            if len(places) > 1:
                axes.set_title(name(f"{place[0]} on {place[1]}"))
        figure.supxlabel("training time", fontsize=11.5, color=stand_in("muted"))
        label = axis_label(followed, "validation" if held_out else "training")
        figure.supylabel(label, fontsize=11.5, color=stand_in("muted"))
        curve_legend(figure, curves, labels, looks)
        alt = f"{followed.title} over seconds of training of {plural(len(curves), 'cell')}. {title}."
        svg = svg_text(figure, NAME, title, alt)
    note = "A point per epoch: median seconds since training began and median " + followed.heading + " over seeds"
    note += ", with a band that spans them" if every else "; the bold line is the best cell"
    note += "; tracing and compiling are left out." + untimed_note(summary)
    return Chart(
        name=NAME,
        heading="Learning over time",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("cell", f"first epoch, {followed.heading}", "after", f"last epoch, {followed.heading}", "after"),
        rows=tuple((labels[curve.cell_id], *_ends(curve, measure, followed)) for curve in curves),
    )


def _panel(axes: Axes, curves: list[Curve], measure: str, best: str, followed: Score, *, every: bool) -> None:
    values = [float(value) for curve in curves for value in curve.data[measure].dropna()]
    times = [float(value) for curve in curves for value in curve.data["seconds"]]
    by = spacing(values, followed)
    faint: dict[str, list[tuple[Sequence[float], Sequence[float]]]] = {}
    for curve in curves:
        colour = stand_in(curve.style.colour)
        heights = [position(float(value), by) for value in curve.data[measure]]
        if not (every or curve.cell_id == best):
            faint.setdefault(curve.style.colour, []).append((list(curve.data["seconds"]), heights))
            continue
        axes.plot(
            curve.data["seconds"], heights, color=colour, linestyle=curve.dash if every else "-",
            linewidth=2 if every else 2.6, zorder=4, marker="o" if every else "", markersize=3,
        )  # fmt: skip
        if every:
            low, high = (
                [position(float(value), by) for value in curve.data[f"{measure}_{end}"]] for end in ("low", "high")
            )
            axes.fill_between(curve.data["seconds"], low, high, color=colour, alpha=0.18, linewidth=0)
    thin(axes, faint)
    score_axis(axes.yaxis, values, followed, by)
    time_axis(axes.xaxis, times)
    quiet(axes, grid="y")


def _finding(curves: list[Curve], measure: str, labels: Mapping[str, str], followed: Score) -> str:
    """Who is ahead until when: at any moment, the cell with the best value so far (of the first panel)."""
    points = sorted(
        (float(time), float(value), curve.cell_id)
        for curve in curves
        for time, value in zip(curve.data["seconds"], curve.data[measure], strict=True)
        if not math.isnan(value)
    )
    ahead: list[tuple[float, str]] = []
    best = math.nan
    for time, value, cell_id in points:
        if math.isnan(best) or followed.better(value, best):
            best = value
            if not ahead or ahead[-1][1] != cell_id:
                ahead.append((time, cell_id))
    (begun, first), (since, last) = ahead[0], ahead[-1]
    first_name, last_name = (name(labels[cell_id], TITLE_WIDTH) for cell_id in (first, last))
    kind = f"{'validation' if measure.startswith('validation') else 'training'} {followed.heading}"
    if len(curves) == 1:
        return f"{first_name} reaches a {kind} of {followed.text(best)} after {seconds(points[-1][0])}"
    if len(ahead) == 1:
        return f"{first_name} is ahead in {kind} from its first epoch on, which ends after {seconds(begun)}"
    others = len({cell_id for _, cell_id in ahead} - {first, last})
    if first == last:
        verb = "leads" if others == 1 else "lead"
        between = f"{plural(others, 'cell')} {verb} in between"
        return f"{first_name} is ahead in {kind} at first and in the end; {between}"
    between = f", with {plural(others, 'cell')} in between" if others else ""
    return f"At first {first_name} is ahead in {kind}; from {seconds(since)} on it is {last_name}{between}"


def _ends(curve: Curve, measure: str, followed: Score) -> tuple[str, ...]:
    data = curve.data
    return tuple(
        text
        for place in (0, -1)
        for text in (followed.text(float(data[measure].iloc[place])), seconds(float(data["seconds"].iloc[place])))
    )
