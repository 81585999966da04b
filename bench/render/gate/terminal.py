"""A judgement in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from bench.core.formatting import plural, printable
from bench.record.verdicts import Verdict
from bench.render.gate.words import COLUMNS, beside, ordered, rates, row, sentence
from bench.render.plan import new_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from bench.record.verdicts import Judgement

STYLES = {
    Verdict.PASS: "green",
    Verdict.IMPROVED: "bold green",
    Verdict.REGRESSED: "bold red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.MISSING: "magenta",
    Verdict.INVALID: "magenta",
}
NUMERIC = {"change", "at worst", "margin"}
MOST_PASSED = 20
"""Passing cells that are listed; the others are counted."""


def verdict_table(judgement: Judgement) -> RenderableType:
    """The table of verdicts, the worst first, and what stands beside them."""
    table = new_table(None, *((name, name in NUMERIC) for name in COLUMNS))
    passed = 0
    for cell in ordered(judgement):
        passed += cell.verdict is Verdict.PASS
        if passed > MOST_PASSED:
            continue
        verdict, *rest = row(cell)
        table.add_row(Text(verdict, style=STYLES[cell.verdict]), *(Text(text) for text in rest))
        for told in beside(cell):
            table.add_row("", "", "", "", "", "", "", Text(told, style="dim"))
    hidden = [Text(f"... and {passed - MOST_PASSED} more that passed", style="dim")] if passed > MOST_PASSED else []
    unjudged = [
        Text(printable(f"not in the baseline, not judged: {cell_id}"), style="yellow") for cell_id in judgement.unjudged
    ]
    left_out = (
        [Text(f"left out, since only a part is judged: {plural(len(judgement.left_out), 'cell')}", style="yellow")]
        if judgement.left_out
        else []
    )
    notes = [Text(printable(note), style="yellow") for note in judgement.notes]
    worst = ordered(judgement)[0].verdict if judgement.cells else Verdict.MISSING
    return Group(
        table, *hidden, *unjudged, *left_out, *notes, "", Text(sentence(judgement), style=STYLES[worst]),
        Text(rates(judgement), style="dim"),
    )  # fmt: skip
