"""The words that every format uses for a judgement: its summary sentence, error rates, order and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import MISSING, percent, plural
from bench.record.verdicts import WORST_FIRST, Cause
from bench.render.gate.reasons import context_lines, limit, worst

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.record.evidence import Seeds
    from bench.record.verdicts import CellVerdict, Judgement

COLUMNS = ("verdict", "cell", "accepted", "now", "change", "at worst", "margin", "why")
"""Of every table of verdicts; changes in the score's unit, for percentages in points."""

SAME = {Cause.SAME_WEIGHTS, Cause.SAME_PREDICTIONS}
"""Cells that pass without statistics."""

INDEPENDENCE = (
    "These rates are for one check. Repeated checks of the same change, seeds that depend on each other, and seeds "
    "with a larger spread than the accepted seeds raise them."
)
"""What every stated error rate assumes."""


def sentence(judgement: Judgement) -> str:
    """The whole judgement in a sentence."""
    new = new_cells(judgement)
    if not judgement.cells:
        return f"Nothing was judged: the run has no cell of the baseline{new and '; ' + new}."
    counts = [(verdict, len(judgement.having(verdict))) for verdict in WORST_FIRST]
    verdicts = ", ".join(f"{number} {verdict}" for verdict, number in counts if number)
    same = sum(cell.grounds is not None and cell.grounds.cause in SAME for cell in judgement.cells)
    drifted = sum(cell.drift is not None for cell in judgement.cells)
    parts = (
        f"{judgement.suite}: {verdicts} of {plural(len(judgement.cells), 'cell')}",
        f"{plural(same, 'cell')} {'has' if same == 1 else 'have'} results identical to the accepted results"
        if same
        else "",
        f"{plural(len(judgement.slower), 'cell')} slower" if judgement.slower else "",
        f"the time of {plural(len(judgement.untimed), 'cell')} was not judged" if judgement.untimed else "",
        f"{plural(drifted, 'cell')} drifted since an earlier acceptance" if drifted else "",
        new,
    )
    return f"{'; '.join(part for part in parts if part)}."


def new_cells(judgement: Judgement) -> str:
    """How many cells of the run the baseline does not hold, as a clause; empty where it holds all."""
    number = len(judgement.unjudged)
    if not number:
        return ""
    return f"{plural(number, 'cell')} {'is new and was' if number == 1 else 'are new and were'} not judged"


def rates(judgement: Judgement) -> str:
    """What this check judges by, how often it is wrong, and what that assumes."""
    judged_by = f"Judged by {judgement.score.heading} ({judgement.score.direction})."
    if not any(cell.difference for cell in judgement.cells):
        return f"{judged_by} No cell needed or allowed a comparison of its seeds, so no error rate applies."
    gate = judgement.gate
    looks = f", over {gate['looks']} looks at the seeds" if gate["on_inconclusive"] == "more-seeds" else ""
    beyond = "it got no worse than by its margin" if gate["rule"] == "margin" else "nothing changed"
    return (
        f"{_pairs(judgement)}{judged_by} Any cell is called REGRESSED although {beyond} in at most "
        f"{percent(gate['alpha'], 1)} of checks, and a cell all of whose seeds got worse by its margin passes in at "
        f"most 5.0 %{looks}. {INDEPENDENCE}"
    )


def _pairs(judgement: Judgement) -> str:
    """How many cells were compared in pairs, as a sentence; empty where none was."""
    paired = sum(bool(cell.difference and cell.difference.pairs) for cell in judgement.cells)
    if not paired:
        return ""
    verb, their = ("was", "its") if paired == 1 else ("were", "their")
    return f"{plural(paired, 'cell')} {verb} compared in pairs: {their} change is over the seeds that both sides have. "


def short_names(judgement: Judgement) -> dict[str, str]:
    """By cell id, the id without the data set and the device where all cells share them."""
    # data set and device are the last two parts: a parameter may hold an @ of its own
    parts = {cell.cell_id: cell.cell_id.rsplit("@", 2) for cell in judgement.cells}
    shared = len({tuple(part[1:]) for part in parts.values()}) == 1 and all(len(part) > 1 for part in parts.values())
    return {cell_id: part[0] if shared else cell_id for cell_id, part in parts.items()}


def speaks(cell: CellVerdict, judgement: Judgement) -> bool:
    """Whether a cell that passes needs a word all the same: it drifted, got slower or lacks its time."""
    lacking = judgement.lacks_time and cell in judgement.untimed
    return cell.drift is not None or cell in judgement.slower or lacking


def ordered(judgement: Judgement) -> tuple[CellVerdict, ...]:
    """The cells, the worst first, those of one verdict in the order of the baseline."""
    return tuple(cell for verdict in WORST_FIRST for cell in judgement.having(verdict))


def row(cell: CellVerdict, score: Score) -> tuple[str, ...]:
    """A cell as the table shows it."""
    change = cell.difference
    return (
        str(cell.verdict),
        cell.cell_id,
        seeds_text(cell.baseline, score),
        seeds_text(cell.current, score),
        score.signed_gap(change.value) if change else MISSING,
        score.signed_gap(worst(change, score)) if change else MISSING,
        score.signed_gap(limit(cell.margin, score)),
        cell.reason,
    )


def context(cell: CellVerdict, score: Score) -> tuple[str, ...]:
    """Extra information shown with a verdict, a sentence each."""
    return tuple(context_lines(cell, score))


def seeds_text(seeds: Seeds | None, score: Score) -> str:
    """One side of a comparison: the mean of its seeds, their standard deviation and how many there are."""
    if seeds is None:
        return MISSING
    inside = ", ".join(part for part in (score.deviation(seeds.std), f"n {seeds.n}") if part)
    return f"{score.text(seeds.mean)} ({inside})"
