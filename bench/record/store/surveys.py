"""What engines take for cells of a shape, as it was measured before. A survey that is damaged is measured again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from bench.core.errors import StoreError
from bench.record import tables
from bench.record.codec import survey_from_json, survey_to_json
from bench.record.integrity import CHECKS, damaged, sums

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bench.record.records import EngineSurvey


def find_survey(connection: Connection, shape: str, exact: bool) -> EngineSurvey | None:  # noqa: FBT001  half of a key
    """The survey of a shape; None where there is none, or none that can be read."""
    table = tables.surveys.c
    row = connection.execute(select(table.record, table.checks).where(table.shape == shape, table.exact == exact))
    found = row.first()
    if found is None or damaged({"record": found.record}, found.checks):
        return None
    try:
        return survey_from_json(found.record, f"Survey {shape}")
    except StoreError:
        return None


def keep_survey(connection: Connection, shape: str, exact: bool, survey: EngineSurvey) -> None:  # noqa: FBT001
    """Keep a survey in place of what was known before."""
    table, record = tables.surveys, survey_to_json(survey)
    connection.execute(delete(table).where(table.c.shape == shape, table.c.exact == exact))
    values = {"record": record, CHECKS: sums({"record": record})}
    connection.execute(insert(table).values(shape=shape, exact=exact, **values))
