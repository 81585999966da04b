"""A history in a terminal: a table where it fits, else a few lines for each change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from bench.core.formatting import one_line, plural
from bench.render.fitting import Fitting
from bench.render.history import words
from bench.render.history.rows import columns, rows
from bench.render.plan import new_table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from bench.analyse.history.story import SuiteHistory

LISTED = 40
"""Changes that a terminal lists."""
STYLES = {"worse": "red", "slower": "red", "better": "green", "faster": "green"}
NUMBERS = {3, 4}
CALL = 5


def history_view(history: SuiteHistory) -> RenderableType:
    """The finding, the changes with the newest first, and what could not be judged."""
    parts: list[RenderableType] = [Text(words.title(history), style="bold")]
    listed = rows(history)
    if listed:
        parts += [Text(""), Fitting(_table(history, listed[:LISTED]), _lines(history)), Text("")]
    if len(listed) > LISTED:
        more = plural(len(listed) - LISTED, "older change")
        parts.append(Text(f"{more} not listed; --format json has all."))
    parts += [Text(note, style="yellow") for note in words.notes(history)]
    parts.append(Text(words.HOW, style="dim"))
    return Group(*parts)


def _table(history: SuiteHistory, listed: list[tuple[str, ...]]) -> Table:
    table = new_table(None, *((name, place in NUMBERS) for place, name in enumerate(columns(history))))
    for row in listed:
        texts = [Text(one_line(value)) for value in row]
        texts[CALL].stylize(STYLES[row[CALL]])
        table.add_row(*texts)
    return table


def _lines(history: SuiteHistory) -> Group:
    """Three or four lines for each change."""
    lines: list[RenderableType] = []
    score = history.score
    for cell_id, change in history.changes[:LISTED]:
        call = words.call(change)
        since = f"since {words.when(history.runs[change.first])}, {words.revisions(change, history.runs)}"
        texts = [
            f"{words.quantity(change, score)}: {words.levels(change, score)}",
            f"{words.size_text(change, score)}, 95 % interval {words.reach(change, score)}",
            since,
        ]
        if also := words.differences(change):
            texts.append(f"also changed: {also}")
        lines.append(Text.assemble((one_line(cell_id), "bold"), "  ", (call, STYLES[call])))
        lines += [Text(f"  {one_line(text)}") for text in texts]
    return Group(*lines)
