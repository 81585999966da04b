"""What engines take for cells of a shape, as it was measured before. A survey that is damaged is measured again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bench.record import tables
from bench.record.codec import UnreadableError, survey_from_json, survey_to_json
from bench.record.integrity import CHECKS, Damage, damaged, sums
from bench.record.store.dialects import insert_new
from bench.record.store.rows import Read, columns, finite

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from bench.record.records import EngineSurvey


def find_survey(connection: Connection, shape: str, exact: bool) -> EngineSurvey | None:  # noqa: FBT001  half of a key
    """The survey of a shape; None where there is none, or none that can be read."""
    table = tables.surveys.c
    row = connection.execute(
        select(table.shape, table.record, table.checks).where(table.shape == shape, table.exact == exact)
    )
    stored = row.mappings().first()
    return None if stored is None else read_survey(stored).value


def all_surveys(connection: Connection, damage: list[Damage], *, checked: bool) -> list[tuple[bool, EngineSurvey]]:
    """Every survey that can be read, each with the second half of its key.

    Args:
        connection: to the store.
        damage: gets those that cannot be read.
        checked: whether the store has checksums.
    """
    stored = []
    for row in connection.execute(
        select(*columns(tables.surveys, ("shape", "exact", "record"), checked=checked))
    ).mappings():
        read = read_survey(row)
        if read.damage is not None:
            damage.append(read.damage)
        else:
            stored.append((bool(row["exact"]), read.value))
    return stored


def read_survey(row: RowMapping) -> Read:
    """A survey from its row, with `shape`, `record` and checksums."""
    shape = str(row["shape"])
    try:
        if not damaged({"record": row["record"]}, row[CHECKS]):
            return Read(survey_from_json(row["record"], f"Survey {shape}"))
    except UnreadableError:
        pass
    return Read(None, Damage("surveys", shape, ("record",)))


def keep_new_survey(connection: Connection, shape: str, exact: bool, survey: EngineSurvey) -> bool:  # noqa: FBT001
    """Keep a survey where there is none that can be read; whether that is so."""
    if find_survey(connection, shape, exact) is not None:
        return False
    keep_survey(connection, shape, exact, survey)
    return True


def keep_survey(connection: Connection, shape: str, exact: bool, survey: EngineSurvey) -> None:  # noqa: FBT001
    """Keep a survey in place of what was known before."""
    table, record = tables.surveys, finite(survey_to_json(survey))
    values = {"record": record, CHECKS: sums({"record": record})}
    if not insert_new(connection, table, {"shape": shape, "exact": exact, **values}):
        connection.execute(update(table).where(table.c.shape == shape, table.c.exact == exact).values(values))
