"""A judgement as Markdown, for the summary of a CI job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import plural
from bench.record.verdicts import Verdict
from bench.render.gate.advice import next_steps
from bench.render.gate.reach import reach_lines
from bench.render.gate.words import COLUMNS, context, ordered, rates, row, sentence
from bench.render.markdown import code_cell, escaped

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.record.verdicts import CellVerdict, Judgement

SIGNS = {
    Verdict.PASS: "\u2705",
    Verdict.IMPROVED: "\U0001f389",
    Verdict.REGRESSED: "\u274c",
    Verdict.INCONCLUSIVE: "\u2754",
    Verdict.MISSING: "\u26a0\ufe0f",
    Verdict.INVALID: "\u26a0\ufe0f",
}
MOST_BYTES = 1_000_000
"""GitHub keeps 1 MiB of a step's summary, and shows nothing of a longer one (its page on workflow commands)."""


def summary(judgement: Judgement, most_bytes: int = MOST_BYTES) -> str:
    """The judgement as a section of at most so many bytes, the worst cells first; those left out are counted."""
    cells = ordered(judgement)
    worst = SIGNS[cells[0].verdict] if cells else SIGNS[Verdict.MISSING]
    head = [
        f"## {worst} {escaped(judgement.score.title)} of {escaped(judgement.suite)}",
        "",
        escaped(sentence(judgement)),
        "",
    ]
    head += [f"> {escaped(note)}\n" for note in judgement.notes]
    table = [f"| {' | '.join(COLUMNS)} |", "|" + " --- |" * len(COLUMNS)]
    tail = [f"- not in the baseline, not judged: {code_cell(cell_id)}" for cell_id in judgement.unjudged]
    if judgement.left_out:
        tail.append(f"- left out, since only a part is judged: {plural(len(judgement.left_out), 'cell')}")
    tail += [f"- {escaped(line)}" for line in (*next_steps(judgement), *reach_lines(judgement))]
    tail += ["", f"<sub>{escaped(rates(judgement))} Accepted {escaped(judgement.accepted_at)}.</sub>", ""]
    room = most_bytes - _bytes([*head, *table, *tail]) - 200
    rows: list[str] = []
    for index, cell in enumerate(cells):
        line = _row(cell, judgement.score)
        room -= _bytes([line])
        if room < 0:
            tail = [f"\n... and {plural(len(cells) - index, 'more cell')}, in `verdict.json`.", *tail]
            break
        rows.append(line)
    return "\n".join([*head, *table, *rows, "", *tail])


def refusal(message: str, hint: str) -> str:
    """A section that says why a run could not be judged."""
    texts = [escaped(text) for text in (message, hint) if text]
    return "\n\n".join([f"## {SIGNS[Verdict.INVALID]} The run was not judged", *texts]) + "\n"


def _row(cell: CellVerdict, score: Score) -> str:
    verdict, cell_id, *figures, why = row(cell, score)
    reasons = "<br>".join(escaped(text) for text in (why, *context(cell, score)))
    return (
        f"| {' | '.join([f'{SIGNS[cell.verdict]} {verdict}', code_cell(cell_id), *map(escaped, figures), reasons])} |"
    )


def _bytes(lines: list[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)
