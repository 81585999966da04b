"""How alembic upgrades a store: in the transaction of whoever asks. Alembic runs this file by its path."""

from alembic import context

from bench.record.store.dialects import schema_of
from bench.record.store.migration import VERSION_TABLE

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, version_table=VERSION_TABLE, version_table_schema=schema_of(connection.dialect)
)
with context.begin_transaction():
    context.run_migrations()
