"""The words and figures that every format uses for a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.compare.comparison import Call
from bench.core.formatting import (
    MISSING,
    elided,
    percent,
    plural,
    points,
    printable,
    probability,
    ratio,
    ratio_range,
    signed_points,
    signed_points_range,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bench.analyse.compare.comparison import CellComparison, Comparison
    from bench.analyse.compare.party import CellSide
    from bench.analyse.intervals import Sample

COLUMNS = ("cell", "B against A", "A", "B", "B - A, points", "training time, B / A", "test images")
"""Of the table of cells; the first two hold words, the others figures."""

REASON_WIDTH = 240  # characters of a recorded reason that a line can carry
MOST_SWAPPED = 5

DEFINITIONS = tuple(
    (term, " ".join(meaning.split()))
    for term, meaning in (
        (
            "A, B",
            "Mean test accuracy over the seeds that have one, its standard deviation and how many seeds there are.",
        ),
        (
            "B - A",
            """Difference of the means in percentage points, and Welch's 95 % interval of it, which allows for unequal
            deviations. It takes two seeds on either side. Where no seed deviates from its mean it has no width.""",
        ),
        (
            "B against A",
            """Surely better or worse where the interval does not hold 0, else the two cannot be told apart by these
            seeds. Each interval stands for its own cell: nothing is corrected for their number.""",
        ),
        (
            "the same trainings",
            "Every seed ended with the same weights on both sides, or both sides show one and the same trial.",
        ),
        (
            "training time, B / A",
            """Median seconds of training, all epochs, of B over that of A, with a bootstrap interval (95 %). Only
            trials that ran alone on the machine count, and only where machine, versions, data, device and engine
            are the same.""",
        ),
        (
            "test images",
            """By the vote of a cell's seeds: images right in A and wrong in B are lost, the other way round they are
            gained. p is that of McNemar's exact test that as many are lost as gained; it speaks of these images and
            these seeds, not of others.""",
        ),
    )
)
"""What the columns mean."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value of the table, and how sure it is: what a page sets beneath it stands behind it elsewhere."""

    text: str
    sub: str = ""

    @property
    def line(self) -> str:
        """Both on one line."""
        return f"{self.text} {self.sub}".rstrip()


def row(cell: CellComparison, label: str) -> tuple[Shown, ...]:
    """A cell as the table shows it, in the order of `COLUMNS`."""
    interval = signed_points_range(cell.interval.low, cell.interval.high)
    return (
        Shown(printable(label)),
        Shown(str(cell.call)),
        side_shown(cell.means[0], cell.before),
        side_shown(cell.means[1], cell.after),
        Shown(signed_points(cell.difference), f"({interval})" if cell.interval.known else ""),
        Shown(ratio(cell.ratio.value), f"({ratio_range(cell.ratio.low, cell.ratio.high)})")
        if cell.ratio
        else Shown(MISSING),
        _flips_shown(cell),
    )


def side_shown(seeds: Sample, side: CellSide) -> Shown:
    """Mean, deviation and number of seeds; how many trials there were where some have no accuracy."""
    n = f"n {seeds.n} of {side.trials}" if side.failure else f"n {seeds.n}"
    deviation = "" if seeds.n < 2 else f"+/- {points(seeds.std)} "  # noqa: PLR2004  one seed has no deviation
    return Shown(percent(seeds.mean), f"{deviation}({n})")


def remarks(found: Comparison) -> tuple[str, ...]:
    """What cannot be compared and why, a sentence for each reason; classes that look swapped."""
    return (
        *_reasons(found, "Times", lambda cell: cell.untimed),
        *_reasons(found, "Test images", lambda cell: cell.unflipped),
        *_swapped(found),
    )


def name(found: Comparison, *, after: bool) -> str:
    """A side in a few words: `run 2026...` or `the baseline of digits`."""
    party = found.after if after else found.before
    return f"run {printable(party.run_id)}" if party.run else f"the baseline of {elided(party.suite, 60)}"


def _flips_shown(cell: CellComparison) -> Shown:
    flips = cell.flips
    if flips is None:
        return Shown(MISSING)
    if not flips.lost and not flips.gained:
        return Shown("none changed")
    return Shown(f"{flips.lost} lost, {flips.gained} gained", f"(p {_is(flips.p)})")


def _is(p: float) -> str:
    text = probability(p)
    return text if text.startswith("<") else f"= {text}"


def _reasons(found: Comparison, what: str, reason: Callable[[CellComparison], str]) -> Iterator[str]:
    told: dict[str, int] = {}
    for cell in found.cells:
        if text := reason(cell):
            told[text] = told.get(text, 0) + 1
    for text, number in told.items():
        where = "" if number == len(found.cells) else f" of {plural(number, 'cell')}"
        yield printable(f"{what}{where} are not compared: {text}.")


def _swapped(found: Comparison) -> Iterator[str]:
    pairs: Iterable[tuple[str, tuple[str, str]]] = [
        (cell.cell_id, pair) for cell in found.cells if cell.flips for pair in cell.flips.swapped
    ]
    for cell_id, (a, b) in list(pairs)[:MOST_SWAPPED]:
        yield printable(f"The classes {a} and {b} look swapped in {elided(cell_id, REASON_WIDTH)}.")


STYLES = {
    Call.WORSE: "bold red",
    Call.BETTER: "bold green",
    Call.OPEN: "yellow",
    Call.SAME: "dim",
    Call.VOID: "magenta",
}
"""How a terminal shows a call."""
