"""A store as a run uses it: nothing that a run gives it is lost while the database is locked, full or gone.

What the database does not take waits in memory and in a file beside the run, and is tried again whenever the run comes
back with more. What still waits when the run ends stays in these files, and the next command that opens the store takes
it in.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from bench.core.errors import StoreError, UnsavedError
from bench.record.codec import run_from_json, run_to_json, trial_from_json, trial_to_json
from bench.record.records import RunResult, Status, TrialRecord
from bench.record.store import claims, intake, trials
from bench.record.store.claims import Claim, Lease, Taken
from bench.record.store.pending import FOLDER, Pending, PendingRun, PendingTrial, forget, write_pending
from bench.record.store.runs import in_run
from bench.record.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from bench.record.history import PastTrial
    from bench.record.records import EngineSurvey, Environment, RunRecord

T = TypeVar("T")

BUSY_TIMEOUT_S = 5.0
"""How long a run's statement waits for other writers: meanwhile the run does nothing else."""

PATIENCE_S = 30.0
"""How long a store that does not work is waited for: for a claim, and once more when the run ends."""

RETRY_S = 2.0
"""Seconds between two attempts."""


@dataclass(slots=True)
class _Waiting:
    """A record that the database has not taken yet, and its file once it has one."""

    record: Pending
    file: Path | None = None


