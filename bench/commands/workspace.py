"""Where a command works: the folder of runs and the store, as one value that opens the store too."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.record.store import RunStore, Store

DEFAULT_REPORTS = Path("reports")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The paths of a command.

    What needs a database is imported when one is opened: a plan without a store needs none.

    Attributes:
        reports: the folder of runs and reports.
        store: path or URL of the database, with its password; None for `bench.db` in `reports`.
    """

    reports: Path = DEFAULT_REPORTS
    store: str | None = None

    @property
    def store_url(self) -> str:
        """Where the database is."""
        return self.store or str(self.reports / "bench.db")

    def has_file(self) -> bool:
        """Whether the store may be there: a file is, and a server has to be asked."""
        return "://" in self.store_url or Path(self.store_url).exists()

    def folder_of(self, suite: str, run_id: str) -> Path:
        """The folder of a run, whether it is there or not."""
        return self.reports / suite / run_id

    @property
    def index_page(self) -> Path:
        """The page that lists all runs."""
        return self.reports / "index.html"

    def baseline_of(self, suite: str) -> Path:
        """Where the baseline of a suite lies, unless another file is named."""
        return self.reports / "baselines" / f"{suite}.json"

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """The store, to be read: pending records are taken in first, damaged rows are named at the end.

        Raises:
            StoreError: there is none, or it cannot be read.
        """
        from bench.record.store import Store  # noqa: PLC0415
        from bench.render.damage import damage_lines  # noqa: PLC0415
        from bench.render.terminal import make_console  # noqa: PLC0415

        def say(text: str) -> None:
            make_console(stderr=True).print(text, style="yellow")

        database = Store(self.store_url, create=False)
        try:
            database.take_in_pending(self.reports, say)
            yield database
            for line in damage_lines(database.damage, database.url):
                say(line)
        finally:
            database.close()

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """The store, made where there is none.

        Raises:
            StoreError: it cannot be written.
        """
        from bench.record.store import Store  # noqa: PLC0415

        database = Store(self.store_url)
        try:
            yield database
        finally:
            database.close()

    def run_store(self, warn: Callable[[str], None]) -> RunStore:
        """The store as a run uses it, which closes it.

        Args:
            warn: says something that must not be overlooked.

        Raises:
            StoreError: it cannot be opened or written.
        """
        from bench.record.store import RunStore  # noqa: PLC0415

        return RunStore(self.store_url, reports=self.reports, warn=warn)
