"""The store as commands use it: each method is one transaction."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bench.core.errors import StoreError
from bench.core.formatting import plural
from bench.core.secrets import without_passwords
from bench.record import tables
from bench.record.integrity import CHECKS, Damage
from bench.record.store import claims, examination, intake, merging, migration, pending, runs, surveys, trials
from bench.record.store.claims import Claim, Heartbeat, Lease, Owner, Taken
from bench.record.store.earlier import earlier_runs
from bench.record.store.filesystems import refuse_network
from bench.record.store.history import read_history
from bench.record.store.opening import BUSY_TIMEOUT_S, WRITING, is_damaged, open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from bench.record.history import PastTrial
    from bench.record.records import EngineSurvey, Environment, RunRecord, RunResult, TrialRecord
    from bench.record.store.examination import Examination
    from bench.record.store.intake import Imported
    from bench.record.store.merging import Surveyed
    from bench.record.store.runs import RunLine

DEFAULT_STORE = "reports/bench.db"


def upgrade_store(url: str) -> tuple[str, str]:
    """Bring the tables of a store that an earlier version made up to date; doing it twice changes nothing.

    Args:
        url: a path, or any SQLAlchemy URL.

    Returns:
        The revision of the tables before, empty for one without a number, and after.

    Raises:
        StoreError: there is no store, it cannot be written, or a newer version made it.
    """
    with closing(open_database(url, create=False)) as database:
        if database.path is not None:
            refuse_network(database.path)
        try:
            with database.engine.execution_options(**{WRITING: True}).begin() as connection:
                return migration.upgrade(connection, database.name)
        except _DATABASE_ERRORS as error:
            raise _unusable(error, database.name, server=database.server) from error


T = TypeVar("T")

_DATABASE_ERRORS = (DBAPIError, UnicodeDecodeError, PoolTimeoutError)
"""Python's driver for SQLite raises the second where the message of an error quotes a damaged name."""


