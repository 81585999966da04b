"""Our seeds beside the published figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter, MaxNLocator

from bench.analyse.labels import elided_labels
from bench.core.formatting import percent, percent_range, points
from bench.render.charts.axes import quiet
from bench.render.charts.canvas import LABEL_WIDTH, TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.palette import Style, stand_in
from bench.render.findings import published_sentence

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

    Every strip has its own place on the axis of accuracy but the same width in points, so that spreads compare.

    Returns:
        None where no figure is published for any cell.
    """
    if not comparisons:
        return None
    shown = comparisons[:STRIPS]
    half = max((max(_extent(one)) - min(_extent(one))) / 2 for one in shown) * 1.15 + 5e-4
    title = _finding(comparisons, labels)
    short = elided_labels({one.cell_id: labels[one.cell_id] for one in shown}, LABEL_WIDTH)
    with canvas(24 + 96 * len(shown)) as figure:
        grid = figure.subplots(len(shown), 1, squeeze=False)
        for axes, one in zip(grid[:, 0], shown, strict=True):
            _strip(axes, one, looks[one.architecture], half)
            axes.set_title(short[one.cell_id])
        grid[-1, 0].set_xlabel("test accuracy, %")
        sentences = [published_sentence(one, labels[one.cell_id]) for one in comparisons]
        alt = " ".join(sentences[:STRIPS])
        svg = svg_text(figure, NAME, title, alt)
    note = "A published figure is one run of unknown seed. Dots are our seeds, the bar is the 95 % interval of their "
    note += "mean, the pale band is where one further seed is expected (95 %)."
    if len(comparisons) > len(shown):
        note += f" The first {len(shown)} of {len(comparisons)} cells are drawn; the table holds all."
    return Chart(
        name=NAME,
        heading="Our seeds and published figures",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("cell", "published", "our mean", "our range", "seeds", "at or above", "one further seed", "source"),
        rows=tuple(
            (
                labels[one.cell_id],
                percent(one.published),
                percent(one.mean),
                percent_range(min(one.accuracies), max(one.accuracies)),
                str(one.n),
                f"{one.at_or_above} of {one.n}",
                percent_range(one.prediction.low, one.prediction.high),
                name(one.source, 120),
            )
            for one in comparisons
        ),
        findings=tuple(sentences[:FINDINGS]),
    )


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
        one.accuracies, rows, linestyle="none", marker=look.marker, color=colour, markersize=6.5, alpha=0.75,
        markeredgewidth=0,
    )  # fmt: skip
    accent = stand_in("accent")
    axes.axvline(one.published, color=accent, linewidth=1.8)
    right = one.published > centre
    axes.annotate(
        f"published {percent(one.published)}", (one.published, 1), xytext=(-5 if right else 5, 3), color=accent,
        textcoords="offset points", ha="right" if right else "left", va="bottom", fontsize=11,
    )  # fmt: skip
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    digits = 2 if half < 0.01 else 1  # noqa: PLR2004  by the distance of the ticks
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: points(value, digits) if value <= 1 else ""))
    quiet(axes, grid="x")


def _extent(one: PublishedComparison) -> list[float]:
    """All that a strip has to hold."""
    ends = [one.prediction.low, one.prediction.high] if one.prediction.known else []
    return [*one.accuracies, one.published, *ends]


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
