"""The tables of a store, made where they are missing; what later versions added, added to older stores."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import insert, inspect, select, text

from bench.record import tables
from bench.record.codec import newer
from bench.record.records import SCHEMA_VERSION

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCHEMA, STORE_ID = "schema", "id"


def make_tables(connection: Connection, name: str) -> None:
    """Make all tables and columns that are missing; a store that has them is not written to.

    Args:
        connection: in a transaction that may write.
        name: of the store, for messages.

    Raises:
        StoreError: a newer version made the store.
    """
    present = inspect(connection).get_table_names()
    if tables.meta.name in present:
        check_version(connection, name)
    tables.metadata.create_all(connection)
    for table in tables.metadata.sorted_tables:
        if table.name not in present:
            continue
        for column in missing_columns(connection, table.name):
            declared = table.c[column].type.compile(connection.dialect)
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {column} {declared}"))
    held = {row.name: row.value for row in connection.execute(select(tables.meta))}
    for key, value in ((SCHEMA, str(SCHEMA_VERSION)), (STORE_ID, uuid4().hex)):
        if key not in held:
            connection.execute(insert(tables.meta).values(name=key, value=value))


def missing_columns(connection: Connection, table: str) -> frozenset[str]:
    """The columns of a table that a store of an earlier version does not have."""
    present = {column["name"] for column in inspect(connection).get_columns(table)}
    return frozenset(column.name for column in tables.metadata.tables[table].columns) - present


def check_version(connection: Connection, name: str) -> None:
    """Refuse a store that a newer version made.

    Raises:
        StoreError: it is one.
    """
    schema = _meta(connection, SCHEMA)
    if schema is not None and (not schema.isdecimal() or int(schema) > SCHEMA_VERSION):
        raise newer(f"The store {name}", schema)


def store_id(connection: Connection) -> str:
    """A random name that the store got when it was made; empty for a store of an earlier version."""
    return _meta(connection, STORE_ID) or ""


def _meta(connection: Connection, key: str) -> str | None:
    value = connection.execute(select(tables.meta.c.value).where(tables.meta.c.name == key)).scalar()
    return None if value is None else str(value)
