"""A comparison: each cell's difference of the score with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter, MaxNLocator

from bench.analyse.compare.comparison import Call, worst_first
from bench.analyse.labels import elided_labels
from bench.core.formatting import plural, signed_points
from bench.core.score import Form
from bench.render.charts.axes import change_label, quiet
from bench.render.charts.canvas import LABEL_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.palette import stand_in
from bench.render.compare.findings import score_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from bench.analyse.compare.comparison import CellComparison, Comparison
    from bench.core.score import Score

NAME = "comparison"
DRAWN = 40  # rows that a page can hold; the table has all cells
REACH = 6  # multiple of the usual reach at which a bar is cut off: one extreme cell would compress all others
LOOKS = {
    Call.WORSE: ("accent", "X"),
    Call.BETTER: ("series-0", "^"),
    Call.OPEN: ("series-7", "o"),
    Call.SAME: ("series-2", "D"),
}


def comparison_chart(comparison: Comparison, labels: Mapping[str, str], score: Score) -> Chart | None:
    """A row per cell, the largest loss on top: the difference as a mark, its interval as a bar.

    Args:
        comparison: of two sides.
        labels: of its cells, by id.
        score: of both sides.

    Returns:
        None where no cell has a result on both sides.
    """
    compared = worst_first((cell for cell in comparison.cells if cell.call is not Call.VOID), score)
    if not compared:
        return None
    drawn = _telling(compared, score)
    names = elided_labels({cell.cell_id: labels[cell.cell_id] for cell in drawn}, LABEL_WIDTH)
    title = score_title(comparison)
    alt = " ".join(
        f"{name(labels[cell.cell_id])} {cell.call}: {score.signed_gap(cell.difference)} {score.unit}".rstrip()
        + (f" ({score.signed_gap_range(cell.interval.low, cell.interval.high)})." if cell.interval.known else ".")
        for cell in drawn
    )
    limit = _limit(drawn)
    cut = any(limit < max(map(abs, _ends(cell))) for cell in drawn)
    with canvas(110 + 30 * len(drawn)) as figure:
        _draw(figure.subplots(), drawn, names, limit, score)
        svg = svg_text(figure, NAME, title, alt)
    note = (
        f"Marks are differences of the mean {score.heading}, B - A"
        f"{'' if score.higher_is_better else f' ({score.direction})'}. Bars are their intervals, 95 % for all cells "
        "together. If a bar excludes 0, the difference is more than chance: a cross is worse, a triangle is better."
    )
    if len(compared) > len(drawn):
        note += f" The {len(drawn)} of {plural(len(compared), 'cell')} that differ most are drawn; the table has all."
    if cut:
        note += " Extreme differences and intervals are cut off at the edge; the table has their values."
    return Chart(
        name=NAME,
        heading=score.title,
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("cell", "A", "B", f"B - A, {score.unit}".removesuffix(", "), "interval"),
        rows=tuple(
            (
                labels[cell.cell_id],
                *(score.text(side.mean) for side in cell.means),
                score.signed_gap(cell.difference),
                score.signed_gap_range(cell.interval.low, cell.interval.high),
            )
            for cell in compared
        ),
    )


def _telling(compared: Sequence[CellComparison], score: Score) -> list[CellComparison]:
    """As many cells as can be drawn: significant differences first, then the largest. Their order is kept."""
    sure = {Call.WORSE, Call.BETTER}
    most = sorted(compared, key=lambda cell: (cell.call not in sure, -abs(cell.difference)))[:DRAWN]
    return worst_first(most, score)


def _ends(cell: CellComparison) -> tuple[float, float]:
    return (cell.interval.low, cell.interval.high) if cell.interval.known else (cell.difference, cell.difference)


def _limit(drawn: Sequence[CellComparison]) -> float:
    """How far the axis goes: as far as all, or several times as far as most."""
    reaches = sorted(max(map(abs, _ends(cell))) for cell in drawn)
    usual = reaches[len(reaches) // 2]
    return min(reaches[-1], REACH * usual) if usual else reaches[-1] or 0.001


def _draw(axes: Axes, drawn: Sequence[CellComparison], names: Mapping[str, str], limit: float, score: Score) -> None:
    for place, cell in enumerate(drawn):
        colour, marker = LOOKS[cell.call]
        low, high = (min(max(end, -limit), limit) for end in _ends(cell))
        axes.plot([low, high], [place, place], color=stand_in(colour), linewidth=3, solid_capstyle="butt")
        at = min(max(cell.difference, -limit), limit)
        axes.plot([at], [place], marker=marker, color=stand_in(colour), markersize=8, linestyle="none")
    axes.axvline(0, color=stand_in("ink"), linewidth=1)
    axes.set_yticks(range(len(drawn)), [names[cell.cell_id] for cell in drawn])
    axes.set_ylim(len(drawn) - 0.5, -0.5)
    axes.margins(x=0.05)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    span = 2 * limit
    digits = 0 if span > 0.08 else 1 if span > 0.008 else 2  # noqa: PLR2004  by tick distance
    percent = score.form is Form.PERCENT
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: signed_points(value, digits) if percent else score.signed_gap(value))
    )
    axes.set_xlabel(change_label(score, f"{score.heading} of B less that of A"))
    quiet(axes, grid="x")
