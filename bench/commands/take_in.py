"""`bench import`, `bench merge` and `bench store upgrade`: what is done to a store besides training."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.errors import ExitCode, StoreError, UnsavedError
from bench.core.formatting import one_line, plural
from bench.core.secrets import without_passwords
from bench.record.runfile import read_run_file
from bench.record.store import Imported, Store, upgrade_store
from bench.render.damage import damage_lines
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from bench.commands.workspace import Workspace
    from bench.record.store import Conflict


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


def merge_stores(urls: Sequence[str], workspace: Workspace) -> ExitCode:
    """Bring stores together in that of the workspace; doing it twice changes nothing.

    Args:
        urls: of the sources: paths or URLs. They are read and never changed.
        workspace: whose store is the target.

    Raises:
        StoreError: a source cannot be read or is the target, or the target cannot be written.
        UnsavedError: rows of a source are damaged and were left out; all others are in the target.
    """
    console = make_console()
    for url in urls:
        if _same(url, workspace.store_url):
            name = without_passwords(url)
            raise StoreError(f"{name} is the target itself.", hint="--store names the target; list the other stores.")
    with ExitStack() as stack:
        # all of them, before anything is written
        sources = [stack.enter_context(closing(Store(url, create=False))) for url in urls]
        target = stack.enter_context(workspace.writing())
        for source in sources:
            _merge(source, target, console)
        damaged = [source for source in sources if source.damage]
        for source in damaged:
            for line in damage_lines(source.damage, source.url):
                console.print(line, style="yellow")
        if damaged:
            rows = sum(len(dict.fromkeys(source.damage)) for source in damaged)
            raise UnsavedError(
                f"{plural(rows, 'damaged row')} of {', '.join(source.url for source in damaged)} could not be taken "
                f"in. Everything else is in {target.url}.",
                hint="`bench import RUN_FOLDER` takes a run from its run.json.",
            )
    return ExitCode.OK


def _merge(source: Store, target: Store, console: Console) -> None:
    runs = [0, 0, 0, 0]
    surveys = 0
    conflicts: list[Conflict] = []
    for done in target.merge(source):
        if isinstance(done, Imported):
            runs = [sum(pair) for pair in zip(runs, (1, done.trials, done.present, done.known), strict=True)]
            conflicts += done.conflicts
        else:
            surveys = done.surveys
    number, taken, present, known = runs
    console.print(
        f"{source.url}: {plural(number, 'run')}, {plural(taken, 'trial')} taken in, {present:,} in the store already, "
        f"{plural(surveys, 'survey')} of engines taken in"
    )
    if known:
        console.print(f"  {plural(known, 'trial')} of them: another of the same key was there, with the same result")
    for conflict in conflicts:
        console.print(f"  {_conflict_text(conflict)}", style="yellow")


def _conflict_text(conflict: Conflict) -> str:
    taken, kept = conflict.taken, conflict.kept
    name = one_line(f"{taken.cell.id} seed {taken.seed}")
    if taken.trial_id == kept.trial_id:
        return f"{name}: trial {one_line(taken.trial_id)} has another result in the store, which stays as it is"
    return (
        f"{name}: trials of one key have different results: {one_line(kept.trial_id)}, which runs go on to reuse, and "
        f"{one_line(taken.trial_id)}, which its run shows"
    )


def _same(url: str, target: str) -> bool:
    """Whether two addresses are of one store, as far as addresses say it."""
    if "://" in url or "://" in target:
        return url == target
    return Path(url).resolve() == Path(target).resolve()


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
