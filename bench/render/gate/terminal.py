"""A judgement in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from bench.core.formatting import one_line, plural
from bench.record.verdicts import Verdict
from bench.render.gate.advice import next_steps
from bench.render.gate.reach import reach_lines
from bench.render.gate.words import COLUMNS, context, ordered, rates, row, sentence, short_names, speaks
from bench.render.plan import new_table

if TYPE_CHECKING:
    from collections.abc import Iterator

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
TABLE_COLUMNS = COLUMNS[:-1]
"""All columns but the reason, which is printed below the table."""
NUMERIC = {"change", "at worst", "margin"}
NAME_WIDTH = 32
"""Characters of a cell's name that are kept on a line."""
MOST_PASSED = 20
"""Passing cells that are listed; the others are counted."""


def verdict_table(judgement: Judgement) -> RenderableType:
    """The table of verdicts, the worst first; below it the reason of each that did not simply pass."""
    table = new_table(None, *((name, name in NUMERIC) for name in TABLE_COLUMNS))
    names = short_names(judgement)
    # figures may be folded where a terminal is narrow, a name should not be
    table.columns[1].no_wrap = max(map(len, names.values()), default=0) <= NAME_WIDTH
    passed = 0
    for cell in ordered(judgement):
        passed += cell.verdict is Verdict.PASS
        if passed <= MOST_PASSED:
            verdict, _, *rest = row(cell, judgement.score)[: len(TABLE_COLUMNS)]
            texts = (one_line(names[cell.cell_id]), *rest)
            table.add_row(Text(verdict, style=STYLES[cell.verdict]), *(Text(text) for text in texts))
    worst = ordered(judgement)[0].verdict if judgement.cells else Verdict.MISSING
    return Group(
        table,
        *_reasons(judgement),
        "",
        *(Text(line, style="yellow") for line in _cautions(judgement, passed)),
        *(Text(step) for step in next_steps(judgement)),
        Text(sentence(judgement), style=STYLES[worst]),
        *(Text(line) for line in reach_lines(judgement)),
        Text(rates(judgement), style="dim"),
    )


def _reasons(judgement: Judgement) -> Iterator[Text]:
    """The reasons of all cells that did not simply pass; the report has those of all cells."""
    for cell in ordered(judgement):
        if cell.verdict is Verdict.PASS and not speaks(cell, judgement):
            continue
        yield Text("")
        yield Text.assemble((str(cell.verdict), STYLES[cell.verdict]), "  ", one_line(cell.cell_id))
        yield from (Text(f"  {line}") for line in (cell.reason, *context(cell, judgement.score)))


def _cautions(judgement: Judgement, passed: int) -> Iterator[str]:
    if passed > MOST_PASSED:
        yield f"... and {passed - MOST_PASSED} more that passed"
    yield from (f"not in the baseline, not judged: {one_line(cell_id)}" for cell_id in judgement.unjudged)
    if judgement.left_out:
        yield f"left out, since only a part is judged: {plural(len(judgement.left_out), 'cell')}"
    yield from judgement.notes
