"""Taking records into a store that were kept elsewhere: pending ones, and those of a run's folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from bench.record import tables
from bench.record.records import Doubt, RunRecord, RunResult, RunStatus, Status, TrialRecord
from bench.record.store import migration, runs, trials
from bench.record.store.dialects import lock
from bench.record.store.pending import Pending, PendingRun
from bench.record.store.rows import RUN_COLUMNS, TRIAL_COLUMNS, columns, read_run, read_trial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

STUB = "stub"
"""Key of `RunRecord.asked` for a run that is known only from another one that shows its trials."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two finished trials of one key, or of one id, with different results.

    Attributes:
        taken: the trial that came.
        kept: the one that the store had, which runs reuse.
    """

    taken: TrialRecord
    kept: TrialRecord


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of importing a run.

    Attributes:
        run_id: of the run.
        trials: that were not in the store before, or could not be read there.
        present: trials that were there.
        known: of `trials`, those of which the store had another with the same key and the same result.
        conflicts: results that differ from those of the store.
    """

    run_id: str
    trials: int
    present: int
    known: int = 0
    conflicts: tuple[Conflict, ...] = ()


def probe(connection: Connection) -> str:
    """Write to the store without changing anything, to see that this is possible; its id."""
    name, value = tables.meta.c.name, tables.meta.c.value
    connection.execute(update(tables.meta).where(name == migration.SCHEMA).values(value=value))
    return migration.store_id(connection)


def take_in(connection: Connection, record: Pending) -> TrialRecord | None:
    """Take in a pending record; taking it in twice changes nothing.

    Args:
        connection: in a transaction that may write.
        record: as it was kept.

    Returns:
        Of a trial, the one that its run shows; None for a run.

    Raises:
        IntegrityError: the trial's run is not there, or another trial has its place.
    """
    if isinstance(record, PendingRun):
        _take_in_run(connection, record.run)
        return None
    if record.reused:
        trials.link(connection, record.run_id, record.trial, record.position, reused=True)
        return record.trial
    return trials.commit(connection, record.trial, record.position, exclusive=record.exclusive)


def import_run(connection: Connection, result: RunResult) -> Imported:
    """Take a whole run in, from its folder. What the store has, and can read, stays as it is.

    Args:
        connection: in a transaction that may write.
        result: the run; its trials in the order of its plan.
    """
    placed = [
        runs.Placed(position, trial, trial.trial_id in result.reused) for position, trial in enumerate(result.trials)
    ]
    return import_placed(connection, result.run, placed)


def import_placed(connection: Connection, run: RunRecord, placed: Sequence[runs.Placed]) -> Imported:
    """Take a run in with its trials at their places. What the store has, and can read, stays as it is.

    A run shows the trials that it showed before. Where the store has a finished trial of the same key, that one is
    reused as before, and the one that comes is kept as LATE.

    Args:
        connection: in a transaction that may write.
        run: the run.
        placed: its trials. A place whose trial cannot be read stays empty, until somebody brings the trial.
    """
    _take_in_run(connection, run)
    put = []
    for place in placed:
        if not place.readable:
            continue
        trained = _as_trained(place.trial, run)
        if place.reused:
            _make_stub(connection, run, trained.run_id)
        put.append(_put(connection, trained))
        _repair_link(connection, run.run_id, place.position)
        trials.link(connection, run.run_id, trained, place.position, reused=place.reused)
    return Imported(
        run.run_id,
        trials=sum(placement.new for placement in put),
        present=sum(not placement.new for placement in put),
        known=sum(placement.new and placement.kept is not None and placement.conflict is None for placement in put),
        conflicts=tuple(placement.conflict for placement in put if placement.conflict is not None),
    )


def same_result(trial: TrialRecord, other: TrialRecord) -> bool:
    """Whether two trainings ended equal: with the same weights, or where these are not known with the same figures."""
    first, second = trial.outcome, other.outcome
    if first.weights_digest is not None and second.weights_digest is not None:
        return first.weights_digest == second.weights_digest
    # as text: what is no number is equal to itself
    return repr((trial.status, first.accuracy, first.metrics)) == repr((other.status, second.accuracy, second.metrics))