class Store:
    """A database of runs and trials.

    Args:
        url: a path, or any SQLAlchemy URL.
        create: make the database and its tables where they are missing. Otherwise its absence is an error, nothing is
            written by opening it, and a folder that cannot be written will do.
        lease: of the claims that are made through it.
        busy_timeout_s: how long one statement waits while others write.

    Attributes:
        url: as messages show it, without password.
        damage: the rows that could not be read so far.

    Raises:
        StoreError: it cannot be opened, is no store, or was written by a newer version.
    """

    def __init__(
        self,
        url: str = DEFAULT_STORE,
        *,
        create: bool = True,
        lease: Lease | None = None,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        self.url = without_passwords(url)
        self.damage: list[Damage] = []
        self._lease = lease or Lease()
        self._owner = Owner()
        self._claimed: set[str] = set()
        self._used_at, self._server = time.monotonic(), False
        try:
            self._database = open_database(url, create=create, busy_timeout_s=busy_timeout_s)
        except _DATABASE_ERRORS as error:
            raise self._unusable(error) from error
        self._engine, self._server = self._database.engine, self._database.server
        self._heartbeat = Heartbeat(self._renew, self._lease.heartbeat_s)
        try:
            self._checked = self._prepare(create=create)
        except BaseException:
            self._database.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self._heartbeat.stop()
        self._database.close()

    @property
    def path(self) -> Path | None:
        """The file of an SQLite store; None for any other database."""
        return self._database.path

    @property
    def id(self) -> str:
        """The random name that the store got when it was made; empty for one of an earlier version."""
        return self._read(migration.store_id)

    # --------------------------------------------------------------------------------------------------- runs

    def begin_run(self, run: RunRecord) -> None:
        """Commit that a run has started."""
        self._write(lambda connection: runs.begin_run(connection, run))

    def update_run(self, run: RunRecord) -> None:
        """Commit what has become of a run."""
        self._write(lambda connection: runs.update_run(connection, run))

    def runs(self, suite_name: str | None = None, *, limit: int | None = None) -> list[RunLine]:
        """The runs in the store, the newest first."""
        return self._read(
            lambda connection: runs.list_runs(connection, suite_name, limit, self.damage, checked=self._checked)
        )

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

        A trial that cannot be read is FAILED, with the reason, and is named in `damage`.

        Raises:
            StoreError: there is no such run, or its own row is damaged.
        """
        return self._read(
            lambda connection: runs.load_run(connection, run_id, self.url, self.damage, checked=self._checked)
        )

    def environment(self, run_id: str) -> Environment | None:
        """Where a run was made; None where the run is missing, cannot be read, or has not recorded that."""
        return self._read(lambda connection: runs.read_environment(connection, run_id, checked=self._checked))

    def history(self, run: RunRecord, most: int = 30) -> tuple[PastTrial, ...]:
        """What a run and those of its suite before it trained of the run's cells, the oldest first.

        Args:
            run: the last one looked at.
            most: how many runs back, itself included.
        """
        return self._read(lambda connection: read_history(connection, run, most, self.damage, checked=self._checked))

    # ------------------------------------------------------------------------------------------------- trials

    def acquire(self, key: str, run_id: str) -> TrialRecord | Claim | Taken:
        """A trial that is done already, or leave to train it.

        Args:
            key: of the trial.
            run_id: the run that asks.

        Returns:
            The finished trial; or `Claim.GRANTED`, after which nobody else is given leave; or `Taken` while another
            owner has it. Failures are never returned, and neither is a trial that cannot be read: it is trained again.
        """
        known = key in self._claimed

        def work(connection: Connection) -> TrialRecord | Claim | Taken:
            unreadable: list[Damage] = []
            done = trials.find_done(connection, key, unreadable)
            trials.mark_damaged(connection, unreadable)
            self.damage += unreadable
            if done is not None:
                return done
            answer = claims.claim(connection, key, run_id, self._owner, self._lease.lease_s, known=known)
            if answer is not Claim.GRANTED:
                return answer
            # whoever had the claim may have committed the trial while this waited for it
            done = trials.find_done(connection, key, [])
            if done is not None:
                claims.release(connection, key, run_id)
            return done or answer

        answer = self._write(work)
        if answer is Claim.GRANTED:
            self._claimed.add(key)
            if not self._database.private:
                self._heartbeat.start()
        return answer

    def done(self, keys: list[str]) -> set[str]:
        """Those of the keys that a finished trial is stored for."""
        return self._read(lambda connection: trials.find_done_keys(connection, keys))

    def typical_times(self) -> dict[str, tuple[float, float]]:
        """Per cell id, of its latest finished trial: seconds per epoch, and seconds of everything else."""
        return self._read(lambda connection: trials.typical_times(connection, checked=self._checked))

    def earlier_runs(self, wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], RunRecord]:
        """By cell id and seed, the latest run that trained it to the end, whatever its key was."""
        return self._read(lambda connection: earlier_runs(connection, wanted, checked=self._checked))

    def commit_trial(self, trial: TrialRecord, *, position: int) -> TrialRecord:
        """Commit a trial that ended, its epochs and predictions, and give its claim back.

        Committing it again changes nothing. Where its claim was lost and another owner's trial of the same key has been
        committed meanwhile, that one counts: the run shows it, and this one is kept as LATE.

        Returns:
            The trial that the run shows.
        """
        return self._commit(trial, position, exclusive=trial.key in self._claimed)

    def reuse_trial(self, run_id: str, trial: TrialRecord, *, position: int) -> None:
        """Commit that a run shows a trial that is there already."""
        self._write(lambda connection: trials.link(connection, run_id, trial, position, reused=True))

    def release_claims(self, run_id: str) -> None:
        """Give back whatever a run had claimed and will not train."""
        self._write(lambda connection: claims.release_all(connection, run_id))

    # ------------------------------------------------------------------------------------------------ surveys

    def find_survey(self, shape: str, exact: bool) -> EngineSurvey | None:  # noqa: FBT001  half of a key
        """What engines take for cells of a shape; None where that was never measured."""
        return self._read(lambda connection: surveys.find_survey(connection, shape, exact))

    def keep_survey(self, shape: str, exact: bool, survey: EngineSurvey) -> None:  # noqa: FBT001  half of a key
        """Keep what engines take for cells of a shape, in place of what was known before."""
        self._write(lambda connection: surveys.keep_survey(connection, shape, exact, survey))

    # ------------------------------------------------------------------------------------------- looking after it

    def take_in_pending(self, reports: Path, say: Callable[[str], None]) -> None:
        """Take in what earlier runs could not commit to this store.

        Args:
            reports: the folder of runs, beside which pending records are kept.
            say: hears of what was taken in, and of what was not.
        """
        for folder in pending.pending_folders(reports):
            taken = 0
            for file in pending.pending_files(folder):
                try:
                    record, store_id = pending.read_pending(file)
                    if store_id != self.id:
                        continue
                    self._write(lambda connection, record=record: intake.take_in(connection, record))  # type: ignore[misc]
                except StoreError as error:
                    say(f"{file} is not taken in: {error.message}")
                    continue
                pending.forget(file)
                taken += isinstance(record, pending.PendingTrial)
            if taken:
                say(f"{plural(taken, 'trial')} of an earlier run could not be stored then, and are in the store now.")

    def import_run(self, result: RunResult) -> Imported:
        """Take a whole run in, from its folder; what the store has and can read stays as it is."""
        return self._write(lambda connection: intake.import_run(connection, result))

    def merge(self, source: Store) -> Iterator[Imported | Surveyed]:
        """Take in all that another store holds and can read, a run at a time; `source.damage` names the rest."""
        yield from merging.merge(source._read, self._write, source.url, source.damage, checked=source._checked)

    def examine(self) -> Examination:
        """Check every row by its checksums, and the database by its own means."""
        return examination.examine(self._database, self._read, checked=self._checked)

    # ------------------------------------------------------------------------------------------------ plumbing

    def _commit(self, trial: TrialRecord, position: int, *, exclusive: bool) -> TrialRecord:
        def work(connection: Connection) -> TrialRecord:
            counted = trials.commit(connection, trial, position, exclusive=exclusive)
            claims.release(connection, trial.key, trial.run_id)
            return counted

        return self._write(work)

    def _prepare(self, *, create: bool) -> bool:
        """Make what is missing, or see that nothing is; whether rows have checksums."""
        if create:
            self._write(lambda connection: migration.make_tables(connection, self.url))
            return True

        def look(connection: Connection) -> bool:
            migration.check_version(connection, self.url)
            return CHECKS not in migration.missing_columns(connection, tables.trials.name)

        return self._read(look)

    def _renew(self) -> None:
        idle = time.monotonic() - self._used_at > self._lease.heartbeat_s
        self._write(lambda connection: claims.renew(connection, self._owner, self._lease.lease_s), counts=False)
        if idle:
            self._database.rest()

    def _read(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction that only reads."""
        self._used_at = time.monotonic()
        try:
            with self._engine.execution_options(**self._database.reading).begin() as connection:
                return work(connection)
        except _DATABASE_ERRORS as error:
            raise self._unusable(error) from error

    def _write(self, work: Callable[[Connection], T], *, counts: bool = True) -> T:
        """Do something in a transaction that writes; where it `counts`, the connection is kept for more."""
        if counts:
            self._used_at = time.monotonic()
        try:
            with self._engine.execution_options(**{WRITING: True}).begin() as connection:
                return work(connection)
        except _DATABASE_ERRORS as error:
            raise self._unusable(error) from error

    def _unusable(self, error: DBAPIError | UnicodeDecodeError | PoolTimeoutError) -> StoreError:
        return _unusable(error, self.url, server=self._server)


def _unusable(error: DBAPIError | UnicodeDecodeError | PoolTimeoutError, name: str, *, server: bool) -> StoreError:
    said = "its list of tables is damaged"
    hint = "Is it a keras-bench store, on a disk that can be written? --store names another one."
    if isinstance(error, DBAPIError):
        said = without_passwords(" ".join(str(error.orig).split())).rstrip(".")
    if isinstance(error, PoolTimeoutError):
        said = "the process uses its only connection for something that takes long"
    if server:
        hint = "Does the server run, and may you write there? Check the host, user, password and database of --store."
    elif not isinstance(error, DBAPIError) or (error.orig is not None and is_damaged(error.orig)):
        hint = (
            "Its file is damaged; bench doctor --quick says where. Move it away: bench import RUN_FOLDER ... "
            "makes a new store from the folders of runs."
        )
    return StoreError(f"The store {name} cannot be used: {said}.", hint=hint)
