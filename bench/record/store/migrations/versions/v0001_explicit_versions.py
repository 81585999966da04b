"""From a store without an explicit version: columns that came since 0.1.0, large seeds, and a schema on servers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from bench.record.store.dialects import POSTGRESQL

revision = "0001"
down_revision = None

ADDED: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {
    "runs": {"checks": sa.Text()},
    "trials": {"checks": sa.Text()},
    "labels": {"checks": sa.Text()},
    "run_trials": {"checks": sa.Text()},
    "surveys": {"checks": sa.Text()},
    "claims": {"owner": sa.String(32), "place": sa.String(120), "claimed_at": sa.Float()},
}
TABLES = ("meta", "epochs", "predictions", *ADDED)


def upgrade() -> None:
    """Bring tables of any earlier version to the first that has a number; tables that are missing are made later."""
    connection, schema = op.get_bind(), op.get_context().version_table_schema
    if connection.dialect.name == POSTGRESQL:
        # versions before this one made their tables where those of every tool are
        before = connection.dialect.identifier_preparer.quote(str(connection.dialect.default_schema_name))
        present = set(sa.inspect(connection).get_table_names())
        for table in TABLES:
            if table in present:
                op.execute(f"ALTER TABLE {before}.{table} SET SCHEMA {schema}")
    inspector = sa.inspect(connection)
    present = set(inspector.get_table_names(schema=schema))
    for table, columns in ADDED.items():
        if table not in present:
            continue
        known = {column["name"] for column in inspector.get_columns(table, schema=schema)}
        for name, kind in columns.items():
            if name not in known:
                op.add_column(table, sa.Column(name, kind), schema=schema)
    if connection.dialect.name == POSTGRESQL:  # a whole number of SQLite has 64 bits anyway
        op.alter_column("trials", "seed", type_=sa.BigInteger(), schema=schema)
