"""Average ranks, and which of them are too close to separate: a critical-difference diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.labels import elided_labels
from bench.analyse.treatments import over_datasets
from bench.core.formatting import plural, probability
from bench.core.formatting import ratio as two_digits
from bench.render.charts.axes import quiet
from bench.render.charts.canvas import LABEL_WIDTH, TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.levels import several
from bench.render.charts.palette import stand_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from bench.analyse.axes import Grid
    from bench.analyse.treatments import Ranked
    from bench.core.score import Score

NAME = "critical-difference"
GROUP = "series-1"  # the colour of cells that the data cannot separate
TICKS = 12  # ranks that an axis can label
LINE = 26  # pixels of a treatment
ALL = 3  # treatments behind the first that a title names


def critical_difference(grids: Sequence[Grid], score: Score) -> Chart | None:
    """A row per cell, the best average rank over data sets on top; upright bars join those that cannot be separated.

    Returns:
        None where no ranking can come to a conclusion: too few data sets or cells.
    """
    ranked = over_datasets(grids, score)
    if ranked is None:
        return None
    sentence = _sentence(ranked)
    title = sentence.removesuffix(".")
    with canvas(_height(ranked)) as figure:
        axes = figure.subplots()
        _panel(axes, ranked)
        axes.set_xlabel(f"average rank by test {score.heading}, 1 is the best")
        svg = svg_text(figure, NAME, title, sentence)
    return Chart(
        name=NAME,
        heading="Ranks over data sets and the critical difference",
        title=title,
        alt=sentence,
        note=_note(ranked, score),
        svg=svg,
        columns=("ranked", "average rank", "critical difference", "ranked over", "Friedman chi-squared", "p"),
        rows=tuple(
            (
                name(treatment),
                two_digits(rank),
                two_digits(ranked.of.critical_difference),
                plural(ranked.of.blocks, "data set"),
                two_digits(ranked.of.statistic),
                probability(ranked.of.p),
            )
            for treatment, rank in zip(ranked.of.treatments, ranked.of.ranks, strict=True)
        ),
    )


def _height(ranked: Ranked) -> int:
    return 96 + LINE * len(ranked.of.treatments)


def _panel(axes: Axes, ranked: Ranked) -> None:
    ink, muted, of = stand_in("ink"), stand_in("muted"), ranked.of
    k = len(of.treatments)
    right = of.ranks[0] + of.critical_difference
    axes.axvspan(of.ranks[0], right, color=muted, alpha=0.13, linewidth=0)
    axes.annotate(
        f"critical difference {two_digits(of.critical_difference)}", (of.ranks[0], 1), xytext=(0, 4),
        xycoords=("data", "axes fraction"), textcoords="offset points", va="bottom", fontsize=11, color=muted,
    )  # fmt: skip
    if of.groups:
        axes.annotate(
            "cannot be separated", (1, 1), xytext=(0, 22), xycoords="axes fraction", textcoords="offset points",
            ha="right", va="bottom", fontsize=11, color=stand_in(GROUP),
        )  # fmt: skip
    axes.plot(of.ranks, range(k), linestyle="none", marker="o", markersize=8, color=ink, zorder=3)
    for rank, y in zip(of.ranks, range(k), strict=True):
        axes.annotate(
            two_digits(rank), (rank, y), xytext=(9, 0), textcoords="offset points", va="center_baseline", fontsize=11,
            color=ink,
        )  # fmt: skip
    # beyond the last rank and its figure, a column per group
    step = (k - 1) * 0.035
    for column, (first, last) in enumerate(of.groups):
        x = k + (k - 1) * 0.13 + column * step
        axes.plot(
            [x, x], [first - 0.25, last + 0.25], color=stand_in(GROUP), linewidth=3.5, solid_capstyle="butt",
            clip_on=False,
        )  # fmt: skip
    axes.set_xlim(1 - (k - 1) * 0.02, k + (k - 1) * 0.11 + max(len(of.groups), 1) * step)
    axes.set_ylim(k - 0.5, -0.5)
    axes.set_xticks(range(1, k + 1, 1 if k <= TICKS else 2))
    names = elided_labels({treatment: treatment for treatment in of.treatments}, LABEL_WIDTH)
    axes.set_yticks(range(k), [names[treatment] for treatment in of.treatments])
    quiet(axes, grid="x")


def _sentence(ranked: Ranked) -> str:
    """Which cells rank ahead of which, and the p value of the test that they differ."""
    of, behind = ranked.of, ranked.of.behind(0)
    p = probability(of.p)
    test = f"over {plural(of.blocks, 'data set')} (Friedman p {p if p.startswith('<') else f'= {p}'})"
    best = name(of.treatments[0], TITLE_WIDTH)
    if behind and len(behind) == len(of.treatments) - 1 > ALL:
        return f"{best} ranks ahead of all {len(behind)} others {test}."
    if behind and len(behind) <= ALL:
        return f"{best} ranks ahead of {several(behind)} {test}."
    if behind:
        return f"{best} ranks ahead of {len(behind)} of {len(of.treatments) - 1} others {test}."
    if of.differ:
        return f"The {len(of.treatments)} cells differ {test}, but the data cannot separate the best from any other."
    return f"The {len(of.treatments)} cells cannot be separated by their ranks {test}."


def _note(ranked: Ranked, score: Score) -> str:
    note = (
        f"Each data set ranks the cells by test {score.heading}: 1 is the best, and equal cells share a rank. Dots are "
    )
    note += "average ranks."
    note += " The data cannot separate the cells in the pale band from the best (Nemenyi's test at 5 %). Vertical "
    note += (
        "bars join cells that the data cannot separate from each other. Data sets are the blocks of the test, because "
    )
    note += "they are independent of each other."
    if ranked.left_out:
        note += f" {plural(ranked.left_out, 'cell')} without a result on every data set "
        note += f"{'is' if ranked.left_out == 1 else 'are'} not ranked."
    return note
