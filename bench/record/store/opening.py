"""Opening a database: a file of SQLite, or one on a server."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, QueuePool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from bench.core.errors import NoStoreError, StoreError
from bench.core.files import make_folder
from bench.core.secrets import without_passwords
from bench.core.temporary import temporary_folder
from bench.record.store.dialects import POSTGRESQL
from bench.record.store.filesystems import refuse_network
from bench.record.store.servers import open_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

BUSY_TIMEOUT_S = 30.0
"""How long one statement waits for other writers of an SQLite store."""

WRITING = "bench_writing"
"""Execution option of a connection whose transaction is going to write."""

HINT = "Check the path and its permissions; --store names another one."

MEMORY = (None, "", ":memory:")
"""How SQLite databases are called that no other process can see."""

SQLITE_PARAMETERS = {"timeout", "isolation_level", "detect_types", "check_same_thread", "cached_statements"}
"""What a URL of SQLite may set, unless it is a URI of SQLite's own."""

_UNOPENABLE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR}
"""What SQLite says where a folder cannot be written: even a reader makes a file there."""


@dataclass(slots=True)
class Database:
    """An open database.

    Attributes:
        engine: of SQLAlchemy.
        name: its URL or path as messages show it, without password.
        path: its file, where it is one that is opened by its path.
        private: whether no other process can see it.
        server: whether it is on a server, whose connections are scarce.
        copy: the folder of a private copy, which `close` removes.
    """

    engine: Engine
    name: str
    path: Path | None = None
    private: bool = False
    server: bool = False
    copy: ExitStack | None = field(default=None, repr=False)

    def close(self) -> None:
        """Let go of it."""
        self.engine.dispose()
        if self.copy is not None:
            self.copy.close()

    @property
    def reading(self) -> dict[str, Any]:
        """Execution options of a transaction that reads: all its statements see the same moment."""
        return {"isolation_level": "REPEATABLE READ"} if self.engine.dialect.name == POSTGRESQL else {}

    def rest(self) -> None:
        """Close what is not in use, where others may need it."""
        if self.server:
            self.engine.dispose()

    def file_id(self) -> tuple[int, int] | None:
        """What identifies the file at `path` (device and inode); None where there is none."""
        try:
            status = self.path.stat() if self.path is not None else None
        except OSError:
            return None
        return None if status is None else (status.st_dev, status.st_ino)

    def check(self) -> tuple[str, ...]:
        """What the database itself finds damaged in its pages and indexes, at most 20 lines; empty where all is well.

        Raises:
            DBAPIError: it cannot even be looked at.
        """
        if self.engine.dialect.name != "sqlite":
            return ()
        with self.engine.connect() as connection:
            lines = [str(line) for line in connection.execute(text("PRAGMA integrity_check(20)")).scalars()]
            strays = connection.execute(text("PRAGMA foreign_key_check")).all()[:20]
        lines += [f"a row of {stray[0]} refers to a row of {stray[2]} that is not there" for stray in strays]
        return tuple(line for line in lines if line != "ok")


