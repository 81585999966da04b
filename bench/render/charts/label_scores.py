"""F1 per label: which labels are hard for which architecture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.analyse.predictions import label_scores
from bench.core.formatting import percent, plural
from bench.core.scores import SCORES
from bench.render.charts.canvas import TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.marks import DRAWN, KEYS, LISTED, height, marks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.render.charts.examples import Examples

NAME = "label-f1"


def f1_by_label(examples: Examples) -> Chart | None:
    """A row per label, the hardest on top; a mark per architecture is the F1 of its best cell.

    Returns:
        None where no architecture has predictions, or no label is ever given or true.
    """
    answers, labels, leading = examples.answers, examples.labels, examples.leading
    scores = {architecture: label_scores(answers, cell_id) for architecture, cell_id in examples.judged.items()}
    if not scores:
        return None
    f1 = {
        architecture: {place: float(value) for place, value in enumerate(of_labels.f1)}
        for architecture, of_labels in scores.items()
    }
    best = next(iter(scores))
    known = [place for place, value in f1[best].items() if not math.isnan(value)]
    if not known:
        return None
    ordered = sorted(known, key=lambda place: (f1[best][place], place))
    unknown = [place for place in f1[best] if place not in set(known)]
    drawn, marked = ordered[:DRAWN], dict(list(f1.items())[:KEYS])
    title = _finding(examples, ordered, f1[best], labels[leading[best]])
    if len(drawn) < len(ordered):
        title += f"; the {len(drawn)} hardest of {plural(len(ordered), 'label')} are drawn"
    with canvas(height(len(drawn), len(marked))) as figure:
        below = f"F1 on the test {examples.nouns}, %"
        marks(figure, examples, drawn, marked, SCORES["f1_score"], words=("label", below))
        alt = f"F1 per label of {plural(len(marked), 'architecture')}. {title}."
        svg = svg_text(figure, NAME + examples.suffix, title, alt)
    note = (
        f"F1 is the harmonic mean of precision and recall. It is 100 % if exactly the {examples.nouns} that have the "
    )
    note += "label are predicted to have it. Marks are means over the seeds of each architecture's best cell. The top "
    note += "row is the hardest label of the best cell."
    if len(marked) < len(f1):
        note += f" The first {len(marked)} of {plural(len(f1), 'architecture')} are drawn; the table holds all."
    if unknown:
        note += f" {plural(len(unknown), 'label')} {'is' if len(unknown) == 1 else 'are'} not drawn: no test "
        note += f"{examples.noun} has the label, and at least one seed never predicts it."
    having = answers.truth.sum(axis=0)
    return Chart(
        name=NAME + examples.suffix,
        heading="F1 per label",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=(
            "label", f"test {examples.nouns} with it",
            *(f"{labels[leading[key]]}: {measure}" for key in scores for measure in ("F1", "precision", "recall")),
        ),
        rows=tuple(
            (
                name(answers.name(place)),
                f"{int(having[place]):,}",
                *(
                    percent(float(values[place]))
                    for of_labels in scores.values()
                    for values in (of_labels.f1, of_labels.precision, of_labels.recall)
                ),
            )
            for place in [*ordered, *unknown][:LISTED]
        ),
        table_note=f"The {LISTED} hardest of {plural(len(f1[best]), 'label')}." if len(f1[best]) > LISTED else "",
    )  # fmt: skip


def _finding(examples: Examples, ordered: Sequence[int], f1: Mapping[int, float], label: str) -> str:
    hard, easy = ordered[0], ordered[-1]
    first, last = (name(examples.answers.name(place), TITLE_WIDTH) for place in (hard, easy))
    who = name(label, TITLE_WIDTH)
    if f1[hard] == f1[easy]:
        return f"All labels are equally hard for {who}: F1 {percent(f1[hard])}"
    return f"For {who}, {first} is the hardest label, F1 {percent(f1[hard])}; {last} the easiest, {percent(f1[easy])}"
