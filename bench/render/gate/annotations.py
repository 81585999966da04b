"""A judgement as GitHub annotations: lines of a log that the page of a pull request shows.

The form is that of GitHub's page "Workflow commands for GitHub Actions"; what a suite wrote cannot end a command or
begin one, because percent signs, line ends, colons and commas are written as that page says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import printable
from bench.record.verdicts import Verdict
from bench.render.gate.words import beside, ordered, sentence, speaks

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.record.verdicts import CellVerdict, Judgement

MOST = 10
"""GitHub shows ten annotations of a kind for each step."""

LEVELS = {
    Verdict.REGRESSED: "error",
    Verdict.INVALID: "error",
    Verdict.MISSING: "error",
    Verdict.INCONCLUSIVE: "warning",
    Verdict.IMPROVED: "notice",
}


def annotation_lines(judgement: Judgement) -> list[str]:
    """At most ten lines, the worst cell first; cells that pass and have nothing to say are left out."""
    told = [cell for cell in ordered(judgement) if cell.verdict in LEVELS or speaks(cell, judgement)]
    lines = [_line(cell, judgement.score, slower=cell in judgement.slower) for cell in told]
    if len(lines) > MOST:
        more = f"{len(lines) - MOST + 1} more cells are in the summary. {sentence(judgement)}"
        return [*lines[: MOST - 1], f"::warning title={_property(judgement.score.title)}::{_data(more)}"]
    return lines


def refusal_line(message: str, hint: str) -> str:
    """A check that could not be made, as an annotation."""
    return f"::error title=The run was not judged::{_data(f'{message} {hint}'.strip())}"


def _line(cell: CellVerdict, score: Score, *, slower: bool) -> str:
    level = LEVELS.get(cell.verdict, "error" if slower else "warning")
    title = _property(f"{cell.verdict} {cell.cell_id}")
    return f"::{level} title={title}::{_data(' '.join((cell.reason, *beside(cell, score))))}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
