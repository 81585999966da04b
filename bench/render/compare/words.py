"""The words and figures that every format uses for a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.compare.comparison import Call
from bench.analyse.compare.obstacles import Gap
from bench.analyse.gate.mistakes import MOST_ERRORS
from bench.analyse.gate.pace import FEWEST
from bench.core.formatting import MISSING, elided, plural, probability, ratio, ratio_range
from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bench.analyse.compare.comparison import CellComparison, Comparison
    from bench.analyse.compare.obstacles import Obstacle
    from bench.analyse.compare.party import CellSide
    from bench.analyse.intervals import Sample
    from bench.core.score import Score


def columns(score: Score) -> tuple[str, ...]:
    """Of the table of cells; the first two hold words, the others figures."""
    unit = f", {score.unit}" if score.unit else ""
    sides = (f"{side}{deviation_unit(score)}" for side in ("A", "B"))
    return ("cell", "B against A", *sides, f"B - A{unit}", "training time, B / A", "test examples")


def deviation_unit(score: Score) -> str:
    """What a heading adds above values whose standard deviation stands behind them: `, SD in points`."""
    return f", SD in {score.unit}" if score.unit else ""


REASON_WIDTH = 240  # characters of a recorded reason that a line can carry
MOST_SWAPPED = 5
EXAMPLES = "Test examples"


def definitions(score: Score, *, values: bool) -> tuple[tuple[str, str], ...]:
    """What the columns mean.

    Args:
        score: what both sides are ranked by.
        values: whether values are predicted, and not classes or labels.
    """
    unit = " in percentage points" if score.unit else ""
    sides = f"""Mean {score.heading} on the test set over the seeds with a result, its standard deviation (SD) and the
        number of seeds; {score.direction}. {score.meaning}"""
    difference = f"""Difference of the means{unit}, and its interval: 95 % for all cells of the comparison together
        (Bonferroni), the wider of Welch's and Student's. It needs two seeds on each side. The deviation of seeds is
        assumed to be at least half of the smallest difference that the test set can show, even if all are equal."""
    terms = (
        ("A, B", sides),
        ("B - A", difference),
        *DEFINITIONS,
        ("test examples", OF_VALUES if values else OF_ANSWERS),
    )
    return tuple((term, " ".join(meaning.split())) for term, meaning in terms)


DEFINITIONS = (
    (
        "B against A",
        """Better or worse if the interval excludes 0. Otherwise both may be equal: these seeds cannot separate them.
        If nothing has changed, at most 5 % of comparisons call any cell better or worse.""",
    ),
    (
        "identical results",
        "Every seed ended with the same weights on both sides, or both sides have the same trial.",
    ),
    (
        "training time, B / A",
        """Seconds of training, all epochs, of B divided by those of A: geometric means over seeds, with the 95 %
        interval of their ratio (a t interval of the logarithms). Only trials that ran alone on the machine count, and
        only if machine, versions, data, device and engine are the same.""",
    ),
)
"""What the columns mean, whatever the score is."""

OF_ANSWERS = """By the vote of a cell's seeds: examples correct in A and wrong in B are lost, examples wrong in A and
    correct in B are gained. With several labels, an example is correct if all its labels are. p is from McNemar's
    exact test that equally many are lost and gained. It holds for these examples and these seeds, not for others."""
OF_VALUES = """By the median of a cell's seeds: how many examples have a larger error in B and how many a smaller. p is
    from the exact sign test that both are equally many, equal errors excluded. It holds for these examples and these
    seeds, not for others."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value of the table, and how sure it is: what a page sets beneath it stands behind it elsewhere."""

    text: str
    sub: str = ""

    @property
    def line(self) -> str:
        """Both on one line."""
        return f"{self.text} {self.sub}".rstrip()


def row(cell: CellComparison, label: str, score: Score) -> tuple[Shown, ...]:
    """A cell as the table shows it, in the order of `columns`."""
    interval = score.signed_gap_range(cell.interval.low, cell.interval.high)
    return (
        Shown(label),
        Shown(str(cell.call)),
        side_shown(cell.means[0], cell.before, score),
        side_shown(cell.means[1], cell.after, score),
        Shown(score.signed_gap(cell.difference), f"({interval})" if cell.interval.known else ""),
        Shown(ratio(cell.ratio.value), f"({ratio_range(cell.ratio.low, cell.ratio.high)})")
        if cell.ratio
        else Shown(MISSING),
        _flips_shown(cell),
    )