class RunStore(Store):
    """A store that keeps what it is given, whatever happens to the database.

    Args:
        url: a path, or any SQLAlchemy URL.
        reports: the folder of runs.
        warn: says something that must not be overlooked.
        lease: of claims.

    Raises:
        StoreError: it cannot be opened or written to when the run begins.
    """

    def __init__(
        self,
        url: str,
        *,
        reports: Path,
        warn: Callable[[str], None],
        lease: Lease | None = None,
    ) -> None:
        super().__init__(url, lease=lease, busy_timeout_s=BUSY_TIMEOUT_S)
        self._reports, self._warn = reports, warn
        self._waiting: deque[_Waiting] = deque()
        self._run: RunRecord | None = None
        self._trials: dict[int, TrialRecord] = {}
        self._failing_since: float | None = None
        self._retry_at = 0.0
        self._failure = ""
        self._kept_in: set[Path] = set()
        self._nowhere = False
        try:
            self._id = self._write(intake.probe)
            self._file = self._database.file_id()
            self.take_in_pending(reports, warn)
        except BaseException:
            super().close()
            raise
        self._gone = False

    # --------------------------------------------------------------------------------------------------- runs

    def begin_run(self, run: RunRecord) -> None:
        """Commit that a run has started, now or as soon as the database takes it."""
        self._run = _as_recorded(run)
        self._submit(PendingRun(self._run))

    def update_run(self, run: RunRecord) -> None:
        """Commit what has become of a run; a database that does not work is waited for."""
        self._run = _as_recorded(run)
        self._submit(PendingRun(self._run))
        self._settle()

    def load_run(self, run_id: str) -> RunResult:
        """A run with all its trials; this run as it was given to the store, whether the database has it or not."""
        if self._run is None or run_id != self._run.run_id:
            return super().load_run(run_id)
        trials = tuple(self._trials[position] for position in sorted(self._trials))
        reused = frozenset(trial.trial_id for trial in trials if trial.run_id != run_id)
        return RunResult(run=self._run, trials=trials, reused=reused)

    def history(self, run: RunRecord, most: int = 30) -> tuple[PastTrial, ...]:
        """As `Store.history`; nothing where the database cannot be read, which is said."""
        try:
            return super().history(run, most)
        except StoreError as error:
            self._warn(f"The report has no history of earlier runs. {error.message}")
            return ()

    def environment(self, run_id: str) -> Environment | None:
        """As `Store.environment`; None where the database cannot be read."""
        try:
            return super().environment(run_id)
        except StoreError:
            return None

    def unsaved(self) -> UnsavedError | None:
        """Why the store does not hold all of the run, and what to do; None where it does."""
        folder = self._folder
        self._look_at_file()
        if self._gone:
            return UnsavedError(
                f"The store {self.url} was deleted or replaced while the run went on: it does not hold this run.",
                hint=f"bench import {folder.parent} takes the run into the store.",
            )
        if not self._waiting:
            return None
        if self._nowhere:
            return UnsavedError(
                f"{self._failure} It does not hold all of this run, and no file could be written next to it.",
                hint=f"bench import {folder.parent} takes the run into the store, if its run.json could be written.",
            )
        where = ", ".join(str(path) for path in sorted(self._kept_in))
        return UnsavedError(
            f"{self._failure} What it has not taken is kept in {where}.",
            hint="The next command that opens the store takes it in, such as bench list.",
        )

    # ------------------------------------------------------------------------------------------------- trials

    def acquire(self, key: str, run_id: str) -> TrialRecord | Claim | Taken:
        """As `Store.acquire`; a database that does not work is waited for, and then the trial is trained unclaimed."""
        for waiting in self._waiting:
            record = waiting.record
            if isinstance(record, PendingTrial) and record.trial.key == key and record.trial.status is Status.OK:
                return record.trial
        self._drain()
        if time.monotonic() >= self._retry_at:
            try:
                answer = super().acquire(key, run_id)
            except StoreError as error:
                self._fail(error)
            else:
                if not self._waiting:
                    self._works()
                return answer
        if self._failing_s() < PATIENCE_S:
            return Taken(None)
        with suppress(StoreError):
            # a database that cannot be written may still be read
            done = self._read(lambda connection: trials.find_done(connection, key, []))
            if done is not None:
                return done
        self._claimed.add(key)
        return Claim.GRANTED

    def done(self, keys: list[str]) -> set[str]:
        """As `Store.done`; nothing where the database cannot be read, since each trial is asked for again."""
        try:
            return super().done(keys)
        except StoreError as error:
            self._fail(error)
            return set()

    def typical_times(self) -> dict[str, tuple[float, float]]:
        """As `Store.typical_times`; nothing where the database cannot be read."""
        try:
            return super().typical_times()
        except StoreError as error:
            self._fail(error)
            return {}

    def commit_trial(self, trial: TrialRecord, *, position: int) -> TrialRecord:
        """Commit a trial that ended, now or as soon as the database takes it."""
        trial = _trial_as_recorded(trial)
        self._show(trial, position)
        self._submit(PendingTrial(trial.run_id, trial, position, reused=False, exclusive=trial.key in self._claimed))
        return self._trials[position]

    def reuse_trial(self, run_id: str, trial: TrialRecord, *, position: int) -> None:
        """Commit that a run shows a trial, now or as soon as the database takes it."""
        trial = _trial_as_recorded(trial)
        self._show(trial, position)
        self._submit(PendingTrial(run_id, trial, position, reused=True, exclusive=False))

    def release_claims(self, run_id: str) -> None:
        """Give back what a run had claimed; where that fails, its claims end with this process or their lease."""
        with suppress(StoreError):
            super().release_claims(run_id)

    # ------------------------------------------------------------------------------------------------ surveys

    def find_survey(self, shape: str, exact: bool) -> EngineSurvey | None:  # noqa: FBT001  half of a key
        """As `Store.find_survey`; None where the database cannot be read."""
        try:
            return super().find_survey(shape, exact)
        except StoreError:
            return None

    def keep_survey(self, shape: str, exact: bool, survey: EngineSurvey) -> None:  # noqa: FBT001  half of a key
        """As `Store.keep_survey`; a survey that cannot be kept is measured again by a later run."""
        with suppress(StoreError):
            super().keep_survey(shape, exact, survey)

    # ------------------------------------------------------------------------------------------------ plumbing

    @property
    def _folder(self) -> Path:
        if self._run is None:
            return self._reports / FOLDER
        return self._reports / self._run.suite_name / self._run.run_id / FOLDER

    def _show(self, trial: TrialRecord, position: int) -> None:
        if self._run is not None:
            self._trials[position] = in_run(trial, self._run)

    def _submit(self, record: Pending) -> None:
        self._waiting.append(_Waiting(record))
        self._drain()
        if self._waiting:
            self._keep()

    def _drain(self) -> bool:
        """Give the database what waits, in order; whether it has taken everything."""
        self._look_at_file()
        if not self._waiting or time.monotonic() < self._retry_at:
            return not self._waiting
        while self._waiting:
            waiting = self._waiting[0]
            try:
                self._take(waiting.record)
            except StoreError as error:
                self._fail(error)
                return False
            self._waiting.popleft()
            if waiting.file is not None:
                forget(waiting.file)
        self._works()
        return True

    def _settle(self) -> None:
        """Wait for a database that does not work, for as long as patience lasts."""
        deadline = time.monotonic() + PATIENCE_S
        while not self._drain() and time.monotonic() < deadline:
            time.sleep(RETRY_S)

    def _take(self, record: Pending) -> None:
        def work(connection: Connection) -> TrialRecord | None:
            trial = intake.take_in(connection, record)
            if isinstance(record, PendingTrial) and not record.reused:
                claims.release(connection, record.trial.key, record.run_id)
            return trial

        trial = self._write(work)
        if trial is not None and isinstance(record, PendingTrial):
            self._show(trial, record.position)

    def _fail(self, error: StoreError) -> None:
        self._retry_at = time.monotonic() + RETRY_S
        self._failure = error.message
        if self._failing_since is None:
            self._failing_since = time.monotonic()
            self._warn(f"{error.message} The run goes on; the store is tried again.")

    def _works(self) -> None:
        if self._failing_since is not None:
            self._warn(f"The store {self.url} works again, and has everything.")
        self._failing_since, self._nowhere = None, False
        self._kept_in.clear()

    def _failing_s(self) -> float:
        return 0.0 if self._failing_since is None else time.monotonic() - self._failing_since

    def _keep(self) -> None:
        """Write what waits into files, each once."""
        for waiting in self._waiting:
            if waiting.file is not None:
                continue
            try:
                waiting.file = write_pending(waiting.record, self._id, self._folder)
            except OSError as error:
                if not self._nowhere:
                    self._warn(f"{error} The record waits in memory.")
                self._nowhere = True
                return
            if waiting.file.parent not in self._kept_in:
                self._kept_in.add(waiting.file.parent)
                self._warn(f"What the store does not take is kept in {waiting.file.parent}.")

    def _look_at_file(self) -> None:
        """Notice that the store's file is not the one that was opened."""
        if not self._gone and self._file is not None and self._database.file_id() != self._file:
            self._gone = True
            self._warn(
                f"The store {self.url} was deleted or replaced. The run goes on; bench import {self._folder.parent} "
                "will take it into the store."
            )


def _as_recorded(run: RunRecord) -> RunRecord:
    """A run as it comes back from the store: its text can be written to any file."""
    labels = {data.sha256: data.labels for data in run.datasets}
    read = run_from_json(run_to_json(run), f"Run {run.run_id}")
    return replace(read, datasets=tuple(replace(data, labels=labels[data.sha256]) for data in read.datasets))


def _trial_as_recorded(trial: TrialRecord) -> TrialRecord:
    """A trial as it comes back from the store."""
    read = trial_from_json(trial_to_json(trial), f"Trial {trial.trial_id}")
    return replace(read, outcome=replace(read.outcome, predictions=trial.outcome.predictions))
