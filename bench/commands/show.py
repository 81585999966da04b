"""`bench list` and `bench show`: the runs in the store, and one of them, on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.commands.conclude import print_leaderboard
from bench.commands.find import find_run
from bench.core.errors import ExitCode
from bench.core.formatting import one_line
from bench.render import tables
from bench.render.origin import environment_origin
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from bench.commands.workspace import Workspace


def show_runs(suite: str | None, workspace: Workspace) -> ExitCode:
    """Print the runs in the store."""
    console = make_console()
    with workspace.reading() as database:
        lines = database.runs(suite)
    if lines:
        console.print(tables.runs_table(lines))
    else:
        console.print(f"No run{f' of {suite}' if suite else ''} in the store yet.")
    return ExitCode.OK


def show_run(reference: str, workspace: Workspace) -> ExitCode:
    """Print a run's leaderboard and its trials."""
    console = make_console()
    run = find_run(reference, workspace)
    record = run.result.run
    console.print(f"{one_line(record.suite_name)}  {one_line(record.run_id)}  {record.status}", style="bold")
    for notice in record.notices:
        console.print(notice, style="bold yellow")
    print_leaderboard(console, run)
    console.print()
    console.print(tables.trials_table(run.result))
    if origin := environment_origin(run.result):
        console.print(f"\nHost and versions recorded by {origin}.", style="dim")
    if run.folder is not None:
        console.print(f"\nFiles: {run.folder}")
    return ExitCode.OK
