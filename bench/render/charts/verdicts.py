"""The verdicts of the gate: each cell's change with its bounds, against the margin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter, MaxNLocator

from bench.analyse.labels import elided_labels
from bench.core.formatting import plural
from bench.record.verdicts import Verdict
from bench.render.charts.axes import change_label, quiet
from bench.render.charts.canvas import LABEL_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.palette import stand_in
from bench.render.gate.advice import next_steps
from bench.render.gate.reach import reach_lines
from bench.render.gate.words import COLUMNS, context, ordered, rates, row, sentence, short_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from bench.core.score import Score
    from bench.record.verdicts import CellVerdict, Judgement

NAME = "verdicts"
DRAWN = 40  # rows that a page can hold; the table has all cells
FINDINGS = 12  # sentences that a reader takes in
REACH = 6  # margins beyond which a bound is cut off: one extreme cell would compress all others
COLOURS = {
    Verdict.PASS: ("series-2", "o"),
    Verdict.IMPROVED: ("series-0", "^"),
    Verdict.REGRESSED: ("accent", "X"),
    Verdict.INCONCLUSIVE: ("series-4", "D"),
    Verdict.MISSING: ("series-3", ""),
    Verdict.INVALID: ("series-3", ""),
}


def verdicts(judgement: Judgement, labels: Mapping[str, str], score: Score) -> Chart:
    """A row per cell, the worst on top: the change as a mark, its bounds as a bar, the accepted loss as a pale band."""
    cells = ordered(judgement)
    names = {**short_names(judgement), **labels}
    drawn = cells[:DRAWN]
    title = sentence(judgement)
    alt = " ".join(f"{cell.verdict} {name(cell.cell_id)}: {cell.reason}" for cell in drawn)
    with canvas(110 + 30 * max(1, len(drawn))) as figure:
        axes = figure.subplots()
        cut = _draw(axes, drawn, names, score)
        svg = svg_text(figure, NAME, title, alt)
    inner, outer = ("right", "left") if score.higher_is_better else ("left", "right")
    note = (
        f"Marks are changes of the mean {score.heading} since it was accepted"
        f"{'' if score.higher_is_better else f' ({score.direction})'}. Bars end at their one-sided bounds. "
        f"The pale band is the accepted loss. A cell passes if its bar ends to the {inner} of the band's "
        f"{outer} edge. {rates(judgement)}"
    )
    if cut:
        note += " An arrow marks a bar that is cut off; the number next to it is the change."
    if len(cells) > len(drawn):
        note += f" The worst {len(drawn)} of {plural(len(cells), 'cell')} are drawn; the table holds all."
    notable = [cell for cell in cells if cell.verdict is not Verdict.PASS or cell.drift or cell.time]
    wanted = ("cell", "verdict", *COLUMNS[2:-1])
    return Chart(
        name=NAME,
        heading="Verdicts of the gate",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=wanted,
        rows=tuple((names[cell.cell_id], *_figures(cell, score)) for cell in cells),
        findings=tuple(
            " ".join((f"{cell.verdict} {names[cell.cell_id]}: {cell.reason}", *context(cell, score)))
            for cell in notable[:FINDINGS]
        )
        + next_steps(judgement)
        + reach_lines(judgement),
    )


def _figures(cell: CellVerdict, score: Score) -> tuple[str, ...]:
    verdict, _, *figures, _ = row(cell, score)
    return verdict, *figures


def _draw(axes: Axes, drawn: Sequence[CellVerdict], names: Mapping[str, str], score: Score) -> bool:
    """Draws the rows, and says whether a bar had to be cut."""
    short = elided_labels({cell.cell_id: names[cell.cell_id] for cell in drawn}, LABEL_WIDTH)
    limit = REACH * max((cell.margin for cell in drawn), default=0.005)
    cut = False
    for place, cell in enumerate(drawn):
        colour, marker = COLOURS[cell.verdict]
        axes.barh(
            place,
            cell.margin,
            left=min(0.0, -score.sign * cell.margin),
            height=0.9,
            color=stand_in("muted"),
            alpha=0.16,
            linewidth=0,
        )
        difference = cell.difference
        if difference is None:
            axes.text(
                0, place, f" {cell.verdict}, not compared", ha="left", va="center_baseline", fontsize=11,
                color=stand_in(colour),
            )  # fmt: skip
            continue
        low, high, at = (
            min(max(value, -limit), limit) for value in (difference.low, difference.high, difference.value)
        )
        axes.plot([low, high], [place, place], color=stand_in(colour), linewidth=3, solid_capstyle="butt")
        for end, inside in ((difference.low, low), (difference.high, high)):
            if end != inside:
                cut = True
                arrow = "<" if end < 0 else ">"
                axes.plot([inside], [place], marker=arrow, color=stand_in(colour), markersize=8, linestyle="none")
        if at == difference.value:
            axes.plot([at], [place], marker=marker, color=stand_in(colour), markersize=8, linestyle="none")
        else:
            side = 1 if at < 0 else -1
            axes.annotate(
                score.signed_gap(difference.value), (at, place), xytext=(12 * side, 0), textcoords="offset points",
                ha="left" if side > 0 else "right", va="center_baseline", fontsize=11, color=stand_in(colour),
            )  # fmt: skip
    axes.axvline(0, color=stand_in("ink"), linewidth=1)
    axes.set_yticks(range(len(drawn)), [short[cell.cell_id] for cell in drawn])
    axes.set_ylim(max(len(drawn), 1) - 0.5, -0.5)
    axes.margins(x=0.05)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: score.signed_gap(value)))
    axes.set_xlabel(change_label(score, f"change of {score.heading} since it was accepted"))
    quiet(axes, grid="x")
    return cut
