"""Average ranks, and which of them are too close to separate: a critical-difference diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.effects import effects
from bench.analyse.labels import elided_labels
from bench.analyse.treatments import Blocks, rankings
from bench.core.formatting import plural, probability
from bench.core.formatting import ratio as two_digits
from bench.render.charts.axes import quiet
from bench.render.charts.canvas import LABEL_WIDTH, TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.levels import SETTING, only_on, setting, several
from bench.render.charts.palette import stand_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from bench.analyse.axes import Grid
    from bench.analyse.treatments import Ranked
    from bench.core.score import Score

NAME = "critical-difference"
GROUP = "series-1"  # the colour of what the data cannot separate
TICKS = 12  # ranks that an axis can carry one by one
LINE = 26  # pixels of a treatment
ALL = 3  # treatments behind the first that a title names one by one


def critical_difference(grids: Sequence[Grid], score: Score) -> Chart | None:
    """A row per cell or level, the best average rank on top; upright bars join those that cannot be separated.

    Returns:
        None where no ranking can come to a conclusion: too few cells, levels, seeds or combinations.
    """
    if not grids:
        return None
    found = rankings(grids, effects(grids[0], score), score)
    if not found:
        return None
    told = next((one for one in found if _ahead(one)), found[0])
    title = _sentence(told).removesuffix(".")
    sentences = [_sentence(one) for one in found]
    with canvas(sum(_height(one) for one in found)) as figure:
        panels = figure.subplots(len(found), 1, squeeze=False, height_ratios=[_height(one) - 40 for one in found])
        for axes, one in zip(panels[:, 0], found, strict=True):
            _panel(axes, one)
        panels[-1, 0].set_xlabel(f"average rank by test {score.heading}, 1 is the best")
        alt = " ".join(sentences)
        svg = svg_text(figure, NAME, title, alt)
    return Chart(
        name=NAME,
        heading="Ranks and the critical difference",
        title=title,
        alt=alt,
        note=_note(found, grids, score),
        svg=svg,
        columns=("ranked", "average rank", "critical difference", "ranked over", "Friedman chi-squared", "p"),
        rows=tuple(
            (
                setting(one.axis, treatment) if one.axis else name(treatment),
                two_digits(rank),
                two_digits(one.of.critical_difference),
                _over(one),
                two_digits(one.of.statistic),
                probability(one.of.p),
            )
            for one in found
            for treatment, rank in zip(one.of.treatments, one.of.ranks, strict=True)
        ),
        findings=tuple(sentences) if len(found) > 1 else (),
    )


def _height(one: Ranked) -> int:
    return 96 + LINE * len(one.of.treatments)


def _panel(axes: Axes, one: Ranked) -> None:
    ink, muted, of = stand_in("ink"), stand_in("muted"), one.of
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
    if one.axis:
        axes.set_title(name(one.axis), pad=24)
    quiet(axes, grid="x")


def _ahead(one: Ranked) -> tuple[str, ...]:
    return one.of.behind(0)


def _sentence(one: Ranked) -> str:
    """Who ranks ahead of whom, over what, and how sure it is that they differ at all."""
    of, behind = one.of, _ahead(one)
    p = probability(of.p)
    test = f"over {_over(one)} (Friedman p {p if p.startswith('<') else f'= {p}'})"
    best = setting(one.axis, of.treatments[0]) if one.axis else name(of.treatments[0], TITLE_WIDTH)
    if behind and len(behind) == len(of.treatments) - 1 > ALL:
        return f"{best} ranks ahead of all {len(behind)} others {test}."
    if behind and (one.axis or len(behind) <= ALL):
        return f"{best} ranks ahead of {several(behind)} {test}."
    if behind:
        return f"{best} ranks ahead of {len(behind)} of {len(of.treatments) - 1} others {test}."
    what = f"levels of {name(one.axis, SETTING)}" if one.axis else "cells"
    if of.differ:
        return f"The {len(of.treatments)} {what} differ {test}, but no two are a critical difference apart."
    return f"The {len(of.treatments)} {what} cannot be separated by their ranks {test}."


def _over(one: Ranked) -> str:
    number = one.of.blocks
    if one.blocks is Blocks.COMBINATIONS:
        return f"{plural(number, 'combination')} of the other settings"
    if one.blocks is Blocks.REPETITIONS:
        return f"{number} seeds on {plural(one.datasets, 'data set')}"
    return plural(number, "data set" if one.blocks is Blocks.DATASETS else "seed")


def _note(found: Sequence[Ranked], grids: Sequence[Grid], score: Score) -> str:
    first = found[0]
    what = "levels" if first.axis else "cells"
    note = f"{_block(first)} the {what} are ranked by test {score.heading}, the best first, and equal ones share their "
    note += "rank; dots are average ranks."
    note += f" The data cannot separate the {what} in the pale band from the best (Nemenyi's test at 5 %); upright "
    note += "bars join those that it cannot separate from each other."
    if len(found) > 1:
        note += " Each setting is tested for itself; nothing is adjusted for their number."
    if first.blocks is Blocks.SEEDS:
        note += " Blocks are seeds on one data set: this says nothing about other data sets."
    if first.blocks is Blocks.REPETITIONS:
        note += f" Blocks are seeds on {plural(first.datasets, 'data set')}, repetitions of the same tasks: this says "
        note += "nothing about other data sets."
    if first.axis:
        note += " The figure of a combination is the mean over its seeds; combinations are those all levels share."
        return note + only_on(grids[0], grids)
    if first.left_out:
        note += f" {plural(first.left_out, 'cell')} without a result on every data set "
        note += f"{'is' if first.left_out == 1 else 'are'} not ranked."
    return note


def _block(one: Ranked) -> str:
    return {
        Blocks.DATASETS: "On every data set",
        Blocks.REPETITIONS: "With every seed of every data set",
        Blocks.SEEDS: "With every seed",
        Blocks.COMBINATIONS: "In every combination of the other settings",
    }[one.blocks]
