"""SQLite connections that fail when a test says so: a shim around every call of the driver."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bench.record.store import opening

ERRORS = {
    "ENOSPC": ("database or disk is full", sqlite3.SQLITE_FULL),
    "EIO": ("disk I/O error", sqlite3.SQLITE_IOERR),
    "locked": ("database is locked", sqlite3.SQLITE_BUSY),
}


@dataclass
class Faults:
    """Which calls fail.

    Attributes:
        kind: of `ERRORS`.
        first: the number of the first call that fails, from 0; None for none.
        last: the number of the last one.
        calls: how many there have been.
    """

    kind: str = "EIO"
    first: int | None = None
    last: int = 10**9
    calls: int = 0
    texts: list[str] = field(default_factory=list)

    def __call__(self, text: str) -> None:
        """Count a call, and raise where it is to fail."""
        number, self.calls = self.calls, self.calls + 1
        self.texts.append(text)
        if self.first is not None and self.first <= number <= self.last:
            message, code = ERRORS[self.kind]
            error = sqlite3.OperationalError(message)
            error.sqlite_errorcode = code
            raise error


def install(monkeypatch: pytest.MonkeyPatch, faults: Callable[[str], None]) -> None:
    """Let every store that is opened from here on ask `faults` before each statement and commit."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql, parameters=()):
            faults(sql)
            return super().execute(sql, parameters)

        def executemany(self, sql, parameters):
            faults(sql)
            return super().executemany(sql, parameters)

    class Connection(sqlite3.Connection):
        def cursor(self, factory=Cursor):
            return super().cursor(factory)

        def commit(self):
            faults("COMMIT")
            super().commit()

    connect = sqlite3.connect

    def connected(*arguments, **options):
        return connect(*arguments, **options, factory=Connection)

    monkeypatch.setattr(opening.sqlite3, "connect", connected)


def no_room(path: str) -> OSError:
    """What a full disk says."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
