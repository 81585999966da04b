"""Learning over seconds: which cell is ahead at which moment of training."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.analyse.leads import leads
from bench.analyse.ranking import ranked
from bench.analyse.stats import by_cell, timed_trials
from bench.core.formatting import plural, seconds
from bench.core.score import ACCURACY, Score
from bench.render.charts.axes import axis_label, logarithmic, position, quiet, score_axis, spacing, time_axis
from bench.render.charts.canvas import TITLE_WIDTH, Chart, canvas, name, panels, svg_text
from bench.render.charts.curves import (
    FOLLOWED,
    Curve,
    colour_note,
    curve_legend,
    curves_of,
    has_accuracy,
    thin,
)
from bench.render.charts.notes import untimed_note
from bench.render.charts.palette import Style, stand_in
from bench.render.networks import places_by_cell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from bench.analyse.networks import Networks
    from bench.render.charts.colouring import Colouring

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
    colours: Colouring | None = None,
    networks: Networks | None = None,
) -> Chart | None:
    """Accuracy over seconds of training, a panel per data set and place; a band spans the seeds.

    Where epochs have no accuracy it is the loss. It is that on held-out examples where every cell has it, else Keras's
    running mean on the training examples.

    Returns:
        None where no OK trial was timed alone.
    """
    kept = epochs[epochs["trial_id"].isin(timed_trials(trials)["trial_id"])]
    if kept.empty:
        return None
    several = networks is not None and networks.several
    where = places_by_cell(networks) if networks is not None else {}
    twins = networks.reference_of if networks is not None and several else {}
    curves = curves_of(kept, looks, colours, twins)
    followed = ACCURACY if has_accuracy(curves) else LOSS
    held_out = all(curve.data[f"validation_{followed.name}"].notna().any() for curve in curves)
    measure = f"validation_{followed.name}" if held_out else followed.name
    if all(curve.data[measure].isna().all() for curve in curves):
        return None
    devices = {cell_id: where.get(cell_id, str(group["device"].iloc[0])) for cell_id, group in by_cell(kept)}
    places = list(dict.fromkeys((curve.dataset, devices[curve.cell_id]) for curve in curves))
    best, every = str(ranked(summary, score)["cell_id"].iloc[0]), len(_once(curves, twins)) <= FOLLOWED
    times = [float(value) for curve in curves for value in curve.data["seconds"]]
    first = [c for c in curves if (c.dataset, devices[c.cell_id]) == places[0]]
    title = _finding(first, measure, labels, followed, times) + (f" (on {places[0][1]})" if several else "")
    columns = min(2, len(places))
    with canvas(
        320 * -(-len(places) // columns) + 20 * (1 + len(_once(curves, twins) if every else looks) // 3)
    ) as figure:
        for axes, place in zip(panels(figure, len(places), columns), places, strict=True):
            group = [c for c in curves if (c.dataset, devices[c.cell_id]) == place]
            bold = {curve.cell_id for curve in curves if _same(curve.cell_id, best, twins)}
            _panel(axes, group, measure, bold, followed, every=every)
            # one axis for all panels, so that devices are compared by eye
            time_axis(axes.xaxis, times)
            if len(places) > 1:
                axes.set_title(name(f"{place[0]} on {place[1]}"))
        figure.supxlabel("training time", fontsize=11.5, color=stand_in("muted"))
        label = axis_label(followed, "validation" if held_out else "training")
        figure.supylabel(label, fontsize=11.5, color=stand_in("muted"))
        curve_legend(figure, _once(curves, twins), labels, looks, colours)
        alt = f"{followed.title} over seconds of training of {plural(len(curves), 'cell')}. {title}."
        svg = svg_text(figure, NAME, title, alt)
    note = "A point is an epoch: median seconds since training began and median " + followed.heading + " over seeds. "
    note += "The band spans all seeds. " if every else "The bold line is the best cell. "
    note += "Tracing and compiling are excluded. After a line ends, its last value counts." + untimed_note(summary)
    if not every:
        note += colour_note(colours)
    return Chart(
        name=NAME,
        heading="Learning over time",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("cell", f"first epoch, {followed.heading}", "after", f"last epoch, {followed.heading}", "after"),
        rows=tuple(
            (labels[curve.cell_id] + (f" on {where[curve.cell_id]}" if where else ""), *_ends(curve, measure, followed))
            for curve in curves
        ),
    )


def _once(curves: list[Curve], twins: Mapping[str, str]) -> list[Curve]:
    """A curve for each network: in the legend, its curves in all places are alike."""
    return list({twins.get(curve.cell_id, curve.cell_id): curve for curve in reversed(curves)}.values())[::-1]


def _same(first: str, second: str, twins: Mapping[str, str]) -> bool:
    """Whether two cells are of one network."""
    return twins.get(first, first) == twins.get(second, second)


def _panel(axes: Axes, curves: list[Curve], measure: str, bold: set[str], followed: Score, *, every: bool) -> None:
    values = [float(value) for curve in curves for value in curve.data[measure].dropna()]
    by = spacing(values, followed)
    faint: dict[str, list[tuple[Sequence[float], Sequence[float]]]] = {}
    for curve in curves:
        colour = stand_in(curve.style.colour)
        heights = [position(float(value), by) for value in curve.data[measure]]
        if not (every or curve.cell_id in bold):
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
    quiet(axes, grid="y")


def _finding(
    curves: list[Curve], measure: str, labels: Mapping[str, str], followed: Score, times: Sequence[float]
) -> str:
    """Whose line is on top until when, as the (first) panel draws them; a lead counts if it lasts an epoch."""
    kind = f"{'validation' if measure.startswith('validation') else 'training'} {followed.heading}"
    data = {curve.cell_id: curve.data.dropna(subset=[measure]) for curve in curves}
    data = {cell_id: of for cell_id, of in data.items() if len(of)}
    names = {cell_id: name(labels[cell_id], TITLE_WIDTH) for cell_id in data}
    if len(data) == 1:
        ((cell_id, only),) = data.items()
        best = float(only[measure].max() if followed.higher_is_better else only[measure].min())
        return f"{names[cell_id]} reaches a {kind} of {followed.text(best)} after {seconds(only['seconds'].iloc[-1])}"
    by = spacing([float(value) for of in data.values() for value in of[measure]], followed)
    drawn, real = (math.log, math.exp) if logarithmic(times) else (float, float)
    leading = leads(
        {
            cell_id: (
                [drawn(float(time)) for time in of["seconds"]],
                [followed.sign * position(float(value), by) for value in of[measure]],
            )
            for cell_id, of in data.items()
        }
    )
    ends = {cell_id: float(of[measure].iloc[-1]) for cell_id, of in data.items()}
    best = max(ends.values(), key=followed.gain)
    level = [cell_id for cell_id, value in ends.items() if value == best]
    if len(level) > 1:
        return f"{len(level)} cells end equal in {kind}, at {followed.text(best)}"
    last = next(lead for lead in reversed(leading) if lead.key == level[0])
    epoch = {cell_id: float(of["seconds"].iloc[-1]) / len(of) for cell_id, of in data.items()}
    long = [lead.key for lead in leading if lead is not last and real(lead.until) - real(lead.since) >= epoch[lead.key]]
    since = seconds(real(last.since))
    if not long:
        return f"{names[last.key]} is ahead in {kind} from {since} on"
    others = len(set(long) - {long[0], last.key})
    between = f", with {plural(others, 'cell')} in between" if others else ""
    if long[0] == last.key:
        return f"{names[last.key]} is ahead in {kind} at first, and again from {since} on{between}"
    return f"At first {names[long[0]]} is ahead in {kind}; from {since} on it is {names[last.key]}{between}"


def _ends(curve: Curve, measure: str, followed: Score) -> tuple[str, ...]:
    data = curve.data
    return tuple(
        text
        for place in (0, -1)
        for text in (followed.text(float(data[measure].iloc[place])), seconds(float(data["seconds"].iloc[place])))
    )
