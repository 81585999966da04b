"""Which classes are taken for which: a matrix per architecture, of its most accurate cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle

from bench.analyse.predictions import confusion
from bench.core.formatting import count, percent, plural, points
from bench.render.charts.canvas import TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.palette import HEATS, INKED, stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from bench.analyse.predictions import Answers

NAME = "confusion"
DRAWN = 4  # matrices that a page can carry
CLASSES = 20  # rows of a matrix that can be read
PRINTED = 0.005  # of a class's images: what is rarer is left empty
LEAST_FULL = 0.02  # of a class's images: less than this never has the strongest colour
APART = 0.06  # of a panel's width: a label beside a matrix keeps clear of the one before it
TENTH = 0.0995  # of a class's images: from here on a figure would have no room for its decimal
PAIRS = 12  # rows of the table
BESIDE = 12  # characters of a class's name


def confusions(
    answers: Answers, leading: Mapping[str, str], labels: Mapping[str, str], suffix: str = ""
) -> Chart | None:
    """Rows are true classes, columns predicted ones; a field says which share of the row's images was taken so.

    Args:
        answers: of one data set.
        suffix: of the chart's name, where a report has it for several data sets.
        leading: by architecture, the cell that stands for it.
        labels: by cell id.

    Returns:
        None where no architecture has predictions, or there are more classes than can be read, or but one.
    """
    tables = {
        architecture: confusion(answers, cell_id)
        for architecture, cell_id in leading.items()
        if cell_id in answers.predicted
    }
    if not tables or not 1 < max(len(table) for table in tables.values()) <= CLASSES:
        return None
    drawn = dict(list(tables.items())[:DRAWN])
    columns = min(2, len(drawn))
    title = _finding(answers, tables, leading, labels)
    wrong = [_shares(table)[~np.eye(len(table), dtype=bool)].max() for table in drawn.values()]
    full = max(LEAST_FULL, *wrong)
    size = 26 * len(next(iter(drawn.values())))
    with canvas((size + 96) * -(-len(drawn) // columns), apart=APART) as figure:
        places = figure.add_gridspec(-(-len(drawn) // columns), columns)
        for index, (architecture, table) in enumerate(drawn.items()):
            axes = figure.add_subplot(places[index // columns, index % columns])
            _matrix(axes, table, answers, full)
            axes.set_title(name(labels[leading[architecture]], 44 if columns > 1 else 80))
        alt = f"Confusion matrices of {plural(len(drawn), 'architecture')} on {name(answers.dataset)}. {title}."
        svg = svg_text(figure, NAME + suffix, title, alt)
    note = (
        "A row is a true class, a column what its images were taken for; numbers are percent of the row's images, over "
    )
    note += f"all seeds. What was read rightly is left out, as is what is rarer than {percent(PRINTED, 1)}; the "
    note += "most frequent confusion has the strongest colour."
    if len(tables) > 1:
        note += " Each architecture is shown by its most accurate cell."
    if len(tables) > len(drawn):
        note += f" The first {len(drawn)} of {plural(len(tables), 'architecture')} are drawn."
    return Chart(
        name=NAME + suffix,
        heading="Which classes are confused",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("cell", "true class", "taken for", "share of the class", "images", "of"),
        rows=tuple(row for key, table in tables.items() for row in _rows(labels[leading[key]], table, answers)),
        table_note=f"Of each cell the {PAIRS} most frequent confusions; images are counted once per seed.",
    )


def _matrix(axes: Axes, table: NDArray[np.int64], answers: Answers, full: float) -> None:
    shares = _shares(table)
    for true in range(len(table)):
        for taken in range(len(table)):
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
                    fontsize=9, color=stand_in("ink" if step < INKED else "paper"),
                )  # fmt: skip
    names = [name(answers.name(label), BESIDE) for label in range(len(table))]
    turned = max(map(len, names)) > 2  # noqa: PLR2004  longer names would meet
    style = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    axes.set_xticks(range(len(table)), names, **style)  # type: ignore[arg-type]
    axes.set_yticks(range(len(table)), names)
    axes.set_xlim(-0.5, len(table) - 0.5)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlabel("taken for")
    axes.set_ylabel("true class")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=4)


def _shares(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each row over its sum; a class without images has zeros."""
    shares: NDArray[np.float64] = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    return shares


def _confused(table: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Pairs of true and predicted class by how many images, the most frequent first."""
    wrong = table.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")
    places = [(int(flat) // len(table), int(flat) % len(table)) for flat in order[: len(table) * len(table)]]
    return [(true, taken) for true, taken in places if wrong[true, taken]]


def _rows(label: str, table: NDArray[np.int64], answers: Answers) -> list[tuple[str, ...]]:
    sums = table.sum(axis=1)
    return [
        (
            label,
            name(answers.name(true)),
            name(answers.name(taken)),
            percent(float(table[true, taken] / sums[true])),
            count(int(table[true, taken])),
            count(int(sums[true])),
        )
        for true, taken in _confused(table)[:PAIRS]
    ]


def _finding(
    answers: Answers, tables: Mapping[str, NDArray[np.int64]], leading: Mapping[str, str], labels: Mapping[str, str]
) -> str:
    """The most frequent confusion of the most accurate of the cells shown."""
    rights = {key: float(np.trace(table)) / max(int(table.sum()), 1) for key, table in tables.items()}
    best = max(rights, key=rights.__getitem__)
    pairs: Sequence[tuple[int, int]] = _confused(tables[best])
    text = name(labels[leading[best]], TITLE_WIDTH)
    if not pairs:
        return f"{text} confuses no two classes"
    true, taken = pairs[0]
    share = percent(float(_shares(tables[best])[true, taken]), 1)
    one, other = (name(answers.name(label), TITLE_WIDTH) for label in pairs[0])
    return f"{text} most often takes {one} for {other}: {share} of the images of {one}"
