"""The seam between what is to be trained and where: an executor takes trials and gives records back.

The local executor runs them on this machine. Another one (a cluster's) has the same two sides: a source to take tasks
from, and a stream of events. Delivery is at least once; committing a record twice is harmless.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Protocol

import psutil

from bench.core.formatting import plural, seconds, size
from bench.execute.launcher import WarmServer, end_of, last_line
from bench.execute.messages import Ended, EpochEnded, TrialEnded, TrialTask
from bench.record.records import EpochRecord, Outcome, Phases, Status, TrialRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.core.interrupts import Interrupts

MEMORY_SHARE = 0.8
"""Fraction of the machine's memory a trial may claim where its suite names no limit."""

WAIT_S = 0.5
"""Seconds between two looks at work that another run is doing."""


class Wait:
    """What a source gives when there is work, but another run is at it."""


WAIT = Wait()


class TaskSource(Protocol):
    """Where an executor takes its tasks from."""

    def take(self) -> TrialTask | Wait | None:
        """The next task; WAIT when there may be one later; None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Started:
    """A trial has been handed to a worker."""

    task: TrialTask


@dataclass(frozen=True, slots=True)
class Progressed:
    """A trial has finished an epoch."""

    task: TrialTask
    epoch: EpochRecord


@dataclass(frozen=True, slots=True)
class Finished:
    """A trial has ended, one way or another."""

    task: TrialTask
    record: TrialRecord


Event = Started | Progressed | Finished


class Executor(Protocol):
    """Anything that can train."""

    def run(self, source: TaskSource) -> Iterator[Event]:
        """Train what the source gives, and tell of everything as it happens."""
        ...


@dataclass(slots=True)
class _Running:
    task: TrialTask
    run_id: str
    started_at: str
    memory_limit_bytes: int
    contended: bool
    epochs: list[EpochRecord] = field(default_factory=list)
    ended: TrialEnded | None = None


class LocalExecutor:
    """Trains on this machine, `jobs` trials at a time, each in a process of its own.

    Args:
        server: warm, or getting there.
        run_id: of the run that the trials belong to.
        folder: the run's folder, which logs are relative to.
        interrupts: let in while there is nothing to do but wait.
        jobs: trials at a time; with more than one every timing is marked contended.
    """

    def __init__(self, server: WarmServer, *, run_id: str, folder: Path, interrupts: Interrupts, jobs: int = 1) -> None:
        self._server, self._run_id, self._folder, self._jobs = server, run_id, folder, jobs
        self._interrupts = interrupts
        self._running: dict[int, _Running] = {}

    @property
    def running(self) -> tuple[TrialTask, ...]:
        """The trials under way, which an interruption cuts short."""
        return tuple(trial.task for trial in self._running.values())

    def run(self, source: TaskSource) -> Iterator[Event]:
        """Train what the source gives; see `Executor.run`.

        Raises:
            ExecutionError: the warm server is gone; what had finished has been told before.
        """
        exhausted = False
        while True:
            waiting = False
            while not exhausted and len(self._running) < self._jobs:
                task = source.take()
                if isinstance(task, Wait):
                    waiting = True
                    break
                if task is None:
                    exhausted = True
                    break
                yield self._start(task)
            if exhausted and not self._running:
                return
            # with work that another run is at, look again in a while; else there is nothing to do until a trial speaks
            with self._interrupts.welcome():
                spoke = wait([self._server.connection] if self._running else [], timeout=WAIT_S if waiting else None)
            if spoke and (event := self._next()) is not None:
                yield event

    def _start(self, task: TrialTask) -> Started:
        limit = task.cell.memory_limit_bytes or int(MEMORY_SHARE * psutil.virtual_memory().total)
        log = self._folder / task.log
        log.parent.mkdir(parents=True, exist_ok=True)
        task = replace(task, decided_at=time.perf_counter())
        job_id = self._server.submit(
            "bench.execute.training:train_trial",
            task,
            log=log,
            timeout_s=task.cell.timeout_s,
            memory_limit_bytes=limit,
        )
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._running[job_id] = _Running(task, self._run_id, now, limit, contended=self._jobs > 1)
        return Started(task)

    def _next(self) -> Event | None:
        job_id, event = self._server.receive()
        trial = self._running.get(job_id)
        if trial is None:
            return None
        match event:
            case EpochEnded(record=epoch):
                trial.epochs.append(epoch)
                return Progressed(trial.task, epoch)
            case TrialEnded():
                trial.ended = event
                return None
            case Ended():
                del self._running[job_id]
                return Finished(trial.task, self._record(trial, event))
        return None

    def _record(self, trial: _Running, end: Ended) -> TrialRecord:
        if trial.ended is not None:
            status, reason, outcome = trial.ended.status, trial.ended.reason, trial.ended.outcome
        else:
            status, reason = self._post_mortem(trial, end)
            trained = sum(epoch.train_time_s for epoch in trial.epochs)
            phases = Phases(train_time_s=trained, total_time_s=time.perf_counter() - trial.task.decided_at)
            outcome = Outcome(epochs=tuple(trial.epochs), data_sha256=trial.task.data_sha256, phases=phases)
        contention = f"{plural(self._jobs, 'trial')} ran at a time (--jobs {self._jobs})" if trial.contended else ""
        return record_of(
            trial.task,
            self._run_id,
            status,
            reason,
            outcome=outcome,
            started_at=trial.started_at,
            contention=contention,
        )

    def _post_mortem(self, trial: _Running, end: Ended) -> tuple[Status, str]:
        """Why a worker ended without a word."""
        task = trial.task
        reached = f"after {plural(len(trial.epochs), 'epoch')} of {task.cell.settings.epochs}"
        if end.timed_out:
            return (
                Status.TIMEOUT,
                f"The trial took longer than its {seconds(task.cell.timeout_s)} and was ended {reached}.",
            )
        said = last_line(self._folder / task.log)
        if "bad_alloc" in said or "Cannot allocate memory" in said:
            return (
                Status.FAILED,
                f"The trial reached its memory limit of {size(trial.memory_limit_bytes)} {reached}: {said}",
            )
        return Status.FAILED, f"The worker was ended by {end_of(end)} {reached}; the last line of its log: {said}"


def record_of(
    task: TrialTask,
    run_id: str,
    status: Status,
    reason: str,
    *,
    outcome: Outcome | None = None,
    started_at: str = "",
    contention: str = "",
) -> TrialRecord:
    """The record of a task that ended with `status`."""
    return TrialRecord(
        trial_id=task.trial_id,
        key=task.key,
        run_id=run_id,
        cell=task.cell,
        seed=task.seed,
        status=status,
        reason=reason,
        contention=contention,
        started_at=started_at or datetime.now(UTC).isoformat(timespec="milliseconds"),
        log=task.log if started_at else "",
        outcome=outcome or Outcome(),
    )