def is_damaged(error: BaseException) -> bool:
    """Whether an error of the driver says that the file itself is damaged."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_CORRUPT


def open_database(url: str, *, create: bool, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Database:
    """Open a database.

    Args:
        url: a path, or any SQLAlchemy URL.
        create: make it where there is none, to be written to. Otherwise it is opened to be read: from a folder or
            medium that cannot be written as well.
        busy_timeout_s: how long a statement waits for other writers, each time.

    Raises:
        StoreError: the URL names no database, there is none, or it is a file on a network file system that is to be
            written.
        DBAPIError: it cannot be read.
    """
    name = without_passwords(url)
    try:
        parsed = make_url(url) if "://" in url else URL.create("sqlite", database=url)
        path = _path(parsed)
        if parsed.get_backend_name() == "sqlite" and "uri" not in parsed.query:
            _check_parameters(parsed)
        if path is not None:
            _look_for(path, create=create)
        if path is not None and not parsed.query:
            if create:
                return _writable(path, name, busy_timeout_s)
            return _readable(path, name, busy_timeout_s)
        server = parsed.get_backend_name() != "sqlite"
        engine = open_server(parsed, busy_timeout_s) if server else create_engine(parsed)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        driver = isinstance(error, ImportError) and url.startswith("postgres")
        raise StoreError(
            f"{name!r} is not a store: {without_passwords(str(error)).replace(url, name)}.",
            hint="pip install 'keras-bench[postgresql]', and write postgresql+psycopg://USER@HOST/DATABASE."
            if driver
            else "Give a path or a SQLAlchemy URL, such as sqlite:///reports/bench.db.",
        ) from error
    except DBAPIError:
        raise
    except (OSError, SQLAlchemyError) as error:
        said = getattr(error, "strerror", None) or without_passwords(str(error))
        raise StoreError(f"The store {name} cannot be opened: {said}.", hint=HINT) from error
    if not server:
        _prepare(engine, busy_timeout_s, write_ahead=create)
    return Database(engine, name, path, private=parsed.database in MEMORY and not server, server=server)


def _look_for(path: Path, *, create: bool) -> None:
    """Make the folder of a file that is to be written.

    Raises:
        StoreError: it is not there to be read, or not to be written where it would lie.
    """
    if create:
        refuse_network(path)
    if not path.exists():
        if not create:
            raise NoStoreError(f"There is no store at {path}.", hint="`bench run` makes it; --store names another one.")
        make_folder(path.parent)


def _path(url: URL) -> Path | None:
    """The file of an SQLite database; None for one in memory, and for any other database."""
    if url.get_backend_name() != "sqlite" or url.database in MEMORY:
        return None
    database = str(url.database)
    return None if database.startswith("file:") else Path(database)


def _check_parameters(url: URL) -> None:
    """Refuse what Python's driver would ignore.

    Raises:
        ArgumentError: there is such a parameter.
    """
    if unknown := sorted(set(url.query) - SQLITE_PARAMETERS):
        raise ArgumentError(f"SQLite has no parameter {', '.join(unknown)}")


def _writable(path: Path, name: str, busy_timeout_s: float) -> Database:
    mode = ["rwc"]  # made once, and not again where somebody deletes it while it is in use
    engine = _engine(path, lambda: f"mode={mode[0]}", busy_timeout_s, write_ahead=True)
    with engine.connect():
        mode[0] = "rw"
    return Database(engine, name, path)


def _readable(path: Path, name: str, busy_timeout_s: float) -> Database:
    """A database to read from; of a folder that cannot be written, as it lies there or else as a private copy.

    A write-ahead log holds the last commits. SQLite needs to write beside it; without one, a file that nobody can
    write does not change while it is read, which is what `immutable` promises to SQLite.
    """
    engine = _engine(path, lambda: "mode=rw", busy_timeout_s, write_ahead=False)
    try:
        _look(engine)
    except DBAPIError as error:
        engine.dispose()
        if (getattr(error.orig, "sqlite_errorcode", 0) & 0xFF) not in _UNOPENABLE or not path.is_file():
            raise
    else:
        return Database(engine, name, path)
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or log.stat().st_size == 0:
        engine = _engine(path, lambda: "mode=ro&immutable=1", busy_timeout_s, write_ahead=False)
        return Database(engine, name, path)
    with ExitStack() as stack:
        copy = stack.enter_context(temporary_folder()) / "bench.db"
        shutil.copyfile(path, copy)
        shutil.copyfile(log, copy.with_name("bench.db-wal"))
        engine = _engine(copy, lambda: "mode=rw", busy_timeout_s, write_ahead=False)
        return Database(engine, name, path, copy=stack.pop_all())


def _look(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM sqlite_master"))


def _engine(path: Path, parameters: Callable[[], str], busy_timeout_s: float, *, write_ahead: bool) -> Engine:
    address = path.absolute().as_uri()

    def connect() -> sqlite3.Connection:
        # the heartbeat of a run's claims has a thread of its own
        return sqlite3.connect(f"{address}?{parameters()}", uri=True, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)
    _prepare(engine, busy_timeout_s, write_ahead=write_ahead)
    return engine


def _prepare(engine: Engine, busy_timeout_s: float, *, write_ahead: bool) -> None:
    """Write-ahead log, patience with other writers, and transactions that begin as writers where they write.

    Python's driver would begin a transaction at its first write; two that had both read before then block each other
    for good. SQLAlchemy's page on SQLite ("Serializable isolation / Savepoints") describes these two hooks.
    """
    pragmas = [f"busy_timeout={round(busy_timeout_s * 1000)}", "synchronous=FULL", "foreign_keys=ON"]

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:  # noqa: ANN401  the driver's own connection
        connection.isolation_level = None
        # a damaged byte is found by its checksum; it must not make a whole row unreadable
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        for pragma in [*pragmas, "journal_mode=WAL"] if write_ahead else pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
