"""The plan as a terminal shows it; without pandas, which a plan need not wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from bench.core.formatting import count, one_line, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.declare.cell import Cell

LONGEST_PLAN = 30
"""Cells of a plan that are listed; a larger grid is counted."""


def new_table(title: str | None, *columns: tuple[str, bool]) -> Table:
    """An unruled table; a column is its heading and whether it holds numbers."""
    table = Table(title=title, box=None, title_justify="left", title_style="bold", header_style="dim", pad_edge=False)
    for name, numeric in columns:
        table.add_column(name, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    return table


def plan_table(cells: Sequence[Cell], seeds: int, done: Mapping[str, int] | None) -> Table:
    """The cells of a plan.

    Args:
        cells: to be trained.
        seeds: trials per cell.
        done: trials of each cell that the store holds already; None where that is not known yet.
    """
    table = new_table(
        None, ("cell", False), ("trials", True), ("in the store", True), ("epochs", True), ("batch", True)
    )
    for cell in cells[:LONGEST_PLAN]:
        stored = "?" if done is None else count(done.get(cell.id, 0))
        settings = cell.settings
        table.add_row(one_line(cell.id), count(seeds), stored, count(settings.epochs), count(settings.batch_size))
    if len(cells) > LONGEST_PLAN:
        table.add_row(f"... and {plural(len(cells) - LONGEST_PLAN, 'more cell')}")
    return table
