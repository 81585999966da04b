"""Learning curves: how training went, epoch by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.ranking import ranked
from bench.analyse.stats import ok_trials
from bench.core.formatting import number, percent, plural
from bench.core.score import ACCURACY
from bench.render.charts.axes import Spacing, epoch_axis, loss_axis, position, quiet, score_axis, spacing
from bench.render.charts.canvas import TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.curves import FOLLOWED, Curve, colour_note, curve_legend, curves_of, has_accuracy, thin
from bench.render.charts.palette import Style, stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from bench.core.score import Score
    from bench.render.charts.colouring import Colouring

NAME = "learning-curves"
LATE = 0.2  # the last part of the training, by which "still falling" is judged
FALLING = 0.05  # relative fall of the loss over that part
ENDED = 0.01  # of the largest learning rate, below which the last one teaches nothing
FLAT = 0.005  # less than this prints as 0 %
FEW = 4  # cells whose validation curves are drawn with their training curves


def learning_curves(
    trials: pd.DataFrame,
    epochs: pd.DataFrame,
    summary: pd.DataFrame,
    labels: Mapping[str, str],
    looks: Mapping[str, Style],
    *,
    score: Score,
    colours: Colouring | None = None,
) -> Chart | None:
    """Training loss over epochs, and accuracy where epochs have it, a row per data set; the band spans the seeds.

    Args:
        trials: the frame of `bench.record.collect.trials_frame`.
        epochs: that of `bench.record.collect.epochs_frame`.
        summary: of the cells that are drawn.
        labels: by cell id.
        looks: by architecture.
        score: of the run.
        colours: of curves too many for a colour each; None for those of architectures.

    Returns:
        None where no OK trial left an epoch.
    """
    kept = epochs[epochs["trial_id"].isin(ok_trials(trials)["trial_id"])]
    curves = curves_of(kept, looks, colours)
    if not curves:
        return None
    best = str(ranked(summary, score)["cell_id"].iloc[0])
    measures = ["loss", "accuracy"] if has_accuracy(curves) else ["loss"]
    datasets = list(dict.fromkeys(curve.dataset for curve in curves))
    every = len(curves) <= FOLLOWED
    validated = [curve.cell_id for curve in curves if curve.data["validation_loss"].notna().any()]
    if len(validated) > FEW:
        validated = [best] if best in validated else []
    title = _finding(curves, best, labels)
    with canvas(300 * len(datasets) + 20 * (2 + len(curves if every else looks) // 3)) as figure:
        grid = figure.subplots(len(datasets), len(measures), squeeze=False)
        for row, dataset in zip(grid, datasets, strict=True):
            group = [curve for curve in curves if curve.dataset == dataset]
            for axes, measure in zip(row, measures, strict=True):
                _draw(axes, group, measure, best, validated, every=every)
                axes.set_title(name(f"training {measure} on {dataset}{', %' if measure == 'accuracy' else ''}"))
        figure.supxlabel("epoch", fontsize=11.5, color=stand_in("muted"))
        curve_legend(figure, curves, labels, looks, colours, validated=bool(validated))
        alt = f"{' and '.join(measures).capitalize()} over epochs of {plural(len(curves), 'cell')}. {title}."
        svg = svg_text(figure, NAME, title, alt)
    note = f"Lines are medians over seeds{', bands span all seeds' if every else ''}. "
    note += f"{'Loss and accuracy are' if len(measures) > 1 else 'Loss is'} Keras's running "
    note += (
        f"{'means' if len(measures) > 1 else 'mean'} over the training examples of an epoch. An axis is logarithmic "
    )
    note += "if its values differ by more than a factor of ten" + (
        "; the axis of accuracy is then logarithmic in the error." if len(measures) > 1 else "."
    )
    if validated:
        note += " Thin lines with dots are of the validation split"
        note += f", drawn for {name(labels[best], TITLE_WIDTH)} alone." if len(curves) > FEW else "."
    if not every:
        note += f" The bold line is the best cell, {name(labels[best], TITLE_WIDTH)}."
        note += colour_note(colours)
    stops = _stops(curves)
    return Chart(
        name=NAME,
        heading="Learning curves",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        table_note=f"Losses of {len(stops)} epochs, medians over seeds; - means that a training was shorter. Every "
        "epoch of every trial is in run.json, in the folder of this report, and in Python in bench.load(...).epochs().",
        columns=(
            "cell",
            *(f"loss, epoch {stop}" for stop in stops),
            *(
                ("accuracy, last epoch",)
                if len(measures) > 1
                else ("validation loss, last epoch",)
                if validated
                else ()
            ),
        ),
        rows=tuple(
            (
                labels[curve.cell_id],
                *(number(_at(curve, "loss", stop)) for stop in stops),
                *_last(curve, measures, validated=bool(validated)),
            )
            for curve in curves
        ),
    )


def _draw(axes: Axes, curves: list[Curve], measure: str, best: str, validated: list[str], *, every: bool) -> None:
    data = [curve.data for curve in curves]
    values = [float(value) for frame in data for value in frame[measure].dropna()]
    held_out = [curve.data[f"validation_{measure}"] for curve in curves if curve.cell_id in validated]
    values += [float(value) for series in held_out for value in series.dropna()]
    if not values:
        axes.text(0.5, 0.5, "not recorded", ha="center", va="center", transform=axes.transAxes)
        return
    by = spacing(values, ACCURACY) if measure == "accuracy" else Spacing.EVEN
    faint: dict[str, list[tuple[Sequence[float], Sequence[float]]]] = {}
    for curve in curves:
        colour = stand_in(curve.style.colour)
        places = {part: [position(v, by) for v in curve.data[part]] for part in map(str, curve.data) if measure in part}
        if not (every or curve.cell_id == best):
            faint.setdefault(curve.style.colour, []).append((list(curve.data.index), places[measure]))
            continue
        marked = "o" if len(curve.data) == 1 else ""
        axes.plot(
            curve.data.index, places[measure], color=colour, linestyle=curve.dash if every else "-",
            linewidth=2 if every else 2.6, zorder=4, marker=marked,
        )  # fmt: skip
        if every:
            axes.fill_between(
                curve.data.index, places[f"{measure}_low"], places[f"{measure}_high"], color=colour, alpha=0.18,
                linewidth=0,
            )  # fmt: skip
        if curve.cell_id in validated:
            axes.plot(
                curve.data.index, places[f"validation_{measure}"], color=colour, linestyle="-", linewidth=1,
                alpha=0.8, marker="o", markersize=2.8, zorder=5,
            )  # fmt: skip
    thin(axes, faint)
    if measure == "accuracy":
        score_axis(axes.yaxis, values, ACCURACY, by)
    else:
        loss_axis(axes.yaxis, values)
    epoch_axis(axes.xaxis, max(int(frame.index.max()) for frame in data))
    quiet(axes, grid="y")


def _finding(curves: list[Curve], best: str, labels: Mapping[str, str]) -> str:
    """Whether the best cell has finished learning; the others are judged by eye."""
    curve = next((curve for curve in curves if curve.cell_id == best), curves[0])
    losses, text = curve.data["loss"].dropna(), name(labels[curve.cell_id], TITLE_WIDTH)
    late = max(1, round(len(losses) * LATE))
    if len(losses) <= late:
        return f"{text} was trained for {plural(len(curve.data), 'epoch')}: too few to see a trend"
    fall = _fall(losses, late)
    held_out = curve.data["validation_loss"].dropna()
    also = f", its validation loss {_moved(_fall(held_out, late))}" if len(held_out) > late else ""
    span = "epoch" if late == 1 else f"{late} epochs"
    moved = f"its training loss {_moved(fall)} over the last {span}"
    if late > 1:
        moved += f" and {_moved(_fall(losses, 1))} in the last one"
    if ended(curve.data["learning_rate"]):
        return f"{text} ended with a learning rate near 0: {moved}{also}"
    return f"{text} {_state(losses, fall, late)}: {moved}{also}"


def ended(rates: pd.Series[float]) -> bool:
    """Whether the learning rate ended below a hundredth of its largest value, so that no further epoch would teach."""
    known = rates.dropna()
    return len(known) > 1 and float(known.iloc[-1]) < ENDED * float(known.max())


def _state(losses: pd.Series[float], fall: float, late: int) -> str:
    """Still learning is a loss that fell over its last epochs and went on to fall at that pace in the very last."""
    if fall > FALLING and _fall(losses, 1) > FALLING / late / 2:
        return "was still learning"
    if fall < -FALLING:
        return "got worse late"
    return "was learning more slowly" if fall > FALLING else "had levelled off"


def _fall(losses: pd.Series[float], late: int) -> float:
    """How far the loss fell over its last epochs, relative to where it was before them."""
    before, after = float(losses.iloc[-1 - late]), float(losses.iloc[-1])
    return (before - after) / abs(before) if before else 0.0


def _moved(fall: float) -> str:
    if abs(fall) < FLAT:
        return "did not move"
    return f"{'fell' if fall > 0 else 'rose'} by {percent(abs(fall), 0)}"


def _stops(curves: list[Curve]) -> list[int]:
    """The epochs the table shows: the first, the quarters and the last."""
    last = max(int(curve.data.index.max()) for curve in curves)
    return sorted({1, *(max(1, round(last * part)) for part in (0.25, 0.5, 0.75, 1))})


def _last(curve: Curve, measures: Sequence[str], *, validated: bool) -> tuple[str, ...]:
    """What the table ends with: the accuracy, or where there is none the loss on validation examples."""
    if len(measures) > 1:
        return (percent(float(curve.data["accuracy"].iloc[-1])),)
    return (number(float(curve.data["validation_loss"].iloc[-1])),) if validated else ()


def _at(curve: Curve, measure: str, epoch: int) -> float:
    return float(curve.data[measure].get(epoch, float("nan")))
