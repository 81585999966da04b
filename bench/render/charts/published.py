"""Our seeds and the published figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter, MaxNLocator

from bench.analyse.labels import elided_labels
from bench.core.score import Form
from bench.render.charts.axes import axis_label, quiet, tick_text
from bench.render.charts.canvas import LABEL_WIDTH, TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.palette import Style, stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from bench.analyse.published import PublishedComparison

NAME = "published-figures"
FINDINGS = 6  # sentences that a reader takes in; the table has all cells
STRIPS = 12  # strips that a page can hold; the table has all cells


def seeds_and_published(
    comparisons: Sequence[PublishedComparison], labels: Mapping[str, str], looks: Mapping[str, Style]
) -> Chart | None:
    """A strip per cell: each seed a dot, the mean with its interval, the published figure a line.

    Every strip has its own place on the axis of the score but the same width, so that spreads compare.

    Returns:
        None where no figure is published for any cell.
    """
    if not comparisons:
        return None
    drawn, score = comparisons[:STRIPS], comparisons[0].score
    widest = max((max(_extent(comparison)) - min(_extent(comparison))) / 2 for comparison in drawn)
    half = widest * 1.15 + (5e-4 if score.form is Form.PERCENT else 0.05 * widest or 5e-4 * abs(drawn[0].mean) or 5e-4)
    title = _finding(comparisons, labels)
    short = elided_labels({comparison.cell_id: labels[comparison.cell_id] for comparison in drawn}, LABEL_WIDTH)
    with canvas(24 + 96 * len(drawn)) as figure:
        grid = figure.subplots(len(drawn), 1, squeeze=False)
        for axes, comparison in zip(grid[:, 0], drawn, strict=True):
            _strip(axes, comparison, looks[comparison.architecture], half)
            axes.set_title(short[comparison.cell_id])
        grid[-1, 0].set_xlabel(axis_label(score))
        sentences = [published_sentence(comparison, labels[comparison.cell_id]) for comparison in comparisons]
        alt = " ".join(sentences[:STRIPS])
        svg = svg_text(figure, NAME, title, alt)
    note = "A published figure is one training with an unknown seed. Dots are our seeds, the bar is the 95 % "
    judged = sum(comparison.prediction.known for comparison in comparisons)
    together = f" for all {judged} cells together" if judged > 1 else ""
    note += f"interval of their mean, the pale band is the prediction interval of one further seed (95 %{together})."
    if len(comparisons) > len(drawn):
        note += f" The first {len(drawn)} of {len(comparisons)} cells are drawn; the table holds all."
    return Chart(
        name=NAME,
        heading="Our seeds and published figures",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=(
            "cell",
            "published",
            "our mean",
            "our range",
            "seeds",
            "as good or better",
            "one further seed",
            "source",
        ),
        rows=tuple(
            (
                labels[comparison.cell_id],
                score.text(comparison.published),
                score.text(comparison.mean),
                score.range(min(comparison.scores), max(comparison.scores)),
                str(comparison.n),
                f"{comparison.reached} of {comparison.n}",
                score.range(comparison.prediction.low, comparison.prediction.high),
                name(comparison.source, 120),
            )
            for comparison in comparisons
        ),
        findings=tuple(sentences[:FINDINGS]),
    )


def published_sentence(comparison: PublishedComparison, label: str) -> str:
    """Where the published figure falls among our seeds, in one sentence."""
    text, score, n = name(label, TITLE_WIDTH), comparison.score, comparison.n
    figure = score.labelled(comparison.published)
    if n == 1:
        return (
            f"{text}: our one seed reaches {score.text(comparison.mean)}, the published value is {figure}; "
            "one seed cannot say how much another seed would differ."
        )
    above, below = ("above", "below") if score.higher_is_better else ("better than", "worse than")
    if comparison.reached == 0:
        place = f"is {above} all {n} of our seeds"
    elif comparison.reached == n and not comparison.within_range:
        place = f"is {below} all {n} of our seeds"
    else:
        reach = "at or above it" if score.higher_is_better else "as good or better"
        place = f"is among our {n} seeds ({comparison.reached} {reach})"
    verdict = (
        "could be one more seed"
        if comparison.within_prediction
        else "is outside the prediction interval of one more seed"
    )
    expected = score.range(comparison.prediction.low, comparison.prediction.high)
    return f"{text}: the published {figure} {place} and {verdict} (expected: {expected})."


def _strip(axes: Axes, comparison: PublishedComparison, look: Style, half: float) -> None:
    colour = stand_in(look.colour)
    centre = (max(_extent(comparison)) + min(_extent(comparison))) / 2
    axes.set_xlim(centre - half, centre + half)
    axes.set_ylim(-1, 1)
    if comparison.prediction.known:
        axes.axvspan(
            comparison.prediction.low,
            comparison.prediction.high,
            ymin=0.15,
            ymax=0.85,
            color=colour,
            alpha=0.12,
            linewidth=0,
        )
        axes.plot([comparison.interval.low, comparison.interval.high], [0, 0], color=colour, linewidth=3, alpha=0.9)
    # Three rows, so that equal seeds do not hide each other.
    rows = [(index % 3 - 1) * 0.36 for index in range(comparison.n)]
    axes.plot(
        comparison.scores, rows, linestyle="none", marker=look.marker, color=colour, markersize=6.5, alpha=0.75,
        markeredgewidth=0,
    )  # fmt: skip
    accent = stand_in("accent")
    axes.axvline(comparison.published, color=accent, linewidth=1.8)
    right = comparison.published > centre
    axes.annotate(
        f"published {comparison.score.text(comparison.published)}", (comparison.published, 1),
        xytext=(-5 if right else 5, 3), color=accent, textcoords="offset points", ha="right" if right else "left",
        va="bottom", fontsize=11,
    )  # fmt: skip
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(
            lambda value, _: tick_text(value, 2 * half, comparison.score) if value <= comparison.score.ceiling else ""
        )
    )
    quiet(axes, grid="x")


def _extent(comparison: PublishedComparison) -> list[float]:
    """All that a strip has to hold."""
    ends = [comparison.prediction.low, comparison.prediction.high] if comparison.prediction.known else []
    return [*comparison.scores, comparison.published, *ends]


def _finding(comparisons: Sequence[PublishedComparison], labels: Mapping[str, str]) -> str:
    """How many published figures could have been one of our seeds."""
    judged = [comparison for comparison in comparisons if comparison.within_prediction is not None]
    total, held = len(judged), sum(bool(comparison.within_prediction) for comparison in judged)
    if not judged:
        return "One seed per cell: too few to compare with published figures"
    if total == 1:
        verb = "could be one of our seeds" if held else "is outside the prediction interval of our seeds"
        return f"The published figure {verb}"
    if held in {0, total} and total == len({comparison.architecture for comparison in judged}):
        verb = "could each be one of our seeds" if held else "are outside the prediction intervals of our seeds"
        return f"The {total} published figures {verb}"
    missed = [
        name(labels[comparison.cell_id], TITLE_WIDTH) for comparison in judged if not comparison.within_prediction
    ]
    sentence = f"In {held} of {total} cells the published figure could be one of our seeds"
    return f"{sentence}; not in {missed[0]}" if len(missed) == 1 else sentence