def side_shown(seeds: Sample, side: CellSide, score: Score) -> Shown:
    """Mean, standard deviation and number of seeds; how many trials there were where some have no score."""
    n = f"n {seeds.n} of {side.trials}" if side.failure else f"n {seeds.n}"
    deviation = "" if seeds.n < 2 else f"SD {score.gap(seeds.std)}, "  # noqa: PLR2004  one seed has no deviation
    return Shown(score.text(seeds.mean), f"({deviation}{n})")


def remarks(comparison: Comparison) -> tuple[str, ...]:
    """What cannot be compared and why, a sentence for each reason; classes that look swapped."""
    return (
        *_reasons(comparison, "Times", lambda cell: cell.untimed),
        *_reasons(comparison, EXAMPLES, lambda cell: cell.unflipped),
        *_swapped(comparison),
    )


def name(comparison: Comparison, *, after: bool) -> str:
    """A side in a few words: `run 2026...` or `the baseline of digits`."""
    party = comparison.after if after else comparison.before
    return f"run {party.run_id}" if party.run else f"the baseline of {elided(party.suite, 60)}"


def _flips_shown(cell: CellComparison) -> Shown:
    flips = cell.flips
    if flips is None:
        return Shown(MISSING)
    if not flips.lost and not flips.gained:
        return Shown("none changed")
    p = f"(p {_is(flips.p)})"
    if flips.task is Task.REGRESSION:
        return Shown(f"{flips.lost} further, {flips.gained} nearer", p)
    return Shown(f"{flips.lost} lost, {flips.gained} gained", p)


def _is(p: float) -> str:
    text = probability(p)
    return text if text.startswith("<") else f"= {text}"


def _reasons(
    comparison: Comparison, subject: str, reason: Callable[[CellComparison], Obstacle | None]
) -> Iterator[str]:
    counts: dict[str, int] = {}
    for cell in comparison.cells:
        if obstacle := reason(cell):
            text = obstacle_text(obstacle, subject)
            counts[text] = counts.get(text, 0) + 1
    for text, number in counts.items():
        where = "" if number == len(comparison.cells) else f" of {plural(number, 'cell')}"
        yield f"{subject}{where} are not compared: {text}."


def obstacle_text(obstacle: Obstacle, subject: str) -> str:
    """Why something is not compared, as a clause."""
    match obstacle.gap:
        case Gap.DATA:
            return f"the {'test examples are' if subject == EXAMPLES else 'data is'} not the same"
        case Gap.FEW_TIMES:
            alone = plural(obstacle.trials, "trial")
            return f"{alone} of {obstacle.side} ran alone on the machine, and {FEWEST} are needed"
        case Gap.NO_PREDICTIONS:
            return f"{obstacle.side} has no stored predictions"
        case Gap.NO_ERRORS:
            return f"{obstacle.side} is a baseline, which stores the errors of at most {MOST_ERRORS:,} test examples"
        case _:
            return CLAUSES[obstacle.gap]


CLAUSES = {
    Gap.NO_RESULT: "a side has no result",
    Gap.NO_FINGERPRINT: "a side does not record its machine and versions",
    Gap.ENVIRONMENT: "the machine, its settings or the versions of Keras, its backend or NumPy are not the same",
    Gap.NO_MACHINE: "a side does not record the machine of its times: an earlier version, or several machines",
    Gap.MACHINE: (
        "the machines are not the same: the processor's flags, family, model, stepping or caches, or variables that "
        "make it slow or fast"
    ),
    Gap.ENGINE: "the engines are not the same",
    Gap.DEVICE: "the devices are not the same",
    Gap.SAME_TIMES: "both sides have the same measurements",
    Gap.MISFIT: "the predictions do not fit the labels",
}


def _swapped(comparison: Comparison) -> Iterator[str]:
    pairs: Iterable[tuple[str, tuple[str, str]]] = [
        (cell.cell_id, pair) for cell in comparison.cells if cell.flips for pair in cell.flips.swapped
    ]
    for cell_id, (a, b) in list(pairs)[:MOST_SWAPPED]:
        yield f"The classes {a} and {b} look swapped in {elided(cell_id, REASON_WIDTH)}."


STYLES = {
    Call.WORSE: "bold red",
    Call.BETTER: "bold green",
    Call.OPEN: "yellow",
    Call.SAME: "dim",
    Call.VOID: "magenta",
}
"""How a terminal shows a call."""
