"""Which classes are taken for which: a matrix per architecture, of its best cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle

from bench.analyse.predictions import confused_pairs, confusion, most_confused
from bench.core.formatting import count, percent, plural, points
from bench.render.charts.canvas import TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.palette import HEATS, INKED, stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from scipy import sparse

    from bench.analyse.predictions import Answers
    from bench.render.charts.examples import Examples

NAME = "confusion"
DRAWN = 4  # matrices that a page can hold
CLASSES = 30  # rows of a matrix that can be read
NARROW = 20  # rows of a matrix that can be read on half a page's width
WIDE_DRAWN = 2  # matrices of more rows
PRINTED = 0.005  # of a class's examples: rarer confusions are left empty
LEAST_FULL = 0.02  # of a class's examples: less than this never has the strongest colour
APART = 0.06  # of a panel's width: keeps the labels of a matrix clear of the matrix to its left
TENTH = 0.0995  # of a class's examples: from here on a figure would have no room for its decimal
PAIRS = 12  # rows of the table
CLASS_NAME = 12  # characters of a class's name


def confusions(examples: Examples) -> Chart | None:
    """Rows are true classes, columns predicted ones; a value is a share of the row's examples.

    Returns:
        None where no architecture has predictions, or there is but one class, or more than can be read and no two of
        them are confused.
    """
    answers, leading, labels = examples.answers, examples.leading, examples.labels
    tables = {architecture: confusion(answers, cell_id) for architecture, cell_id in examples.judged.items()}
    if not tables or max(table.shape[0] for table in tables.values()) < 2:  # noqa: PLR2004  one class is confused with none
        return None
    best = _best(tables)
    known = max(table.shape[0] for table in tables.values())
    classes = list(range(known)) if known <= CLASSES else most_confused(tables[best], CLASSES)
    if not classes:
        return None
    columns = 1 if len(classes) > NARROW else min(2, len(tables))
    drawn = dict(list(tables.items())[: WIDE_DRAWN if len(classes) > NARROW else DRAWN])
    title = _finding(examples, tables[best], labels[leading[best]])
    if len(classes) < known:
        title += f"; the {len(classes)} of {known:,} classes with the most confusions are drawn"
    shares = {architecture: _shares(table, classes) for architecture, table in drawn.items()}
    full = max(LEAST_FULL, *(table[~np.eye(len(table), dtype=bool)].max(initial=0.0) for table in shares.values()))
    size = 26 * len(classes) if columns > 1 or len(classes) <= NARROW else 24 * len(classes)
    with canvas((size + 96) * -(-len(drawn) // columns), apart=APART) as figure:
        places = figure.add_gridspec(-(-len(drawn) // columns), columns)
        for index, (architecture, table) in enumerate(shares.items()):
            axes = figure.add_subplot(places[index // columns, index % columns])
            _matrix(axes, table, [name(answers.name(label), CLASS_NAME) for label in classes], full)
            axes.set_title(name(labels[leading[architecture]], 44 if columns > 1 else 80))
        alt = f"Confusion matrices of {plural(len(drawn), 'architecture')} on {name(answers.dataset)}. {title}."
        svg = svg_text(figure, NAME + examples.suffix, title, alt)
    note = (
        f"Rows are true classes, columns are predicted classes. Numbers are percentages of the row's {examples.nouns}, "
    )
    note += "over all seeds. Correct predictions are hidden, and so are confusions rarer than "
    note += f"{percent(PRINTED, 1)}. The most frequent confusion has the strongest colour."
    if len(classes) < known:
        note += " Classes are chosen by how often the best cell confuses them with any other, in either direction."
    if len(tables) > 1:
        note += " Each architecture is shown by its best cell."
    if len(tables) > len(drawn):
        note += f" The first {len(drawn)} of {plural(len(tables), 'architecture')} are drawn."
    return Chart(
        name=NAME + examples.suffix,
        heading="Which classes are confused",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("cell", "true class", "predicted class", "share of the class", examples.nouns, "of"),
        rows=tuple(row for key, table in tables.items() for row in _rows(labels[leading[key]], table, answers)),
        table_note=f"The {PAIRS} most frequent confusions of each cell, counted once per seed.",
    )


def _matrix(axes: Axes, shares: NDArray[np.float64], names: Sequence[str], full: float) -> None:
    for true in range(len(shares)):
        for taken in range(len(shares)):
            share = float(shares[true, taken])
            if true == taken:
                axes.add_patch(
                    Rectangle((taken - 0.5, true - 0.5), 1, 1, facecolor=stand_in("rule"), alpha=0.6, linewidth=0)
                )
            elif share >= PRINTED:
                step = min(int(share / full * HEATS), HEATS - 1)
                axes.add_patch(
                    Rectangle((taken - 0.48, true - 0.48), 0.96, 0.96, facecolor=stand_in(f"heat-{step}"), linewidth=0)
                )
                axes.text(
                    taken, true, points(share, 1 if share < TENTH else 0), ha="center", va="center_baseline",
                    fontsize=9, color=stand_in("ink" if step < INKED else "paper"), in_layout=False,
                )  # fmt: skip
    turned = max(map(len, names)) > 2  # noqa: PLR2004  longer names would meet
    style = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    axes.set_xticks(range(len(shares)), names, **style)  # type: ignore[arg-type]
    axes.set_yticks(range(len(shares)), names)
    axes.set_xlim(-0.5, len(shares) - 0.5)
    axes.set_ylim(len(shares) - 0.5, -0.5)
    axes.set_xlabel("taken for")
    axes.set_ylabel("true class")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=4)


def _shares(table: sparse.csr_array, classes: Sequence[int]) -> NDArray[np.float64]:
    """The fields of some classes, each over all of its row; a class without examples has zeros."""
    inside = [label for label in classes if label < table.shape[0]]
    chosen = np.zeros((len(classes), len(classes)))
    chosen[: len(inside), : len(inside)] = table[inside][:, inside].toarray()
    sums = np.zeros(len(classes))
    sums[: len(inside)] = table.sum(axis=1)[inside]
    shares: NDArray[np.float64] = chosen / np.maximum(sums[:, None], 1)
    return shares


def _rows(label: str, table: sparse.csr_array, answers: Answers) -> list[tuple[str, ...]]:
    sums = table.sum(axis=1)
    return [
        (
            label,
            name(answers.name(true)),
            name(answers.name(taken)),
            percent(float(times / sums[true])),
            count(times),
            count(int(sums[true])),
        )
        for true, taken, times in confused_pairs(table)[:PAIRS]
    ]


def _best(tables: Mapping[str, sparse.csr_array]) -> str:
    """The architecture whose cell classifies most examples correctly."""
    return max(tables, key=lambda key: float(tables[key].diagonal().sum()) / max(int(tables[key].sum()), 1))


def _finding(examples: Examples, table: sparse.csr_array, label: str) -> str:
    """The most frequent confusion of the best of the cells shown."""
    pairs, text = confused_pairs(table), name(label, TITLE_WIDTH)
    if not pairs:
        return f"{text} confuses no two classes"
    true, taken, times = pairs[0]
    share = percent(float(times / table.sum(axis=1)[true]), 1)
    first, second = (name(examples.answers.name(number), TITLE_WIDTH) for number in (true, taken))
    return f"{text} most often takes {first} for {second}: {share} of the {examples.nouns} of {first}"
