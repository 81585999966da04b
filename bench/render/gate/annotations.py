"""A judgement as GitHub annotations: lines of a log that the page of a pull request shows.

The format is that of GitHub's page "Workflow commands for GitHub Actions". Text from a suite can neither end nor begin
a command: it is made printable, and percent signs, line ends, colons and commas are escaped as that page says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import plural, printable
from bench.record.verdicts import Verdict
from bench.render.gate.advice import improved_step
from bench.render.gate.words import context, new_cells, ordered, sentence, speaks

if TYPE_CHECKING:
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
    """At most ten lines, the worst cell first; cells that simply pass are left out."""
    listed = [cell for cell in ordered(judgement) if cell.verdict in LEVELS or speaks(cell, judgement)]
    lines = [_line(cell, judgement) for cell in listed]
    new = _new_cells(judgement)
    if len(lines) + len(new) > MOST:
        left_out = len(lines) - MOST + 1
        more = (
            f"{plural(left_out, 'more cell')} {'is' if left_out == 1 else 'are'} in the summary. {sentence(judgement)}"
        )
        return [*lines[: MOST - 1], f"::warning title={_property(judgement.score.title)}::{_data(more)}"]
    return [*lines, *new]


def refusal_line(message: str, hint: str) -> str:
    """An annotation that says why a run could not be judged."""
    return f"::error title=The run was not judged::{_data(f'{message} {hint}'.strip())}"


def _line(cell: CellVerdict, judgement: Judgement) -> str:
    level = LEVELS.get(cell.verdict, "error" if cell in judgement.slower else "warning")
    title = _property(f"{cell.verdict} {cell.cell_id}")
    step = (improved_step(judgement),) if cell.verdict is Verdict.IMPROVED else ()
    return f"::{level} title={title}::{_data(' '.join((cell.reason, *context(cell, judgement.score), *step)))}"


def _new_cells(judgement: Judgement) -> list[str]:
    """A line about the cells that the baseline does not hold, the first of them by name; none where it holds all."""
    if not judgement.unjudged:
        return []
    names = ", ".join(judgement.unjudged[:MOST]) + (", ..." if len(judgement.unjudged) > MOST else "")
    return [f"::notice title=New cells::{_data(f'{new_cells(judgement)}: {names}')}"]


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
