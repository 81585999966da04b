"""Taking records into a store that were kept elsewhere: pending ones, and those of a run's folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from bench.record import tables
from bench.record.records import Doubt, RunRecord, RunResult, RunStatus, TrialRecord
from bench.record.store import migration, runs, trials
from bench.record.store.pending import Pending, PendingRun
from bench.record.store.rows import RUN_COLUMNS, TRIAL_COLUMNS, columns, read_run, read_trial

if TYPE_CHECKING:
    from sqlalchemy import Connection

STUB = "stub"
"""Key of `RunRecord.asked` for a run that is known only from another one that shows its trials."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of importing a run.

    Attributes:
        run_id: of the run.
        trials: that were not in the store before, or could not be read there.
        present: trials that were there.
    """

    run_id: str
    trials: int
    present: int


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
    run = result.run
    _take_in_run(connection, run)
    taken = 0
    for position, trial in enumerate(result.trials):
        reused = trial.trial_id in result.reused
        trained = _as_trained(trial, run) if reused else trial
        if reused:
            _make_stub(connection, run, trial.run_id)
        taken += _put(connection, trained)
        _repair_link(connection, run.run_id, position)
        trials.link(connection, run.run_id, trained, position, reused=reused)
    return Imported(run.run_id, taken, len(result.trials) - taken)


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


def _put(connection: Connection, trial: TrialRecord) -> bool:
    """Insert a trial, or replace one that cannot be read; whether that was needed."""
    query = (
        select(*columns(tables.trials, TRIAL_COLUMNS, checked=True), tables.predictions.c.classes)
        .outerjoin(tables.predictions, tables.predictions.c.trial_id == tables.trials.c.trial_id)
        .where(tables.trials.c.trial_id == trial.trial_id)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return trials.insert_trial(connection, trial, trial.status.value)
    if read_trial(row, trials.curve_of(connection, trial.trial_id), row["classes"]).damage is None:
        return False
    trials.replace_trial(connection, trial)
    return True


def _repair_link(connection: Connection, run_id: str, position: int) -> None:
    """Remove a damaged place in a run's plan, so that it can be filled again."""
    if runs.link_is_damaged(connection, run_id, position):
        links = tables.run_trials
        connection.execute(delete(links).where(links.c.run_id == run_id, links.c.position == position))


def _as_trained(trial: TrialRecord, run: RunRecord) -> TrialRecord:
    """A reused trial without the doubt that `runs.as_shown` has added for this run."""
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
