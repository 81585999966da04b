"""`bench list` and `bench show`: the runs in the store, and one of them, on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.commands.conclude import print_leaderboard
from bench.commands.find import find_cell, find_run
from bench.core.errors import ExitCode
from bench.core.formatting import one_line
from bench.render import tables
from bench.render.digest import MOST_TRIALS, digest_lines
from bench.render.documents.document import print_document
from bench.render.origin import environment_origin
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from bench.commands.workspace import Workspace


def show_runs(suite: str | None, workspace: Workspace, *, as_json: bool = False) -> ExitCode:
    """Print the runs in the store."""
    with workspace.reading() as database:
        lines = database.runs(suite)
    if as_json:
        from bench.render.documents.runs import list_document  # noqa: PLC0415  pydantic makes its adapters

        print_document(list_document(lines))
        return ExitCode.OK
    console = make_console()
    if lines:
        console.print(tables.runs_table(lines))
    else:
        console.print(f"No run{f' of {suite}' if suite else ''} in the store yet.")
    return ExitCode.OK


def show_run(
    reference: str, workspace: Workspace, *, as_json: bool = False, trials: bool = False, cell: str | None = None
) -> ExitCode:
    """Print a run's leaderboard and its trials, or one of its cells.

    Args:
        reference: which run.
        workspace: where it is looked for.
        as_json: print a JSON document.
        trials: list every trial of a large run too.
        cell: the id of a cell or a part of it; None for all.

    Raises:
        BenchError: there is no such run or cell, or several cells are called so.
    """
    run = find_run(reference, workspace)
    if cell is not None:
        cell = find_cell(run, cell, tuple(dict.fromkeys(trial.cell.id for trial in run.result.trials)))
        if not as_json:
            from bench.render.cell import print_cell  # noqa: PLC0415  SciPy takes a second to import

            print_cell(make_console(), run.result, run.summary(), cell)
            return ExitCode.OK
    if as_json:
        from bench.render.documents.show import show_document  # noqa: PLC0415  pydantic makes its adapters

        print_document(show_document(run.result, run.trials(), run.summary(), run.folder, cell))
        return ExitCode.OK
    console = make_console()
    record = run.result.run
    console.print(f"{one_line(record.suite_name)}  {one_line(record.run_id)}  {record.status}", style="bold")
    for notice in record.notices:
        console.print(notice, style="bold yellow")
    print_leaderboard(console, run)
    console.print()
    if trials or len(run.result.trials) <= MOST_TRIALS:
        console.print(tables.trials_table(run.result))
    else:
        for line in digest_lines(run.result):
            console.print(line)
        console.print(f"\nEvery trial: bench show {one_line(reference)} --trials", style="dim")
    if origin := environment_origin(run.result):
        console.print(f"\nHost and versions recorded by {origin}.", style="dim")
    if run.folder is not None:
        console.print(f"\nFiles: {run.folder}")
    return ExitCode.OK
