"""Our seeds beside the published figures."""

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
STRIPS = 12  # strips that a page can carry; the table has all cells


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
    shown, score = comparisons[:STRIPS], comparisons[0].score
    widest = max((max(_extent(one)) - min(_extent(one))) / 2 for one in shown)
    half = widest * 1.15 + (5e-4 if score.form is Form.PERCENT else 0.05 * widest or 5e-4 * abs(shown[0].mean) or 5e-4)
    title = _finding(comparisons, labels)
    short = elided_labels({one.cell_id: labels[one.cell_id] for one in shown}, LABEL_WIDTH)
    with canvas(24 + 96 * len(shown)) as figure:
        grid = figure.subplots(len(shown), 1, squeeze=False)
        for axes, one in zip(grid[:, 0], shown, strict=True):
            _strip(axes, one, looks[one.architecture], half)
            axes.set_title(short[one.cell_id])
        grid[-1, 0].set_xlabel(axis_label(score))
        sentences = [published_sentence(one, labels[one.cell_id]) for one in comparisons]
        alt = " ".join(sentences[:STRIPS])
        svg = svg_text(figure, NAME, title, alt)
    note = "A published figure is one run of unknown seed. Dots are our seeds, the bar is the 95 % interval of their "
    judged = sum(one.prediction.known for one in comparisons)
    together = f" for all {judged} cells together" if judged > 1 else ""
    note += f"mean, the pale band is where one further seed is expected (95 %{together})."
    if len(comparisons) > len(shown):
        note += f" The first {len(shown)} of {len(comparisons)} cells are drawn; the table holds all."
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
                labels[one.cell_id],
                score.text(one.published),
                score.text(one.mean),
                score.range(min(one.scores), max(one.scores)),
                str(one.n),
                f"{one.reached} of {one.n}",
                score.range(one.prediction.low, one.prediction.high),
                name(one.source, 120),
            )
            for one in comparisons
        ),
        findings=tuple(sentences[:FINDINGS]),
    )


def published_sentence(comparison: PublishedComparison, label: str) -> str:
    """Where the published figure falls among our seeds, in one sentence."""
    text, score, n = name(label, TITLE_WIDTH), comparison.score, comparison.n
    figure = score.labelled(comparison.published)
    if n == 1:
        return (
            f"{text}: our one seed gives {score.text(comparison.mean)} and {figure} is published; "
            "one seed cannot say how much the next would differ."
        )
    above, below = ("above", "below") if score.higher_is_better else ("better than", "worse than")
    if comparison.reached == 0:
        place = f"is {above} all {n} of our seeds"
    elif comparison.reached == n and not comparison.within_range:
        place = f"is {below} all {n} of our seeds"
    else:
        reach = "at or above it" if score.higher_is_better else "as good or better"
        place = f"is among our {n} seeds ({comparison.reached} {reach})"
    verdict = "could be one more of them" if comparison.within_prediction else "is not what a further seed would give"
    expected = score.range(comparison.prediction.low, comparison.prediction.high)
    return f"{text}: the published {figure} {place} and {verdict} (expected: {expected})."


def _strip(axes: Axes, one: PublishedComparison, look: Style, half: float) -> None:
    colour = stand_in(look.colour)
    centre = (max(_extent(one)) + min(_extent(one))) / 2
    axes.set_xlim(centre - half, centre + half)
    axes.set_ylim(-1, 1)
    if one.prediction.known:
        axes.axvspan(
            one.prediction.low, one.prediction.high, ymin=0.15, ymax=0.85, color=colour, alpha=0.12, linewidth=0
        )
        axes.plot([one.interval.low, one.interval.high], [0, 0], color=colour, linewidth=3, alpha=0.9)
    # Three rows, so that equal seeds do not hide each other.
    rows = [(index % 3 - 1) * 0.36 for index in range(one.n)]
    axes.plot(
        one.scores, rows, linestyle="none", marker=look.marker, color=colour, markersize=6.5, alpha=0.75,
        markeredgewidth=0,
    )  # fmt: skip
    accent = stand_in("accent")
    axes.axvline(one.published, color=accent, linewidth=1.8)
    right = one.published > centre
    axes.annotate(
        f"published {one.score.text(one.published)}", (one.published, 1), xytext=(-5 if right else 5, 3), color=accent,
        textcoords="offset points", ha="right" if right else "left", va="bottom", fontsize=11,
    )  # fmt: skip
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: tick_text(value, 2 * half, one.score) if value <= one.score.ceiling else "")
    )
    quiet(axes, grid="x")


def _extent(one: PublishedComparison) -> list[float]:
    """All that a strip has to hold."""
    ends = [one.prediction.low, one.prediction.high] if one.prediction.known else []
    return [*one.scores, one.published, *ends]


def _finding(comparisons: Sequence[PublishedComparison], labels: Mapping[str, str]) -> str:
    """How many published figures could have been one of our seeds."""
    judged = [one for one in comparisons if one.within_prediction is not None]
    total, held = len(judged), sum(bool(one.within_prediction) for one in judged)
    if not judged:
        return "One seed per cell: too few to say how near the published figures are"
    if total == 1:
        verb = "could be one of our seeds" if held else "is not what one of our seeds would give"
        return f"The published figure {verb}"
    if held in {0, total} and total == len({one.architecture for one in judged}):
        verb = "could each be one of our seeds" if held else "are not what our seeds would give"
        return f"The {total} published figures {verb}"
    missed = [name(labels[one.cell_id], TITLE_WIDTH) for one in judged if not one.within_prediction]
    told = f"In {held} of {total} cells the published figure could be one of our seeds"
    return f"{told}; not in {missed[0]}" if len(missed) == 1 else told
