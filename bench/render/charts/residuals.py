"""Regression: predicted against true values, and how errors are distributed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from bench.analyse.residuals import Errors, errors_of, tendency
from bench.core.formatting import number, percent, plural
from bench.render.charts.axes import quiet, value_axis
from bench.render.charts.canvas import TITLE_WIDTH, Chart, canvas, name, panels, svg_text
from bench.render.charts.marks import KEYS, legend
from bench.render.charts.palette import stand_in

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from bench.analyse.residuals import Tendency
    from bench.render.charts.examples import Examples

SCATTER, DISTRIBUTION = "predicted-against-true", "error-distribution"
PANELS = 4
POINTS = 800  # dots of a panel: more would overlap and make the page large
STEPS = 101  # places of a curve of shares
REACH = 0.99  # of the errors that the axis of a distribution holds
ROWS = 300  # rows that a table can hold


@dataclass(frozen=True, slots=True)
class _Panel:
    """One target of one architecture's leading cell."""

    architecture: str
    target: int
    tendency: Tendency
    predicted: NDArray[np.float64]


def predicted_against_true(examples: Examples) -> Chart | None:
    """A panel per architecture, of its best cell; of several targets, a panel per target of the best architecture.

    Returns:
        None where no architecture has predictions.
    """
    answers, judged, width = examples.answers, examples.judged, examples.answers.target.width
    if not judged:
        return None
    every = [
        _Panel(architecture, target, *tendency(answers, cell_id, target))
        for architecture, cell_id in judged.items()
        for target in range(width)
    ]
    best = next(iter(judged))
    several = width > 1
    wanted = [panel for panel in every if not several or panel.architecture == best]
    drawn = wanted[:PANELS]
    title = _ends(examples, drawn[0])
    columns = min(2, len(drawn))
    with canvas((340 if columns > 1 else 440) * -(-len(drawn) // columns)) as figure:
        for axes, panel in zip(panels(figure, len(drawn), columns), drawn, strict=True):
            _scatter(axes, examples, panel)
            cell = examples.labels[examples.leading[panel.architecture]]
            axes.set_title(name(answers.name(panel.target) if several else cell, 44 if columns > 1 else 80))
        figure.supxlabel("true" if several else f"true {name(answers.name(0))}", fontsize=11.5, color=stand_in("muted"))
        figure.supylabel("predicted", fontsize=11.5, color=stand_in("muted"))
        alt = f"Predicted against true values of {plural(len(answers.truth), f'test {examples.noun}')} of "
        alt += f"{name(answers.dataset)}. {title}."
        svg = svg_text(figure, SCATTER + examples.suffix, title, alt)
    note = f"A dot is a test {examples.noun}: its true value, and the median prediction over the seeds of the cell. On "
    note += "the line both are equal; above the line the prediction is too high."
    if len(answers.truth) > POINTS:
        note += f" {POINTS} of {plural(len(answers.truth), examples.noun)} are drawn, spread evenly over the test set."
    if several:
        note += f" The chart is of the best cell, {name(examples.labels[examples.leading[best]], TITLE_WIDTH)}."
    else:
        note += " Each architecture is shown by its best cell." if len(judged) > 1 else ""
    if len(wanted) > len(drawn):
        note += f" The first {len(drawn)} of {plural(len(wanted), 'target' if several else 'architecture')} are drawn; "
        note += "the table holds all."
    return Chart(
        name=SCATTER + examples.suffix,
        heading="Predicted against true values",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("cell", "target", "predicted - true", "lowest tenth", "highest tenth", "correlation"),
        rows=tuple(
            (
                examples.labels[examples.leading[panel.architecture]],
                name(answers.name(panel.target)),
                _signed(panel.tendency.mean),
                _signed(panel.tendency.low),
                _signed(panel.tendency.high),
                number(panel.tendency.correlation),
            )
            for panel in every[:ROWS]
        ),
        table_note="Means of predicted - true: over all test "
        f"{examples.nouns}, over the tenth with the lowest true values, and over the tenth with the highest.",
    )


def error_distribution(examples: Examples) -> Chart | None:
    """The cumulative distribution of absolute errors: a curve per architecture, a panel per target.

    Returns:
        None where no architecture has predictions.
    """
    answers, judged, width = examples.answers, examples.judged, examples.answers.target.width
    if not judged:
        return None
    errors = {
        (architecture, target): errors_of(answers, cell_id, target)
        for architecture, cell_id in judged.items()
        for target in range(width)
    }
    best, marked = next(iter(judged)), list(judged)[:KEYS]
    drawn = min(width, PANELS)
    title = _half(examples, best, errors[best, 0])
    columns = min(2, drawn)
    with canvas((320 if columns > 1 else 360) * -(-drawn // columns) + 20 * (1 + len(marked) // 3)) as figure:
        for target, axes in enumerate(panels(figure, drawn, columns)):
            _shares(axes, examples, {key: errors[key, target] for key in marked})
            if width > 1:
                axes.set_title(name(answers.name(target)))
        label = "absolute error" if width > 1 else f"absolute error of {name(answers.name(0))}"
        figure.supxlabel(label, fontsize=11.5, color=stand_in("muted"))
        figure.supylabel(f"test {examples.nouns} with at most this error, %", fontsize=11.5, color=stand_in("muted"))
        legend(figure, examples, marked, line=True)
        alt = f"Distribution of absolute errors of {plural(len(marked), 'architecture')}. {title}."
        svg = svg_text(figure, DISTRIBUTION + examples.suffix, title, alt)
    note = "A curve further to the left means smaller errors. An error is the error of the median prediction over the "
    note += f"seeds of {'the best cell of each architecture' if len(judged) > 1 else 'the cell'}. At most "
    note += f"{percent(1 - REACH, 0)} of a cell's errors are beyond the axis."
    if width > drawn:
        note += f" The first {drawn} of {plural(width, 'target')} are drawn; the table holds all."
    if len(marked) < len(judged):
        note += f" The first {len(marked)} of {plural(len(judged), 'architecture')} are drawn; the table holds all."
    return Chart(
        name=DISTRIBUTION + examples.suffix,
        heading="How large the errors are",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("cell", "target", "mean", "half are at most", "9 in 10 are at most", "largest"),
        rows=tuple(
            (
                examples.labels[examples.leading[architecture]],
                name(answers.name(target)),
                *(number(value) for value in (of.mean, of.median, of.ninth, of.largest)),
            )
            for (architecture, target), of in list(errors.items())[:ROWS]
        ),
        table_note="Absolute errors, in the unit of the target.",
    )


def _scatter(axes: Axes, examples: Examples, panel: _Panel) -> None:
    truth = examples.answers.truth[:, panel.target].astype(float)
    both = [*truth.tolist(), *panel.predicted.tolist()]
    low, high = min(both), max(both)
    axes.plot([low, high], [low, high], color=stand_in("muted"), linewidth=1.2, zorder=2)
    chosen = np.unique(np.linspace(0, len(truth) - 1, min(len(truth), POINTS)).round().astype(int))
    # lines of length 0 with round ends, as a single path: a page holds thousands of them
    places = [(float(truth[i]), float(panel.predicted[i])) for i in chosen for _ in (0, 1)]
    path = Path(places, [Path.MOVETO, Path.LINETO] * len(chosen))
    path.should_simplify = False
    axes.add_patch(
        PathPatch(
            path, facecolor="none", edgecolor=stand_in(examples.looks[panel.architecture].colour), capstyle="round",
            linewidth=4.5 if len(chosen) < POINTS / 2 else 3.2, alpha=0.5, zorder=3,
        )
    )  # fmt: skip
    value_axis(axes.xaxis, both)
    value_axis(axes.yaxis, both)
    quiet(axes, grid="both")


def _shares(axes: Axes, examples: Examples, errors: dict[str, Errors]) -> None:
    shares = np.linspace(0, 1, STEPS)
    reach = max(of.quantile(REACH) for of in errors.values()) or max(of.largest for of in errors.values()) or 1.0
    for architecture, of in errors.items():
        axes.plot(
            [of.quantile(float(share)) for share in shares], 100 * shares, linewidth=2,
            color=stand_in(examples.looks[architecture].colour),
        )  # fmt: skip
    value_axis(axes.xaxis, [0.0, reach])
    axes.set_xlim(0, reach)
    axes.set_ylim(0, 102)
    quiet(axes, grid="both")


def _ends(examples: Examples, panel: _Panel) -> str:
    """How far predictions are from the truth at both ends of it."""
    of, target = panel.tendency, examples.answers.name(panel.target)
    who = name(examples.labels[examples.leading[panel.architecture]], TITLE_WIDTH)
    return (
        f"{who} predicts the lowest tenth of {name(target, TITLE_WIDTH)} {_off(of.low)} and the highest tenth "
        f"{_off(of.high)} on average"
    )


def _off(difference: float) -> str:
    if number(abs(difference)) == number(0.0):
        return "right"
    return f"{number(abs(difference))} too {'high' if difference > 0 else 'low'}"


def _half(examples: Examples, architecture: str, errors: Errors) -> str:
    who = name(examples.labels[examples.leading[architecture]], TITLE_WIDTH)
    of = f" in {name(examples.answers.name(0), TITLE_WIDTH)}" if examples.answers.target.width > 1 else ""
    return (
        f"Half of the errors of {who}{of} are at most {number(errors.median)}, and 9 in 10 at most "
        f"{number(errors.ninth)}"
    )


def _signed(value: float) -> str:
    text = number(value)
    return f"+{text}" if value > 0 else text
