"""The tables of a store: made where there are none, upgraded where an earlier version made them.

A store has two versions: that of its tables, by alembic in the table `schema_version`, and that of the records in them,
in `meta`. Alembic is imported where a store has to be upgraded, and nowhere else.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import Column, MetaData, String, Table, insert, inspect, select
from sqlalchemy.schema import CreateSchema

from bench.core.errors import NoStoreError, StoreError
from bench.record import tables
from bench.record.codec import newer
from bench.record.records import SCHEMA_VERSION
from bench.record.store.dialects import insert_new, lock, schema_of, upgrades_itself

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCHEMA, STORE_ID = "schema", "id"

VERSION_TABLE = "schema_version"
REVISIONS = ("0001",)
"""Of the tables, the oldest first: those of `migrations/versions`."""

UNNUMBERED = ""
"""The revision of a store that was made before revisions had numbers."""

_versions = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))


def revision(connection: Connection) -> str | None:
    """Of the tables: one of `REVISIONS`, `UNNUMBERED`, or that of a newer version; None where there is no store."""
    inspector, schema = inspect(connection), schema_of(connection.dialect)
    if inspector.has_table(VERSION_TABLE, schema=schema):
        number = connection.execute(select(_versions.c.version_num)).scalar()
        if number is not None:
            return str(number)
    if inspector.has_table(tables.meta.name, schema=schema):
        return UNNUMBERED
    if schema is None:
        return None
    # where earlier versions made them, beside those of other tools
    ours = all(inspector.has_table(table.name) for table in (tables.meta, tables.run_trials, tables.claims))
    return UNNUMBERED if ours else None


def make_tables(connection: Connection, name: str) -> None:
    """Make the tables of a new store; upgrade an earlier version's where that needs no command.

    A store that has them is not written to. Two that come at once do it one after the other.

    Args:
        connection: in a transaction that may write.
        name: of the store, for messages.

    Raises:
        StoreError: a newer version made the store, or it has to be upgraded by the command.
    """
    if revision(connection) != REVISIONS[-1]:
        lock(connection, VERSION_TABLE)
        if revision(connection) is None:
            _make(connection)
        elif upgrades_itself(connection.dialect):
            upgrade(connection, name)
    check_version(connection, name)


def upgrade(connection: Connection, name: str) -> tuple[str, str]:
    """Upgrade the tables of an earlier version; those of this version stay as they are.

    Args:
        connection: in a transaction that may write.
        name: of the store, for messages.

    Returns:
        The revision before, and after.

    Raises:
        StoreError: a newer version made the store.
        NoStoreError: there is none.
    """
    lock(connection, VERSION_TABLE)
    before = revision(connection)
    if before is None:
        raise _none(connection, name)
    _refuse_newer(before, name)
    if before != REVISIONS[-1]:
        from alembic import command  # noqa: PLC0415  wanted once in the life of a store
        from alembic.config import Config  # noqa: PLC0415

        _make_schema(connection)
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        tables.metadata.create_all(connection)
        _name(connection)
    return before, REVISIONS[-1]


def check_version(connection: Connection, name: str) -> None:
    """Refuse a store that a newer version made, and one that has to be upgraded by the command.

    Raises:
        StoreError: it is one.
    """
    current = revision(connection)
    if current is None:
        raise _none(connection, name)
    _refuse_newer(current, name)
    if current != REVISIONS[-1] and not upgrades_itself(connection.dialect):
        raise StoreError(
            f"The store {name} was made by an earlier version of keras-bench.",
            hint="`bench store upgrade` upgrades it, once for all who use it; earlier versions cannot use it then.",
        )
    schema = _meta(connection, SCHEMA)
    if schema is not None and (not schema.isdecimal() or int(schema) > SCHEMA_VERSION):
        raise newer(f"The store {name}", schema)


def missing_columns(connection: Connection, table: str) -> frozenset[str]:
    """The columns of a table that a store of an earlier version does not have."""
    present = {
        column["name"] for column in inspect(connection).get_columns(table, schema=schema_of(connection.dialect))
    }
    return frozenset(column.name for column in tables.metadata.tables[table].columns) - present


def store_id(connection: Connection) -> str:
    """A random name that the store got when it was made; empty for a store of an earlier version."""
    return _meta(connection, STORE_ID) or ""


def _make(connection: Connection) -> None:
    _make_schema(connection)
    tables.metadata.create_all(connection)
    _versions.create(connection, checkfirst=True)
    connection.execute(insert(_versions).values(version_num=REVISIONS[-1]))
    _name(connection)


def _make_schema(connection: Connection) -> None:
    """The schema of our tables; one that an administrator has made needs no right to make it."""
    schema = schema_of(connection.dialect)
    if schema is not None and not inspect(connection).has_schema(schema):
        connection.execute(CreateSchema(schema))


def _name(connection: Connection) -> None:
    for key, value in ((SCHEMA, str(SCHEMA_VERSION)), (STORE_ID, uuid4().hex)):
        insert_new(connection, tables.meta, {"name": key, "value": value})


def _none(connection: Connection, name: str) -> StoreError:
    if schema_of(connection.dialect) is None:
        return StoreError(f"{name} is a database, but no store of keras-bench.", hint="--store names another one.")
    # whatever else is in a database of a server, a store finds its place beside it
    return NoStoreError(f"There is no store in {name}.", hint="`bench run` makes it; --store names another one.")


def _refuse_newer(current: str, name: str) -> None:
    if current != UNNUMBERED and current not in REVISIONS:
        raise newer(f"The store {name}", current)


def _meta(connection: Connection, key: str) -> str | None:
    value = connection.execute(select(tables.meta.c.value).where(tables.meta.c.name == key)).scalar()
    return None if value is None else str(value)
