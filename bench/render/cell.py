"""One cell of a run on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.configuration import configuration
from bench.analyse.structures import structure_of_cell
from bench.core.formatting import one_line
from bench.record.layers import MOST_LAYERS
from bench.render.context.cells import UNKNOWN, cell_sections
from bench.render.layers import COLUMNS, layer_rows
from bench.render.plan import new_table
from bench.render.treatment import applied

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from bench.record.records import RunResult


def print_cell(console: Console, result: RunResult, summary: pd.DataFrame, cell_id: str) -> None:
    """Print a cell's result, all of its layers, settings, seeds and mistakes, and what to type to go on with it.

    Args:
        console: to print on.
        result: the run.
        summary: a row per cell.
        cell_id: of the cell.
    """
    trials = [trial for trial in result.trials if trial.cell.id == cell_id]
    every = {trial.cell.id: trial.cell for trial in result.trials}
    settings = configuration(every.values(), applied(result.trials))
    (section,) = cell_sections(result, summary, {cell_id: one_line(cell_id)}, settings, ids=[cell_id])
    structure = structure_of_cell(trials)
    console.print(section.label, style="bold")
    console.print(section.result)
    if structure.layers:
        table = new_table("Layers", *((column, column == COLUMNS[-1]) for column in COLUMNS))
        for row in layer_rows(structure, MOST_LAYERS + 2):
            table.add_row(*map(one_line, row))
        console.print()
        console.print(table)
    unknown = "" if structure.layers else UNKNOWN
    for line in (f"{section.parameters} {unknown}", section.note):
        if line.strip():
            console.print(one_line(line.strip()))
    if section.settings:
        console.print(f"\nSettings: {', '.join(one_line(f'{name} {value}') for name, value in section.settings)}")
    table = new_table("Seeds", *((column, bool(place)) for place, column in enumerate(section.seeds.columns)))
    for row in section.seeds.rows:
        table.add_row(*map(one_line, row))
    console.print()
    console.print(table)
    for line in (section.more_seeds, section.mistakes):
        if line:
            console.print(one_line(line))
    console.print("\nTo train it again, and to write it as a notebook in plain Keras:", style="dim")
    for line in filter(None, (section.command, section.notebook)):
        console.print(one_line(line), soft_wrap=True)
