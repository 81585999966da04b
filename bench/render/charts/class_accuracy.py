"""Accuracy per class: which classes are hard for which architecture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.cells import cell_len

from bench.analyse.predictions import confusion
from bench.core.formatting import percent, plural
from bench.core.score import ACCURACY
from bench.render.charts.canvas import LABEL_WIDTH, NARROW, TITLE_WIDTH, WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.marks import DRAWN, KEYS, LISTED, height, marks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.analyse.predictions import Answers
    from bench.render.charts.examples import Examples

NAME = "class-accuracy"
SHORT_CLASS = 16  # letters of a class that leave half of a narrow drawing to the marks


def class_accuracies(examples: Examples) -> Chart | None:
    """A row per class, the hardest on top; a mark per architecture is the accuracy of its best cell.

    Returns:
        None where no architecture has predictions.
    """
    answers, labels, leading = examples.answers, examples.labels, examples.leading
    accuracies = {architecture: _by_class(answers, cell_id) for architecture, cell_id in examples.judged.items()}
    if not accuracies:
        return None
    best = next(iter(accuracies))
    means = accuracies[best]
    ordered = sorted(means, key=lambda label: (means[label], label))
    drawn, marked = ordered[:DRAWN], dict(list(accuracies.items())[:KEYS])
    title = _finding(answers, ordered, means, labels[leading[best]])
    if len(drawn) < len(ordered):
        title += f"; the {len(drawn)} hardest of {plural(len(ordered), 'class', 'classes')} are drawn"
    keys = [name(labels[leading[architecture]]) for architecture in marked]
    width = _width([name(answers.name(label)) for label in drawn], keys)
    with canvas(height(len(drawn), len(marked), width), width=width) as figure:
        below = "accuracy in the class, %"
        marks(figure, examples, drawn, marked, ACCURACY, words=("true class", below))
        alt = f"Accuracy per class of {plural(len(marked), 'architecture')}. {title}."
        svg = svg_text(figure, NAME + examples.suffix, title, alt)
    note = "Mean over the seeds of each architecture's best cell. The top row is the hardest class of the best cell."
    if len(marked) < len(accuracies):
        note += f" The first {len(marked)} of {plural(len(accuracies), 'architecture')} are drawn; the table holds all."
    counts = dict(zip(*(values.tolist() for values in np.unique(answers.truth, return_counts=True)), strict=True))
    return Chart(
        name=NAME + examples.suffix,
        heading="Accuracy per class",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("class", f"test {examples.nouns}", *(labels[leading[key]] for key in accuracies)),
        rows=tuple(
            (
                name(answers.name(label)),
                f"{counts[label]:,}",
                *(percent(of_class[label]) for of_class in accuracies.values()),
            )
            for label in ordered[:LISTED]
        ),
        table_note=f"The {LISTED} hardest of {plural(len(ordered), 'class', 'classes')}."
        if len(ordered) > LISTED
        else "",
    )


def _width(classes: Sequence[str], keys: Sequence[str]) -> int:
    """Pixels: as a telephone shows them whole, where names leave room for the marks."""
    is_short = max(map(cell_len, classes)) <= SHORT_CLASS and max(map(cell_len, keys)) <= LABEL_WIDTH
    return NARROW if is_short else WIDTH


def _by_class(answers: Answers, cell_id: str) -> dict[int, float]:
    table = confusion(answers, cell_id)
    right, total = table.diagonal(), table.sum(axis=1)
    return {label: float(right[label] / total[label]) for label in map(int, np.unique(answers.truth))}


def _finding(answers: Answers, ordered: list[int], means: Mapping[int, float], label: str) -> str:
    hard, easy = ordered[0], ordered[-1]
    first, last = (name(answers.name(label), TITLE_WIDTH) for label in (hard, easy))
    who = name(label, TITLE_WIDTH)
    if means[hard] == means[easy]:
        return f"All classes are equally hard for {who}: {percent(means[hard])}"
    easiest = f"{last} the easiest, {percent(means[easy])}"
    return f"For {who}, {first} is the hardest class, {percent(means[hard])} right; {easiest}"
