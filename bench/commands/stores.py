"""Opening the store for a command that reads: pending records are taken in first, damaged rows are named at the end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.commands.request import store_url
from bench.record.store import Store
from bench.render.damage import damage_lines
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def open_store(reports: Path, store: str | None) -> Iterator[Store]:
    """The store that belongs to a folder of reports, to be read.

    Args:
        reports: the folder of runs.
        store: path or URL; `bench.db` in `reports` where not given.

    Raises:
        StoreError: there is none, or it cannot be read.
    """

    def say(text: str) -> None:
        make_console(stderr=True).print(text, style="yellow")

    database = Store(store_url(reports, store), create=False)
    try:
        database.take_in_pending(reports, say)
        yield database
        for line in damage_lines(database.damage, database.url):
            say(line)
    finally:
        database.close()
