"""Runs in the store: begun, brought up to date, listed, and loaded with all they show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from bench.core.errors import StoreError
from bench.record import tables
from bench.record.integrity import CHECKS, MISSING, Damage, damaged, sums
from bench.record.records import Doubt, Outcome, RunRecord, RunResult, RunStatus, Status, TrialRecord
from bench.record.store.dialects import insert_new
from bench.record.store.rows import (
    EPOCH_COLUMNS,
    LINK_COLUMNS,
    RUN_COLUMNS,
    TRIAL_COLUMNS,
    Read,
    columns,
    read_link,
    read_run,
    read_trial,
    run_row,
    unlabelled,
)
from bench.record.store.trials import LATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, RowMapping

    from bench.declare.cell import Cell
    from bench.record.records import Environment

OTHER_MACHINE = "another machine trained it"


@dataclass(frozen=True, slots=True)
class Placed:
    """A trial at its place in a run.

    Attributes:
        position: in the plan of the run.
        trial: as the run shows it.
        reused: whether another run trained it.
        readable: whether it could be read; else the trial says why it could not.
    """

    position: int
    trial: TrialRecord
    reused: bool
    readable: bool = True


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in a list of runs."""

    run: RunRecord
    trials: int
    ok: int


def begin_run(connection: Connection, run: RunRecord) -> None:
    """Insert a run, and the labels of its data sets where they are not known yet."""
    connection.execute(insert(tables.runs).values(run_row(run)))
    keep_labels(connection, run)


def keep_labels(connection: Connection, run: RunRecord) -> None:
    """Keep what is true of the test examples of a run's data sets, once per data set."""
    known = set(connection.execute(select(tables.labels.c.data_sha256)).scalars())
    for dataset in run.datasets:
        if dataset.labels is not None and dataset.sha256 not in known:
            values = {"data_sha256": dataset.sha256, "classes": dataset.labels}
            insert_new(connection, tables.labels, {**values, CHECKS: sums(values)})
            known.add(dataset.sha256)


def update_run(connection: Connection, run: RunRecord) -> None:
    """Replace what is known of a run."""
    connection.execute(update(tables.runs).where(tables.runs.c.run_id == run.run_id).values(run_row(run)))


def list_runs(
    connection: Connection, suite_name: str | None, limit: int | None, damage: list[Damage], *, checked: bool
) -> list[RunLine]:
    """The runs, the newest first; those that cannot be read are left out, and named in `damage`."""
    query = select(*columns(tables.runs, RUN_COLUMNS, checked=checked)).order_by(
        tables.runs.c.started_at.desc(), tables.runs.c.run_id.desc()
    )
    if suite_name is not None:
        query = query.where(tables.runs.c.suite_name == suite_name)
    joined = tables.run_trials.join(tables.trials)
    rows = connection.execute(query.limit(limit)).mappings().all()
    by_status = tables.run_trials.c.run_id, tables.trials.c.status
    counted = select(*by_status, func.count()).select_from(joined).group_by(*by_status)
    if limit is not None:
        counted = counted.where(tables.run_trials.c.run_id.in_([row["run_id"] for row in rows]))
    statuses: dict[str, Counter[str]] = {}
    for run_id, status, number in connection.execute(counted):
        statuses.setdefault(run_id, Counter())[status] = number
    lines = []
    for row in rows:
        read = read_run(row)
        if read.damage is not None:
            damage.append(read.damage)
            continue
        of_run = statuses.get(row["run_id"], Counter())
        lines.append(RunLine(read.value, of_run.total(), of_run[Status.OK.value] + of_run[LATE]))
    return lines


def load_run(connection: Connection, run_id: str, name: str, damage: list[Damage], *, checked: bool) -> RunResult:
    """A run with all its trials, epochs and predictions; arguments and errors are those of `load_placed`.

    A trial that cannot be read is FAILED, with the reason, and is named in `damage`.
    """
    run, placed = load_placed(connection, run_id, name, damage, checked=checked)
    reused = frozenset(of.trial.trial_id for of in placed if of.reused)
    return RunResult(run=run, trials=tuple(of.trial for of in placed), reused=reused)


