"""A row per class or label, the hardest on top, with a mark per architecture: shared by two charts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from bench.render.charts.axes import Spacing, quiet, score_axis
from bench.render.charts.canvas import LABEL_WIDTH, WIDTH, name
from bench.render.charts.palette import stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from bench.core.score import Score
    from bench.render.charts.examples import Examples

DRAWN = 30  # rows that a page can hold
LISTED = 300  # rows that a table can hold
GLYPH = 7.9  # pixels of a letter in a legend
KEYS = 8  # architectures that an eye tells apart


def height(rows: int, architectures: int, width: int = WIDTH) -> int:
    """Pixels of a figure `width` wide with so many rows and keys."""
    return 80 + 26 * rows + 20 * (architectures // 3 if width == WIDTH else architectures)


def marks(
    figure: Figure,
    examples: Examples,
    rows: Sequence[int],
    values: Mapping[str, Mapping[int, float]],
    score: Score,
    *,
    words: tuple[str, str],
) -> None:
    """Draws them.

    Args:
        figure: empty.
        examples: of the data set.
        rows: numbers of classes or labels, from top to bottom.
        values: by architecture and row; NaN is left out.
        score: of the values.
        words: the labels of rows and of the axis.
    """
    axes = figure.subplots()
    for architecture, of_row in values.items():
        look = examples.looks[architecture]
        axes.plot(
            [of_row[row] for row in rows], range(len(rows)), linestyle="none",
            marker=look.marker, markersize=8, color=stand_in(look.colour), markeredgewidth=0, alpha=0.9,
        )  # fmt: skip
    axes.set_yticks(range(len(rows)), [name(examples.answers.name(row), LABEL_WIDTH) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_ylabel(words[0])
    axes.set_xlabel(words[1])
    drawn = [of_row[row] for of_row in values.values() for row in rows if not math.isnan(of_row[row])]
    score_axis(axes.xaxis, drawn, score, Spacing.EVEN)
    quiet(axes, grid="both")
    legend(figure, examples, list(values))


def legend(figure: Figure, examples: Examples, architectures: Sequence[str], *, line: bool = False) -> None:
    """A key per architecture, named by its leading cell; none where there is but one."""
    keys = [
        Line2D(
            [], [], linestyle="-" if line else "none", linewidth=2, marker="" if line else examples.looks[key].marker,
            markersize=8, color=stand_in(examples.looks[key].colour),
            label=name(examples.labels[examples.leading[key]], LABEL_WIDTH),
        )
        for key in architectures
    ]  # fmt: skip
    if len(keys) > 1:
        widest = max(len(str(key.get_label())) for key in keys)
        room = figure.get_figwidth() * 72 / GLYPH
        figure.legend(handles=keys, loc="outside upper left", ncols=max(1, min(len(keys), int(room / (widest + 5)))))
