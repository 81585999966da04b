"""Trials in the store: committed once each, shown by any number of runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from bench.record import tables
from bench.record.records import Status
from bench.record.store.dialects import insert_new, lock
from bench.record.store.rows import (
    EPOCH_COLUMNS,
    TRIAL_COLUMNS,
    columns,
    epoch_rows,
    link_row,
    read_trial,
    trial_damage,
    trial_row,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bench.record.integrity import Damage
    from bench.record.records import TrialRecord

LATE = "LATE"
"""Status of a finished trial that was committed after another of its key, since its owner had lost the claim."""

DAMAGED = "DAMAGED"
"""Status of a trial that cannot be read any more: it is trained again."""

_AT_A_TIME = 500
"""Keys in one question."""


def find_done(connection: Connection, key: str, damage: list[Damage], *, checked: bool = True) -> TrialRecord | None:
    """The latest finished trial of a key that can be read; None where there is none.

    Args:
        connection: to the store.
        key: of the trial.
        damage: gets those that cannot be read.
        checked: whether the store has checksums.
    """
    query = (
        select(*columns(tables.trials, TRIAL_COLUMNS, checked=checked), tables.predictions.c.classes)
        .outerjoin(tables.predictions, tables.predictions.c.trial_id == tables.trials.c.trial_id)
        .where(tables.trials.c.key == key, tables.trials.c.status == Status.OK.value)
        .order_by(tables.trials.c.started_at.desc())
    )
    for row in connection.execute(query).mappings().all():
        read = read_trial(row, curve_of(connection, row["trial_id"]), row["classes"])
        if read.damage is None:
            return read.value  # type: ignore[no-any-return]
        damage.append(read.damage)
    return None


def curve_of(connection: Connection, trial_id: str) -> list[dict[str, Any]]:
    """The rows of a trial's epochs, in order."""
    table = tables.epochs
    query = select(*(table.c[name] for name in EPOCH_COLUMNS)).where(table.c.trial_id == trial_id)
    return [dict(row) for row in connection.execute(query.order_by(table.c.epoch)).mappings()]


def mark_damaged(connection: Connection, damage: list[Damage]) -> None:
    """Let trials that cannot be read count as not done."""
    ids = [piece.row for piece in damage if piece.table == tables.trials.name]
    if ids:
        connection.execute(update(tables.trials).where(tables.trials.c.trial_id.in_(ids)).values(status=DAMAGED))


def find_done_keys(connection: Connection, keys: list[str]) -> set[str]:
    """Those of the keys that a finished trial is stored for."""
    done: set[str] = set()
    for start in range(0, len(keys), _AT_A_TIME):
        some = keys[start : start + _AT_A_TIME]
        query = select(tables.trials.c.key).where(
            tables.trials.c.key.in_(some), tables.trials.c.status == Status.OK.value
        )
        done.update(connection.execute(query).scalars())
    return done


def typical_times(connection: Connection, *, checked: bool) -> dict[str, tuple[float, float]]:
    """Per cell id, of its latest finished trial: seconds per epoch, and seconds of everything else."""
    names = ("trial_id", "run_id", "cell_id", "train_time_s", "total_time_s", "epochs")
    query = (
        select(*columns(tables.trials, names, checked=checked))
        .where(tables.trials.c.status == Status.OK.value)
        .order_by(tables.trials.c.started_at)
    )
    return {
        row["cell_id"]: (row["train_time_s"] / row["epochs"], row["total_time_s"] - row["train_time_s"])
        for row in connection.execute(query).mappings()
        if trial_damage(row, names) is None
        and row["epochs"] > 0
        and None not in (row["train_time_s"], row["total_time_s"])
    }


def commit(connection: Connection, trial: TrialRecord, position: int, *, exclusive: bool) -> TrialRecord:
    """Commit a trial that ended, its epochs and predictions, and its place in its run.

    Committing it again changes nothing.

    Args:
        connection: in a transaction that may write.
        trial: that ended.
        position: in the plan of its run.
        exclusive: whether it was claimed, so that no other finished trial of its key may be there. Where one is, since
            the claim was lost meanwhile, the run shows that one, and this one is kept as LATE.

    Returns:
        The trial that the run shows.

    Raises:
        IntegrityError: its run is unknown, or another trial has its place.
    """
    first = None
    if exclusive and trial.status is Status.OK:
        lock(connection, trial.key)  # whoever has the claim now may commit at this moment
        first = find_done(connection, trial.key, [])
    if first is None or first.trial_id == trial.trial_id:
        if insert_trial(connection, trial, trial.status.value):
            link(connection, trial.run_id, trial, position, reused=False)
        return trial
    counted = replace(first, cell=trial.cell)
    if insert_trial(connection, trial, LATE):
        link(connection, trial.run_id, counted, position, reused=True)
    return counted


def insert_trial(connection: Connection, trial: TrialRecord, status: str) -> bool:
    """Insert a trial, its epochs and predictions; False where it is there already.

    Raises:
        IntegrityError: its run is unknown.
    """
    if not insert_new(connection, tables.trials, trial_row(trial, status)):
        return False
    _insert_parts(connection, trial)
    return True


def replace_trial(connection: Connection, trial: TrialRecord) -> None:
    """Put a trial in the place of one that cannot be read."""
    for table in (tables.epochs, tables.predictions):
        connection.execute(delete(table).where(table.c.trial_id == trial.trial_id))
    row = trial_row(trial, trial.status.value)
    connection.execute(update(tables.trials).where(tables.trials.c.trial_id == trial.trial_id).values(row))
    _insert_parts(connection, trial)


def _insert_parts(connection: Connection, trial: TrialRecord) -> None:
    if trial.outcome.epochs:
        connection.execute(
            insert(tables.epochs), [{"trial_id": trial.trial_id, **epoch} for epoch in epoch_rows(trial)]
        )
    if trial.outcome.predictions is not None:
        connection.execute(
            insert(tables.predictions).values(trial_id=trial.trial_id, classes=trial.outcome.predictions)
        )


def link(connection: Connection, run_id: str, trial: TrialRecord, position: int, *, reused: bool) -> None:
    """Let a run show a trial at a position of its plan; showing the same trial there again changes nothing.

    Args:
        connection: in a transaction that may write.
        run_id: of the run that shows it.
        trial: what is shown, its cell as this run names it.
        position: in the plan.
        reused: whether another run trained it.

    Raises:
        IntegrityError: the run or the trial is unknown, or another trial has the place.
    """
    row = link_row(run_id, trial, position, reused=reused)
    if insert_new(connection, tables.run_trials, row):
        return
    links = tables.run_trials.c
    there = select(links.trial_id).where(links.run_id == run_id, links.position == position)
    if connection.execute(there).scalar() != trial.trial_id:
        connection.execute(insert(tables.run_trials).values(row))  # which says that another has the place
