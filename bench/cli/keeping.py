"""Commands that look after the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bench.cli.group import bench
from bench.cli.options import examples, shared

if TYPE_CHECKING:
    from bench.commands.workspace import Workspace


@bench.command("import", epilog=examples("bench import reports/digits/latest", "bench import reports/*/2*"))
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
@shared
def import_(runs: tuple[str, ...], workspace: Workspace) -> int:
    """Take runs into the store from their folders.

    For a store that was lost or is damaged: each RUN is a folder or its run.json. What the store has and can read
    stays as it is; importing a run twice changes nothing.
    """
    from bench.commands.take_in import import_runs  # noqa: PLC0415

    return int(import_runs(runs, workspace))


@bench.command(epilog=examples("bench merge reports/bench.db --store team.db"))
@click.argument("stores", metavar="STORE...", nargs=-1, required=True)
@shared
def merge(stores: tuple[str, ...], workspace: Workspace) -> int:
    """Bring several stores together in one.

    Runs, trials and surveys of engines go into the store that --store names. The STOREs are paths or URLs; they are
    read and never changed. A trial is taken in once, and a key is reused from one trial; different results of one
    key are reported. Merging twice changes nothing.
    """
    from bench.commands.take_in import merge_stores  # noqa: PLC0415

    return int(merge_stores(stores, workspace))


@bench.group("store", epilog=examples("bench store upgrade"))
def store_() -> None:
    """Look after the store, where runs and trials are kept."""


@store_.command(epilog=examples("bench store upgrade --store postgresql+psycopg://me@host/bench"))
@shared
def upgrade(*, workspace: Workspace) -> int:
    """Upgrade a store that an earlier version made.

    Once for all who use it. A store in a file is upgraded when something is written to it; one on a server by this
    command alone, since earlier versions cannot use it afterwards.
    """
    from bench.commands.take_in import upgrade as upgrade_store  # noqa: PLC0415

    return int(upgrade_store(workspace))
