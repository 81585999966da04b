"""A comparison in a terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from bench.analyse.compare.comparison import Call
from bench.core.formatting import MISSING, plural
from bench.render.compare.words import STYLES
from bench.render.console import TextConsole
from bench.render.fitting import Fitting
from bench.render.plan import new_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType
    from rich.table import Table as RichTable

    from bench.render.compare.context import CompareContext
    from bench.render.compare.words import Shown
    from bench.render.context.values import Table

LISTED = 40
"""Rows of a table that a terminal lists; the page has all."""
WORDS = 2
"""Columns of the table of cells that hold words."""
WIDTH = 160
"""Characters of a line in a file."""


def compare_view(context: CompareContext) -> RenderableType:
    """The finding, the cells that may be equal last, and below them all else that differs."""
    return Group(
        Text(context.title, style="bold"),
        *(Text(text) for text in context.sentences),
        *(Text(text, style="bold yellow") for text in context.notices),
        Text(
            f"A is {context.before}, B is {context.after}{f'; all cells: {context.place}' if context.place else ''}.",
            style="dim",
        ),
        *_cells(context),
        *(Text(text, style="dim") for text in context.remarks),
        *_section("Differs in all cells", context.shared),
        *_section("Differs in some cells", context.settings),
        *_section("Environment", context.environment),
        *_section("On one side only", context.absent),
        *_section("Trials without a result", context.failures),
    )


def compare_text(view: RenderableType) -> str:
    """The same as plain lines, for a file."""
    file = io.StringIO()
    TextConsole(file=file, width=WIDTH, color_system=None).print(view)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _cells(context: CompareContext) -> Iterator[RenderableType]:
    order = list(Call)
    rows = sorted(context.cells, key=lambda row: order.index(Call(row[1].text)))
    yield Text("")
    yield Fitting(_table(rows[:LISTED], context.columns), Group(*_blocks(rows[:LISTED], context.columns)))
    yield from _more(len(rows))


def _table(rows: Sequence[tuple[Shown, ...]], columns: Sequence[str]) -> RichTable:
    table = new_table(None, *((column, index >= WORDS) for index, column in enumerate(columns)))
    for cell, call, *figures in rows:
        said = Text(call.text, style=STYLES[Call(call.text)])
        table.add_row(Text(cell.text), said, *(Text(figure.line) for figure in figures))
    return table


def _blocks(rows: Sequence[tuple[Shown, ...]], columns: Sequence[str]) -> Iterator[RenderableType]:
    """A cell in lines of its own, for a terminal that is too narrow for the table."""
    for cell, call, *figures in rows:
        yield Text.assemble((cell.text, "bold"), "  ", (call.text, STYLES[Call(call.text)]))
        for column, figure in zip(columns[WORDS:], figures, strict=True):
            if figure.text != MISSING:
                yield Text.assemble((f"  {column}: ", "dim"), figure.line)


def _section(heading: str, content: Table) -> Iterator[RenderableType]:
    if not content.rows:
        return
    table = new_table(None, *((column, index >= content.names) for index, column in enumerate(content.columns)))
    for row in content.rows[:LISTED]:
        table.add_row(*(Text(text) for text in row))
    # a table breaks its own title where it is wider than its columns
    yield Text(f"\n{heading}", style="bold")
    yield table
    yield from _more(len(content.rows))


def _more(rows: int) -> Iterator[RenderableType]:
    if rows > LISTED:
        yield Text(f"... and {plural(rows - LISTED, 'more row')}; --format html has all", style="yellow")
