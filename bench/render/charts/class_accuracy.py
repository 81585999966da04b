"""Accuracy per class: which classes are hard, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from bench.analyse.predictions import confusion
from bench.core.formatting import percent, plural
from bench.render.charts.axes import accuracy_axis, quiet
from bench.render.charts.canvas import LABEL_WIDTH, TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.palette import Style, stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.analyse.predictions import Answers

NAME = "class-accuracy"
DRAWN = 24  # classes that a page can carry; the table has all
KEYS = 8  # architectures that an eye tells apart


def class_accuracies(
    answers: Answers,
    leading: Mapping[str, str],
    labels: Mapping[str, str],
    looks: Mapping[str, Style],
    suffix: str = "",
) -> Chart | None:
    """A row per class, the hardest on top; a mark per architecture is the accuracy of its most accurate cell.

    Args:
        answers: of one data set.
        suffix: of the chart's name, where a report has it for several data sets.
        leading: by architecture, the cell that stands for it, the most accurate first.
        labels: by cell id.
        looks: by architecture.

    Returns:
        None where no architecture has predictions.
    """
    accuracies = {
        architecture: _by_class(answers, cell_id)
        for architecture, cell_id in leading.items()
        if cell_id in answers.predicted
    }
    if not accuracies:
        return None
    best = next(iter(accuracies))
    means = accuracies[best]
    ordered = sorted(means, key=lambda label: (means[label], label))
    shown, marked = ordered[:DRAWN], dict(list(accuracies.items())[:KEYS])
    values = [one[label] for one in marked.values() for label in shown]
    title = _finding(answers, ordered, means, labels[leading[best]])
    with canvas(80 + 26 * len(shown) + 20 * (len(marked) // 3)) as figure:
        axes = figure.subplots()
        for architecture, one in marked.items():
            look = looks[architecture]
            axes.plot(
                [one[label] for label in shown], range(len(shown)), linestyle="none",
                marker=look.marker, markersize=8, color=stand_in(look.colour), markeredgewidth=0, alpha=0.9,
            )  # fmt: skip
        axes.set_yticks(range(len(shown)), [name(answers.name(label), LABEL_WIDTH) for label in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_ylabel("true class")
        axes.set_xlabel("accuracy on the test images of the class, %")
        accuracy_axis(axes.xaxis, values, spread=False)
        quiet(axes, grid="both")
        keys = [
            Line2D([], [], linestyle="none", marker=looks[key].marker, markersize=8, color=stand_in(looks[key].colour),
                   label=name(labels[leading[key]], LABEL_WIDTH))
            for key in marked
        ]  # fmt: skip
        if len(keys) > 1:
            widest = max(len(str(key.get_label())) for key in keys)
            figure.legend(handles=keys, loc="outside upper left", ncols=max(1, min(len(keys), 96 // (widest + 5))))
        alt = f"Accuracy per class of {plural(len(marked), 'architecture')}. {title}."
        svg = svg_text(figure, NAME + suffix, title, alt)
    note = "Mean over the seeds of each architecture's most accurate cell; the class that is hardest on average stands "
    note += "on top."
    if len(shown) < len(ordered):
        note += (
            f" The {len(shown)} hardest of {plural(len(ordered), 'class', 'classes')} are drawn; the table holds all."
        )
    if len(marked) < len(accuracies):
        note += f" The first {len(marked)} of {plural(len(accuracies), 'architecture')} are drawn; the table holds all."
    return Chart(
        name=NAME + suffix,
        heading="Accuracy per class",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("class", "test images", *(labels[leading[key]] for key in accuracies)),
        rows=tuple(
            (
                name(answers.name(label)),
                f"{int(np.sum(answers.labels == label)):,}",
                *(percent(one[label]) for one in accuracies.values()),
            )
            for label in ordered
        ),
    )


def _present(answers: Answers) -> list[int]:
    return [int(label) for label in np.unique(answers.labels)]


def _by_class(answers: Answers, cell_id: str) -> dict[int, float]:
    table = confusion(answers, cell_id)
    return {label: float(table[label, label] / table[label].sum()) for label in _present(answers)}


def _finding(answers: Answers, ordered: list[int], means: Mapping[int, float], label: str) -> str:
    hard, easy = ordered[0], ordered[-1]
    first, last = (name(answers.name(one), TITLE_WIDTH) for one in (hard, easy))
    who = name(label, TITLE_WIDTH)
    if means[hard] == means[easy]:
        return f"All classes are equally hard for {who}: {percent(means[hard])}"
    easiest = f"{last} the easiest, {percent(means[easy])}"
    return f"For {who}, {first} is the hardest class, {percent(means[hard])} right; {easiest}"