def _take_in_run(connection: Connection, run: RunRecord) -> None:
    query = select(*columns(tables.runs, RUN_COLUMNS, checked=True)).where(tables.runs.c.run_id == run.run_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        runs.begin_run(connection, run)
        return
    read = read_run(row)
    runs.keep_labels(connection, run)
    # what has become of a run takes the place of what was known when it began, and of nothing else
    known: RunRecord | None = read.value
    if known is None or STUB in known.asked or run.status is not RunStatus.RUNNING or known.status is run.status:
        runs.update_run(connection, run)


def _make_stub(connection: Connection, run: RunRecord, run_id: str) -> None:
    """A row for the run that trained what another one shows, where it is not in the store."""
    known = select(tables.runs.c.run_id).where(tables.runs.c.run_id == run_id)
    if connection.execute(known).first() is None:
        notice = f"Only the trials of this run are known that run {run.run_id} shows."
        stub = replace(run, run_id=run_id, planned=(), exhibits=(), notices=(notice,), asked={**run.asked, STUB: True})
        runs.begin_run(connection, stub)


@dataclass(frozen=True, slots=True)
class _Put:
    """What became of a trial that came.

    Attributes:
        new: whether it was inserted, or took the place of one that cannot be read.
        kept: the finished trial of its key or id that the store had; None where there was none.
        conflict: where that one has another result.
    """

    new: bool
    kept: TrialRecord | None = None
    conflict: Conflict | None = None


def _put(connection: Connection, trial: TrialRecord) -> _Put:
    """Insert a trial, or replace one that cannot be read."""
    query = (
        select(*columns(tables.trials, TRIAL_COLUMNS, checked=True), tables.predictions.c.classes)
        .outerjoin(tables.predictions, tables.predictions.c.trial_id == tables.trials.c.trial_id)
        .where(tables.trials.c.trial_id == trial.trial_id)
    )
    row = connection.execute(query).mappings().first()
    if row is not None:
        read = read_trial(row, trials.curve_of(connection, trial.trial_id), row["classes"])
        if read.damage is None:
            return _Put(new=False, kept=read.value, conflict=_conflict(trial, read.value))
        trials.replace_trial(connection, trial)
        return _Put(new=True)
    kept = None
    if trial.status is Status.OK:
        lock(connection, trial.key)  # a run may commit it at this moment
        kept = trials.find_done(connection, trial.key, [])
    new = trials.insert_trial(connection, trial, trial.status.value if kept is None else trials.LATE)
    return _Put(new=new, kept=kept, conflict=None if kept is None else _conflict(trial, kept))


def _conflict(trial: TrialRecord, kept: TrialRecord) -> Conflict | None:
    return None if same_result(trial, kept) else Conflict(trial, kept)


def _repair_link(connection: Connection, run_id: str, position: int) -> None:
    """Remove a damaged place in a run's plan, so that it can be filled again."""
    if runs.link_is_damaged(connection, run_id, position):
        links = tables.run_trials
        connection.execute(delete(links).where(links.c.run_id == run_id, links.c.position == position))


def _as_trained(trial: TrialRecord, run: RunRecord) -> TrialRecord:
    """A trial without the doubt that `runs.in_run` has added for this run."""
    if Doubt.MACHINE not in trial.doubts or trial.machine == run.machine_for(trial.cell.node_kind):
        return trial
    speed = trial.outcome.speed
    speed = replace(speed, doubts=tuple(doubt for doubt in speed.doubts if doubt is not Doubt.MACHINE))
    return replace(
        trial,
        contention=trial.contention.removesuffix(runs.OTHER_MACHINE).removesuffix("; "),
        doubts=tuple(doubt for doubt in trial.doubts if doubt is not Doubt.MACHINE),
        outcome=replace(trial.outcome, speed=speed),
    )
