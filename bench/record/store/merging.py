"""Bringing all that a store holds into another: its runs with their trials, and its surveys of engines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.record.store import intake, runs, surveys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from bench.record.integrity import Damage
    from bench.record.store.intake import Imported

    Transaction = Callable[[Callable[[Connection], Any]], Any]


@dataclass(frozen=True, slots=True)
class Surveyed:
    """How many surveys of engines were taken in; those that the target had stay."""

    surveys: int


def merge(
    read: Transaction, write: Transaction, name: str, damage: list[Damage], *, checked: bool
) -> Iterator[Imported | Surveyed]:
    """Take in a store, a run at a time, each in a transaction of its own; merging it again changes nothing.

    Whoever is interrupted has whole runs in the target, and goes on by merging again.

    Args:
        read: does something in a transaction that reads the source.
        write: does something in a transaction that writes to the target.
        name: of the source, for messages.
        damage: gets what cannot be read of the source, which is left out.
        checked: whether the source has checksums.

    Yields:
        What became of each run, the oldest first, so that a trial comes with the run that trained it; then the surveys.
    """
    lines = read(lambda connection: runs.list_runs(connection, None, None, damage, checked=checked))
    for line in reversed(lines):
        load = partial(runs.load_placed, run_id=line.run.run_id, name=name, damage=damage, checked=checked)
        run, placed = read(load)
        yield write(partial(intake.import_placed, run=run, placed=placed))
    stored = read(lambda connection: surveys.all_surveys(connection, damage, checked=checked))
    yield write(
        lambda connection: Surveyed(
            sum(surveys.keep_new_survey(connection, survey.shape, exact, survey) for exact, survey in stored)
        )
    )