def load_placed(
    connection: Connection, run_id: str, name: str, damage: list[Damage], *, checked: bool
) -> tuple[RunRecord, list[Placed]]:
    """A run, and its trials at their places, in the order of its plan.

    Args:
        connection: to the store.
        run_id: of the run.
        name: of the store, for messages.
        damage: gets what cannot be read.
        checked: whether the store has checksums.

    Raises:
        StoreError: there is no such run, or its own row is damaged.
    """
    query = select(*columns(tables.runs, RUN_COLUMNS, checked=checked)).where(tables.runs.c.run_id == run_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise StoreError(f"There is no run {run_id!r} in {name}.", hint="`bench list` shows the runs it holds.")
    read = read_run(row)
    if read.damage is not None:
        raise StoreError(
            f"Run {run_id} in {name} is damaged: {', '.join(read.damage.columns)}.",
            hint="`bench import RUN_FOLDER` takes the run from its run.json; `bench doctor` checks the whole store.",
        )
    run = _with_labels(connection, read.value, damage, checked=checked)
    named = {piece.row for piece in damage if piece.table == tables.labels.name}
    gone = [sha256 for sha256 in unlabelled(run, row[CHECKS]) if sha256 not in named]
    damage += [Damage(tables.labels.name, sha256, (MISSING,), run_id) for sha256 in gone]
    return run, _placed(connection, run, damage, checked=checked)


def read_environment(connection: Connection, run_id: str, *, checked: bool) -> Environment | None:
    """Where a run was made; None where the run is missing, cannot be read, or has not recorded that."""
    query = select(*columns(tables.runs, RUN_COLUMNS, checked=checked)).where(tables.runs.c.run_id == run_id)
    row = connection.execute(query).mappings().first()
    read = None if row is None else read_run(row)
    return read.value.environment if read is not None and read.damage is None else None


def link_is_damaged(connection: Connection, run_id: str, position: int) -> bool:
    """Whether a place in a run's plan is there and cannot be read."""
    links = tables.run_trials
    query = select(*columns(links, LINK_COLUMNS, checked=True))
    row = connection.execute(query.where(links.c.run_id == run_id, links.c.position == position)).mappings().first()
    return row is not None and read_link(row).damage is not None


def in_run(trial: TrialRecord, run: RunRecord) -> TrialRecord:
    """A trial in a run: where another machine trained it, its scores count and its times do not."""
    if not trial.machine or not run.machine or trial.machine == run.machine_for(trial.cell.node_kind):
        return trial
    speed = replace(trial.outcome.speed, doubts=(*trial.outcome.speed.doubts, Doubt.MACHINE))
    return replace(
        trial,
        contention="; ".join(filter(None, (trial.contention, OTHER_MACHINE))),
        doubts=(*trial.doubts, Doubt.MACHINE),
        outcome=replace(trial.outcome, speed=speed),
    )


def _with_labels(connection: Connection, run: RunRecord, damage: list[Damage], *, checked: bool) -> RunRecord:
    names = ("data_sha256", "classes")
    query = select(*columns(tables.labels, names, checked=checked))
    rows = connection.execute(query.where(tables.labels.c.data_sha256.in_([data.sha256 for data in run.datasets])))
    known = {}
    for row in rows.mappings():
        if wrong := damaged({name: row[name] for name in names}, row[CHECKS]):
            damage.append(Damage("labels", str(row["data_sha256"]), wrong, run.run_id))
        else:
            known[row["data_sha256"]] = row["classes"]
    return replace(run, datasets=tuple(replace(d, labels=known.get(d.sha256)) for d in run.datasets))


def _placed(connection: Connection, run: RunRecord, damage: list[Damage], *, checked: bool) -> list[Placed]:
    links, rows = tables.run_trials, tables.trials
    linked = select(*columns(links, LINK_COLUMNS, checked=checked)).where(links.c.run_id == run.run_id)
    query = (
        select(*columns(rows, TRIAL_COLUMNS, checked=checked), tables.predictions.c.classes)
        .select_from(
            links.join(rows, links.c.trial_id == rows.c.trial_id).outerjoin(
                tables.predictions, tables.predictions.c.trial_id == rows.c.trial_id
            )
        )
        .where(links.c.run_id == run.run_id)
    )
    by_id = {row["trial_id"]: row for row in connection.execute(query).mappings()}
    epochs = _epochs(connection, run.run_id)
    placed: list[Placed] = []
    positions = []
    for link in connection.execute(linked.order_by(links.c.position)).mappings():
        positions.append(link["position"])
        place, trial = read_link(link), _trial(by_id, epochs, link)
        damage += [read.damage for read in (place, trial) if read.damage is not None]
        trial_id = str(link["trial_id"])
        if place.damage is None and trial.damage is None:
            trial_here = replace(in_run(trial.value, run), cell=place.value)
            placed.append(Placed(link["position"], trial_here, trial.value.run_id != run.run_id))
            continue
        cell = place.value or (trial.value.cell if trial.value is not None else None)
        if cell is not None:
            seed = _planned_seed(run, link["position"])
            unreadable = _unreadable(trial_id, run.run_id, cell, seed, place.damage or trial.damage)
            placed.append(Placed(link["position"], unreadable, reused=False, readable=False))
    if run.status is not RunStatus.RUNNING:
        missing = sorted(set(range(len(run.planned))) - set(positions)) if positions else []
        damage += [Damage("run_trials", f"{run.run_id} #{position}", (MISSING,), run.run_id) for position in missing]
    return placed


def _trial(by_id: Mapping[str, RowMapping], epochs: Mapping[str, list[dict[str, Any]]], link: RowMapping) -> Read:
    row = by_id.get(link["trial_id"])
    if row is None:
        return Read(None, Damage("trials", str(link["trial_id"]), (MISSING,), str(link["run_id"])))
    return read_trial(row, epochs.get(row["trial_id"], []), row["classes"])


def _unreadable(trial_id: str, run_id: str, cell: Cell, seed: int, damage: Damage | None) -> TrialRecord:
    what = ", ".join(damage.columns) if damage else ""
    return TrialRecord(
        trial_id=trial_id,
        key="",
        run_id=run_id,
        cell=cell,
        seed=seed,
        status=Status.FAILED,
        reason=f"The store is damaged: this trial cannot be read ({what}).",
        outcome=Outcome(),
    )


def _planned_seed(run: RunRecord, position: object) -> int:
    if isinstance(position, int) and 0 <= position < len(run.planned):
        return run.planned[position][1]
    return 0


def _epochs(connection: Connection, run_id: str) -> dict[str, list[dict[str, Any]]]:
    """Of every trial that a run shows, the rows of its epochs in order."""
    links, epochs = tables.run_trials, tables.epochs
    query = (
        select(epochs)
        .join(links, links.c.trial_id == epochs.c.trial_id)
        .where(links.c.run_id == run_id)
        .order_by(epochs.c.trial_id, epochs.c.epoch)
        # two cells of a run that are the same training show one trial twice
        .distinct()
    )
    by_trial: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(query).mappings():
        by_trial.setdefault(row["trial_id"], []).append({name: row[name] for name in EPOCH_COLUMNS})
    return by_trial
