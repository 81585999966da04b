"""The words that every format uses for a judgement: its sentence, its order, its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import MISSING, percent, plural, printable
from bench.record.verdicts import Verdict
from bench.render.gate.reasons import context_lines, limit, worst

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.record.verdicts import CellVerdict, Judgement, Seeds

WORST_FIRST = (
    Verdict.REGRESSED, Verdict.INVALID, Verdict.MISSING, Verdict.INCONCLUSIVE, Verdict.IMPROVED, Verdict.PASS,
)  # fmt: skip

COLUMNS = ("verdict", "cell", "accepted", "now", "change", "at worst", "margin", "why")
"""Of every table of verdicts; changes in the score's unit, for percentages in points."""


def sentence(judgement: Judgement) -> str:
    """The whole judgement in a sentence: what to do about it is the exit code's business."""
    if not judgement.cells:
        return "Nothing was judged: the run holds no cell of the baseline."
    counts = [(verdict, len(judgement.having(verdict))) for verdict in WORST_FIRST]
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts if number)
    slower = f"; {plural(len(judgement.slower), 'cell')} slower" if judgement.slower else ""
    drifted = sum(cell.drift is not None for cell in judgement.cells)
    drift = f"; {plural(drifted, 'cell')} drifted since the first acceptance" if drifted else ""
    return f"{printable(judgement.suite)}: {told} of {plural(len(judgement.cells), 'cell')}{slower}{drift}."


def rates(judgement: Judgement) -> str:
    """How often this check is wrong, in a sentence."""
    if not any(cell.difference for cell in judgement.cells):
        return "No cell could be compared, so no error rate applies."
    gate = judgement.gate
    looks = f", over {gate['looks']} looks at the seeds" if gate["on_inconclusive"] == "more-seeds" else ""
    beyond = "it got no worse than by its margin" if gate["rule"] == "margin" else "nothing changed"
    return (
        f"Judged by {judgement.score.heading} ({judgement.score.direction}). "
        f"Any cell is called REGRESSED although {beyond} in at most {percent(gate['alpha'], 1)} of checks, and a cell "
        f"that got worse by its margin passes in at most 5.0 %{looks}."
    )


def short_names(judgement: Judgement) -> dict[str, str]:
    """By cell id, the id without the data set and the device where all cells share them."""
    # data set and device are the last two parts: a parameter may hold an @ of its own
    parts = {cell.cell_id: cell.cell_id.rsplit("@", 2) for cell in judgement.cells}
    shared = len({tuple(part[1:]) for part in parts.values()}) == 1 and all(len(part) > 1 for part in parts.values())
    return {cell_id: part[0] if shared else cell_id for cell_id, part in parts.items()}


def next_steps(judgement: Judgement) -> tuple[str, ...]:
    """What to type where a check is not simply green, a sentence for each kind of trouble."""
    told = []
    seeds = max((cell.current.n for cell in judgement.cells if cell.current), default=0)
    if judgement.having(Verdict.INCONCLUSIVE):
        told.append(
            f"INCONCLUSIVE: more seeds would tell. Run again with --seeds {max(5, 2 * seeds)} (`bench power` says how "
            'many it takes), or let the check train them: on_inconclusive = "more-seeds" under [gate].'
        )
    if judgement.having(Verdict.MISSING):
        told.append(
            "MISSING: run the whole suite with the seeds it declares; to judge only the part that was run, add "
            "--partial; where a cell was taken out on purpose, accept a run without it."
        )
    if judgement.having(Verdict.INVALID):
        told.append(
            "INVALID: fix the trials that failed; where settings, data or the score were changed on purpose, accept a "
            "run with them."
        )
    if judgement.having(Verdict.REGRESSED):
        told.append('REGRESSED: fix it; where the change is meant, bench accept RUN --reason "...".')
    return tuple(told)


def ordered(judgement: Judgement) -> tuple[CellVerdict, ...]:
    """The cells, the worst first, those of one verdict in the order of the baseline."""
    return tuple(cell for verdict in WORST_FIRST for cell in judgement.having(verdict))


def row(cell: CellVerdict, score: Score) -> tuple[str, ...]:
    """A cell as the table shows it."""
    change = cell.difference
    return (
        str(cell.verdict),
        printable(cell.cell_id),
        seeds_text(cell.baseline, score),
        seeds_text(cell.current, score),
        score.signed_gap(change.value) if change else MISSING,
        score.signed_gap(worst(change, score)) if change else MISSING,
        score.signed_gap(limit(cell.margin, score)),
        printable(cell.reason),
    )


def beside(cell: CellVerdict, score: Score) -> tuple[str, ...]:
    """Extra information shown with a verdict, a sentence each."""
    return tuple(printable(text) for text in context_lines(cell, score))


def seeds_text(seeds: Seeds | None, score: Score) -> str:
    """A side: mean, standard deviation and number of seeds."""
    if seeds is None:
        return MISSING
    inside = ", ".join(part for part in (score.deviation(seeds.std), f"n {seeds.n}") if part)
    return f"{score.text(seeds.mean)} ({inside})"
