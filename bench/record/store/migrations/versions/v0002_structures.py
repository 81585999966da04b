"""The layers of models, which trials name by their hash."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from bench.record.store.dialects import SQLITE

revision = "0002"
down_revision = "0001"

DOCUMENT: dict[str, sa.types.TypeEngine[Any]] = {SQLITE: sa.Text()}


def upgrade() -> None:
    """Make the table; trials of earlier versions name no structure."""
    context = op.get_context()
    op.create_table(
        "structures",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("layers", DOCUMENT.get(context.dialect.name, sa.JSON()), nullable=False),
        schema=context.version_table_schema,
    )
