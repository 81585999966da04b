"""What databases say differently: a row that may be there already, locks, and where our tables lie."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Dialect, Table

SCHEMA = "keras_bench"
"""The schema of our tables on a server, where other tools may have tables `runs` and `trials` of their own."""

POSTGRESQL, SQLITE = "postgresql", "sqlite"

_LOCKS = zlib.crc32(b"keras-bench") & 0x7FFFFFFF
"""The first half of the numbers of our advisory locks, which all programs of a database share."""


def schema_of(dialect: Dialect) -> str | None:
    """The schema that our tables are in; None for a database that has none, or only one."""
    return SCHEMA if dialect.name == POSTGRESQL else None


def upgrades_itself(dialect: Dialect) -> bool:
    """Whether a store is upgraded when it is opened: a file is its user's own, a server has other users."""
    return dialect.name != POSTGRESQL


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row, unless there is one with its key already.

    A rival that inserts the same key in a transaction of its own is waited for.

    Returns:
        Whether it was inserted.

    Raises:
        IntegrityError: the row refers to another that is not there.
    """
    name = connection.dialect.name
    if name in (POSTGRESQL, SQLITE):
        from sqlalchemy.dialects import postgresql, sqlite  # noqa: PLC0415  `bench --help` needs neither

        statement = (postgresql if name == POSTGRESQL else sqlite).insert(table).values(values).on_conflict_do_nothing()
        # of an INSERT, SQLAlchemy keeps the number of rows only where it is asked to
        return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(values))
    except IntegrityError:
        key = [column == values[column.name] for column in table.primary_key]
        if connection.execute(select(*table.primary_key).where(*key)).first() is None:
            raise
        return False
    return True


def lock(connection: Connection, name: str) -> None:
    """Hold a lock of that name until the transaction ends; a rival that holds it is waited for.

    SQLite has one writer at a time, so that its transactions need none.
    """
    if connection.dialect.name == POSTGRESQL:
        number = zlib.crc32(name.encode()) - 2**31
        connection.execute(select(func.pg_advisory_xact_lock(_LOCKS, number)))
