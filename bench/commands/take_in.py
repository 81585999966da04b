"""`bench import` and `bench store upgrade`: what is done to a store besides training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.errors import ExitCode
from bench.core.formatting import plural
from bench.core.secrets import without_passwords
from bench.record.runfile import read_run_file
from bench.record.store import upgrade_store
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.commands.workspace import Workspace


def import_runs(paths: Sequence[str], workspace: Workspace) -> ExitCode:
    """Take runs into the store; doing it twice changes nothing.

    Args:
        paths: folders of runs, or their `run.json`.
        workspace: whose store it is.

    Raises:
        StoreError: a folder holds no run that can be read, or the store cannot be written.
    """
    console = make_console()
    results = [read_run_file(Path(path)) for path in paths]
    with workspace.writing() as database:
        database.take_in_pending(workspace.reports, console.print)
        for result in results:
            done = database.import_run(result)
            console.print(
                f"Run {done.run_id}: {plural(done.trials, 'trial')} taken in, {done.present:,} in the store already"
            )
    return ExitCode.OK


def upgrade(workspace: Workspace) -> ExitCode:
    """`bench store upgrade`: bring a store that an earlier version made up to date.

    Args:
        workspace: whose store it is.

    Raises:
        StoreError: there is none, or it cannot be written.
    """
    url = workspace.store_url
    before, after = upgrade_store(url)
    name = without_passwords(url)
    changed = f"The store {name} is upgraded: its tables are those of revision {after} now."
    make_console().print(changed if before != after else f"The store {name} is up to date (revision {after}).")
    return ExitCode.OK
