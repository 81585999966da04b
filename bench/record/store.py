"""The store: a database that every finished trial is committed to at once.

Any number of runs may use one store at a time. A trial is claimed before it is trained, so that two runs of one suite
share the work instead of doing it twice; a claim whose process is gone counts for nothing.
"""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from pydantic import TypeAdapter
from sqlalchemy import URL, create_engine, delete, event, insert, make_url, select, update
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from bench.core.errors import StoreError
from bench.declare.cell import Cell
from bench.record import tables
from bench.record.codec import (
    newer,
    run_from_json,
    run_to_json,
    survey_from_json,
    survey_to_json,
    trial_from_json,
    trial_to_json,
)
from bench.record.history import PastTrial, read_history
from bench.record.records import (
    SCHEMA_VERSION,
    Doubt,
    EngineSurvey,
    EpochRecord,
    RunRecord,
    RunResult,
    Status,
    TrialRecord,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, Row

DEFAULT_STORE = "reports/bench.db"

_CELL = TypeAdapter(Cell)


class Claim(Enum):
    """What came of asking for a trial that the store does not hold."""

    GRANTED = "granted"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in a list of runs."""

    run: RunRecord
    trials: int
    ok: int


class Store:
    """A database of runs and trials.

    Args:
        url: a path, or any SQLAlchemy URL.
        create: make the database where there is none; otherwise its absence is an error.

    Raises:
        StoreError: it cannot be opened, is no store, or was written by a newer version.
    """

    def __init__(self, url: str = DEFAULT_STORE, *, create: bool = True) -> None:
        self.url = url
        self._engine = _open(url, create=create)
        with self._transaction() as connection:
            tables.metadata.create_all(connection)
            found = connection.execute(select(tables.meta.c.value).where(tables.meta.c.name == "schema")).scalar()
            if found is None:
                connection.execute(insert(tables.meta).values(name="schema", value=str(SCHEMA_VERSION)))
            elif not found.isdecimal() or int(found) > SCHEMA_VERSION:
                raise newer(f"The store {self.url}", found)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # --------------------------------------------------------------------------------------------------- runs

    def begin_run(self, run: RunRecord) -> None:
        """Commit that a run has started."""
        with self._transaction() as connection:
            connection.execute(
                insert(tables.runs).values(
                    run_id=run.run_id,
                    suite_name=run.suite_name,
                    started_at=run.started_at,
                    status=run.status.value,
                    record=run_to_json(run),
                )
            )
            known = set(connection.execute(select(tables.labels.c.data_sha256)).scalars())
            for dataset in run.datasets:
                if dataset.labels is not None and dataset.sha256 not in known:
                    connection.execute(insert(tables.labels).values(data_sha256=dataset.sha256, classes=dataset.labels))
                    known.add(dataset.sha256)

    def update_run(self, run: RunRecord) -> None:
        """Commit what has become of a run."""
        with self._transaction() as connection:
            connection.execute(
                update(tables.runs)
                .where(tables.runs.c.run_id == run.run_id)
                .values(status=run.status.value, record=run_to_json(run))
            )

    def runs(self, suite_name: str | None = None, *, limit: int | None = None) -> list[RunLine]:
        """The runs in the store, the newest first."""
        query = select(tables.runs.c.record, tables.runs.c.run_id).order_by(
            tables.runs.c.started_at.desc(), tables.runs.c.run_id.desc()
        )
        if suite_name is not None:
            query = query.where(tables.runs.c.suite_name == suite_name)
        joined = tables.run_trials.join(tables.trials)
        counted = select(tables.run_trials.c.run_id, tables.trials.c.status).select_from(joined)
        with self._transaction() as connection:
            rows = connection.execute(query.limit(limit)).all()
            statuses: dict[str, list[str]] = {}
            for run_id, status in connection.execute(counted):
                statuses.setdefault(run_id, []).append(status)
        return [
            RunLine(
                run_from_json(record, f"Run {run_id}"),
                len(statuses.get(run_id, [])),
                statuses.get(run_id, []).count(Status.OK),
            )
            for record, run_id in rows
        ]

    def find_run(self, reference: str) -> str:
        """The id of a run by its id or the beginning of it, `latest`, or the name of a suite (its latest run).

        Runs that only brought more seeds for another are found by their id alone.

        Raises:
            StoreError: there is none, or several begin so.
        """
        ids = [(line.run.run_id, line.run.suite_name, line.run.asked.get("follows")) for line in self.runs()]
        whole = [(run_id, suite_name) for run_id, suite_name, follows in ids if follows is None]
        if reference == "latest" and whole:
            return whole[0][0]
        matching = [run_id for run_id, *_ in ids if run_id == reference]
        matching = matching or [run_id for run_id, suite_name in whole if suite_name == reference][:1]
        matching = matching or [run_id for run_id, *_ in ids if run_id.startswith(reference)]
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise StoreError(
                f"{len(matching)} runs begin with {reference!r}.", hint="Give more of the id; see `bench list`."
            )
        known = "It holds no run yet: try `bench run digits`." if not ids else "`bench list` shows the runs it holds."
        raise StoreError(f"There is no run {reference!r} in {self.url}.", hint=known)

    def load_run(self, run_id: str) -> RunResult:
        """A run with all its trials, epochs and predictions.

        Raises:
            StoreError: there is no such run.
        """
        links, rows = tables.run_trials, tables.trials
        query = (
            select(links.c.trial_id, links.c.reused, links.c.cell, rows.c.record, tables.predictions.c.classes)
            .select_from(
                links.join(rows).outerjoin(tables.predictions, tables.predictions.c.trial_id == rows.c.trial_id)
            )
            .where(links.c.run_id == run_id)
            .order_by(links.c.position)
        )
        with self._transaction() as connection:
            record = connection.execute(select(tables.runs.c.record).where(tables.runs.c.run_id == run_id)).scalar()
            if record is None:
                raise StoreError(
                    f"There is no run {run_id!r} in {self.url}.", hint="`bench list` shows the runs it holds."
                )
            found = connection.execute(query).all()
            epochs = self._epochs(connection, run_id)
            run = run_from_json(record, f"Run {run_id}")
            hashes = [data.sha256 for data in run.datasets]
            wanted = select(tables.labels.c.data_sha256, tables.labels.c.classes)
            stored = connection.execute(wanted.where(tables.labels.c.data_sha256.in_(hashes)))
            known = {row.data_sha256: row.classes for row in stored}
        run = replace(run, datasets=tuple(replace(d, labels=known.get(d.sha256)) for d in run.datasets))
        trials = tuple(
            replace(
                _as_shown(_with_predictions(row.record, row.classes, tuple(epochs.get(row.trial_id, ()))), run),
                cell=_CELL.validate_python(row.cell),
            )
            for row in found
        )
        return RunResult(run=run, trials=trials, reused=frozenset(t.trial_id for t in trials if t.run_id != run_id))

    def history(self, run: RunRecord, most: int = 30) -> tuple[PastTrial, ...]:
        """What a run and those of its suite before it trained of the run's cells, the oldest first.

        Args:
            run: the last one looked at.
            most: how many runs back, itself included.
        """
        with self._transaction() as connection:
            return read_history(connection, run, most)

    # ------------------------------------------------------------------------------------------------- trials

    def acquire(self, key: str, run_id: str, *, lease_s: float) -> TrialRecord | Claim:
        """A trial that is done already, or leave to train it.

        Args:
            key: of the trial.
            run_id: the run that asks.
            lease_s: seconds after which a claim from another machine, whose process cannot be seen, is void.

        Returns:
            The finished trial; or `Claim.GRANTED`, after which nobody else is given leave; or `Claim.TAKEN` while
            another process has it. Failures are never returned.
        """
        with self._transaction() as connection:
            done = (
                select(tables.trials.c.record, tables.predictions.c.classes)
                .outerjoin(tables.predictions, tables.predictions.c.trial_id == tables.trials.c.trial_id)
                .where(tables.trials.c.key == key, tables.trials.c.status == Status.OK.value)
                .order_by(tables.trials.c.started_at.desc())
                .limit(1)
            )
            row = connection.execute(done).first()
            if row is not None:
                return _with_predictions(row.record, row.classes)
            claim = connection.execute(select(tables.claims).where(tables.claims.c.key == key)).first()
            if claim is not None and _alive(claim):
                return Claim.TAKEN
            connection.execute(delete(tables.claims).where(tables.claims.c.key == key))
            me = psutil.Process()
            connection.execute(
                insert(tables.claims).values(
                    key=key,
                    run_id=run_id,
                    hostname=socket.gethostname(),
                    process_id=me.pid,
                    process_started=me.create_time(),
                    expires_at=time.time() + lease_s,
                )
            )
            return Claim.GRANTED

    def done(self, keys: list[str]) -> set[str]:
        """Those of the keys that a finished trial is stored for."""
        found: set[str] = set()
        with self._transaction() as connection:
            for start in range(0, len(keys), 500):
                query = select(tables.trials.c.key).where(
                    tables.trials.c.key.in_(keys[start : start + 500]), tables.trials.c.status == Status.OK.value
                )
                found.update(connection.execute(query).scalars())
        return found

    def typical_times(self) -> dict[str, tuple[float, float]]:
        """Per cell id, of its latest finished trial: seconds per epoch, and seconds of everything else."""
        trials = tables.trials.c
        query = (
            select(trials.cell_id, trials.train_time_s, trials.total_time_s, trials.epochs)
            .where(trials.status == Status.OK.value)
            .order_by(trials.started_at)
        )
        with self._transaction() as connection:
            return {
                cell_id: (train_time_s / epochs, total_time_s - train_time_s)
                for cell_id, train_time_s, total_time_s, epochs in connection.execute(query)
            }

    def commit_trial(self, trial: TrialRecord, *, position: int) -> None:
        """Commit a trial that ended, its epochs and predictions, and give its claim back.

        Committing it again changes nothing.
        """
        outcome = trial.outcome
        record = trial_to_json(trial)
        record["outcome"]["epochs"] = []  # they have a table of their own
        with self._transaction() as connection:
            try:
                with connection.begin_nested():
                    connection.execute(
                        insert(tables.trials).values(
                            trial_id=trial.trial_id,
                            key=trial.key,
                            run_id=trial.run_id,
                            cell_id=trial.cell.id,
                            seed=trial.seed,
                            status=trial.status.value,
                            accuracy=outcome.accuracy,
                            train_time_s=outcome.phases.train_time_s,
                            total_time_s=outcome.phases.total_time_s,
                            epochs=trial.cell.settings.epochs,
                            started_at=trial.started_at,
                            record=record,
                        )
                    )
            except IntegrityError:
                known = select(tables.trials.c.trial_id).where(tables.trials.c.trial_id == trial.trial_id)
                if connection.execute(known).first() is None:
                    raise  # not a second delivery: the run itself is unknown
                return
            if outcome.epochs:
                values = [{"trial_id": trial.trial_id, **_epoch_columns(epoch)} for epoch in outcome.epochs]
                connection.execute(insert(tables.epochs), values)
            if outcome.predictions is not None:
                connection.execute(
                    insert(tables.predictions).values(trial_id=trial.trial_id, classes=outcome.predictions)
                )
            self._link(connection, trial.run_id, trial, position, reused=False)
            connection.execute(
                delete(tables.claims).where(tables.claims.c.key == trial.key, tables.claims.c.run_id == trial.run_id)
            )

    def reuse_trial(self, run_id: str, trial: TrialRecord, *, position: int) -> None:
        """Commit that a run shows a trial that is there already."""
        with self._transaction() as connection:
            self._link(connection, run_id, trial, position, reused=True)

    def release_claims(self, run_id: str) -> None:
        """Give back whatever a run had claimed and will not train."""
        with self._transaction() as connection:
            connection.execute(delete(tables.claims).where(tables.claims.c.run_id == run_id))

    # ------------------------------------------------------------------------------------------------ surveys

    def find_survey(self, shape: str, exact: bool) -> EngineSurvey | None:  # noqa: FBT001  half of a key
        """What engines take for cells of a shape; None where that was never measured."""
        table = tables.surveys.c
        query = select(table.record).where(table.shape == shape, table.exact == exact)
        with self._transaction() as connection:
            record = connection.execute(query).scalar()
        return None if record is None else survey_from_json(record, f"Survey {shape}")

    def keep_survey(self, shape: str, exact: bool, survey: EngineSurvey) -> None:  # noqa: FBT001  half of a key
        """Keep what engines take for cells of a shape, in place of what was known before."""
        table = tables.surveys
        with self._transaction() as connection:
            connection.execute(delete(table).where(table.c.shape == shape, table.c.exact == exact))
            connection.execute(insert(table).values(shape=shape, exact=exact, record=survey_to_json(survey)))

    # ------------------------------------------------------------------------------------------------ plumbing

    @staticmethod
    def _epochs(connection: Connection, run_id: str) -> dict[str, list[EpochRecord]]:
        """Of every trial that a run shows, its epochs in order."""
        links = tables.run_trials
        query = (
            select(tables.epochs)
            .join(links, links.c.trial_id == tables.epochs.c.trial_id)
            .where(links.c.run_id == run_id)
            .order_by(tables.epochs.c.trial_id, tables.epochs.c.epoch)
        )
        found: dict[str, list[EpochRecord]] = {}
        for row in connection.execute(query).mappings():
            values = dict(row)
            # two cells of a run that are the same training show one trial twice
            rows = found.setdefault(values.pop("trial_id"), [])
            if len(rows) < values["epoch"]:
                rows.append(EpochRecord(**values))
        return found

    @staticmethod
    def _link(connection: Connection, run_id: str, trial: TrialRecord, position: int, *, reused: bool) -> None:
        values = {"trial_id": trial.trial_id, "reused": reused, "cell": trial_to_json(trial)["cell"]}
        connection.execute(insert(tables.run_trials).values(run_id=run_id, position=position, **values))

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise StoreError(
                f"The store {self.url} cannot be used: {error.orig}.",
                hint="Is it a keras-bench store, on a disk that can be written? --store names another one.",
            ) from error


def _with_predictions(
    record: dict[str, Any], classes: bytes | None, epochs: tuple[EpochRecord, ...] = ()
) -> TrialRecord:
    """A trial with what other tables hold of it."""
    trial = trial_from_json(record, f"Trial {record.get('trial_id')}")
    return replace(trial, outcome=replace(trial.outcome, predictions=classes, epochs=epochs))


def _as_shown(trial: TrialRecord, run: RunRecord) -> TrialRecord:
    """A trial in a run: where another machine trained it, its scores count and its times do not."""
    if not trial.machine or not run.machine or trial.machine == run.machine:
        return trial
    speed = replace(trial.outcome.speed, doubts=(*trial.outcome.speed.doubts, Doubt.MACHINE))
    return replace(
        trial,
        contention="; ".join(filter(None, (trial.contention, "another machine trained it"))),
        doubts=(*trial.doubts, Doubt.MACHINE),
        outcome=replace(trial.outcome, speed=speed),
    )


def _epoch_columns(epoch: EpochRecord) -> dict[str, Any]:
    return {column.name: getattr(epoch, column.name) for column in tables.epochs.columns if column.name != "trial_id"}


def _alive(claim: Row[Any]) -> bool:
    """Whether the process that holds a claim is still at it."""
    if claim.hostname != socket.gethostname():
        return bool(time.time() < claim.expires_at)
    try:
        # a process number is given out again: only the start time tells whether it is the same process
        return bool(abs(psutil.Process(claim.process_id).create_time() - claim.process_started) < 1)
    except psutil.Error:
        return False


def _open(url: str, *, create: bool) -> Engine:
    try:
        parsed = make_url(url) if "://" in url else URL.create("sqlite", database=url)
        if parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}:
            path = Path(str(parsed.database))
            if not path.exists():
                if not create:
                    raise StoreError(
                        f"There is no store at {path}.", hint="`bench run` makes it; --store names another one."
                    )
                path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StoreError(
            f"{url!r} is no store: {error}.",
            hint="Give a path or a SQLAlchemy URL, such as sqlite:///reports/bench.db.",
        ) from error
    except (OSError, SQLAlchemyError) as error:
        raise StoreError(f"The store {url} cannot be opened: {error}.") from error
    if parsed.get_backend_name() == "sqlite":
        _prepare_sqlite(engine)
    return engine


def _prepare_sqlite(engine: Engine) -> None:
    """Write-ahead log, patience with other writers, and transactions that begin as writers.

    Python's driver would begin a transaction at its first write; two that had both read before then block each other
    for good. SQLAlchemy's page on SQLite ("Serializable isolation / Savepoints") describes these two hooks.
    """

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:  # noqa: ANN401  the driver's own connection
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "busy_timeout=30000", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
