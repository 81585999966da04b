"""Whether a store still holds what was written to it: all rows by their checksums, pages by the database itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from bench.core.errors import StoreError
from bench.record import tables
from bench.record.integrity import CHECKS, Damage
from bench.record.store import runs
from bench.record.store.rows import columns
from bench.record.store.surveys import read_survey

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bench.record.store.opening import Database

    Reader = Callable[[Callable[[Connection], Any]], Any]


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found when a store was checked.

    Attributes:
        runs: how many it holds.
        trials: how many it holds.
        unchecked: trials without checksums, of earlier versions.
        damage: rows that are not what was written.
        problems: what the database itself says of its pages and indexes, and errors of reading them.
    """

    runs: int
    trials: int
    unchecked: int
    damage: tuple[Damage, ...]
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged."""
        return not self.damage and not self.problems


def examine(database: Database, read: Reader, *, checked: bool) -> Examination:
    """Check everything that a store holds.

    Args:
        database: that holds it.
        read: does something in a transaction that reads, and raises `StoreError`.
        checked: whether rows have checksums.
    """
    damage: list[Damage] = []
    problems: list[str] = []

    def attempt(work: Callable[[Connection], Any], otherwise: Any) -> Any:  # noqa: ANN401  whatever work returns
        try:
            return read(work)
        except StoreError as error:
            problems.append(error.message)
            return otherwise

    try:
        problems += database.check()
    except DBAPIError as error:
        problems.append(str(error.orig))
    except UnicodeDecodeError:
        problems.append("the list of tables is damaged")
    lines = attempt(lambda connection: runs.list_runs(connection, None, None, damage, checked=checked), [])
    for line in lines:
        attempt(
            lambda connection, run_id=line.run.run_id: runs.load_run(  # type: ignore[misc]
                connection, run_id, database.name, damage, checked=checked
            ),
            None,
        )
    attempt(lambda connection: damage.extend(_surveys(connection, checked=checked)), None)
    trials = attempt(lambda connection: connection.execute(select(func.count()).select_from(tables.trials)).scalar(), 0)
    unchecked = trials
    if checked:
        without = select(func.count()).select_from(tables.trials).where(tables.trials.c[CHECKS].is_(None))
        unchecked = attempt(lambda connection: connection.execute(without).scalar(), 0)
    distinct = {(piece.table, piece.row): piece for piece in damage}
    return Examination(len(lines), trials, unchecked, tuple(distinct.values()), tuple(dict.fromkeys(problems)))


def _surveys(connection: Connection, *, checked: bool) -> list[Damage]:
    query = select(*columns(tables.surveys, ("shape", "record"), checked=checked))
    read = [read_survey(row) for row in connection.execute(query).mappings()]
    return [survey.damage for survey in read if survey.damage is not None]
