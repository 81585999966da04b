"""The seam between what is to be trained and where: an executor takes trials and gives records back.

The local executor runs them on this machine. Another one (a cluster's) has the same two sides: a source to take tasks
from, and a stream of events. Delivery is at least once; committing a record twice is harmless.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Protocol

import psutil

from bench.core.formatting import plural, seconds, size
from bench.execute.choice import is_exact, needs_fit, needs_survey, worth_measuring
from bench.execute.failures import reason_text, storable
from bench.execute.launcher import RuntimeSignature, ServerLostError, Servers, end_of
from bench.execute.logs import last_line
from bench.execute.machine import machine_signature
from bench.execute.messages import MEMORY_SHARE, Ended, EpochEnded, TrialEnded, TrialTask
from bench.record.records import Doubt, EngineSurvey, EpochRecord, Outcome, Phases, Status, TrialRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from bench.core.interrupts import Interrupts
    from bench.execute.launcher import WarmServer
    from bench.execute.surveys import Surveys
    from bench.execute.yardsticks import Yardsticks
    from bench.record.records import Yardstick

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
class Surveying:
    """The engines are being timed for cells of this shape, before its first trial."""

    task: TrialTask


@dataclass(frozen=True, slots=True)
class Rating:
    """The rate of the device is being measured, before a trial on it."""

    task: TrialTask


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


Event = Surveying | Rating | Started | Progressed | Finished


class Executor(Protocol):
    """Anything that can train."""

    def run(self, source: TaskSource) -> Iterator[Event]:
        """Train what the source gives, and tell of everything as it happens."""
        ...


@dataclass(slots=True)
class _Survey:
    """Engines being timed on behalf of a trial that waits for it."""

    task: TrialTask
    begun: float
    found: EngineSurvey | None = None


@dataclass(slots=True)
class _Rating:
    """A device whose rate is measured on behalf of a trial that waits for it."""

    task: TrialTask
    begun: float
    found: Yardstick | None = None


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
        servers: warm, or getting there.
        run_id: of the run that the trials belong to.
        folder: the run's folder, which logs are relative to.
        interrupts: let in while there is nothing to do but wait.
        surveys: what engines take, for cells that leave the choice open.
        jobs: trials at a time; with more than one every timing is marked contended.
        yardsticks: the rates of devices; None where trials are only trained, and neither inference nor arithmetic is
            measured.
    """

    def __init__(
        self,
        servers: Servers,
        *,
        run_id: str,
        folder: Path,
        interrupts: Interrupts,
        surveys: Surveys,
        jobs: int = 1,
        yardsticks: Yardsticks | None = None,
    ) -> None:
        self._servers, self._run_id, self._folder, self._jobs = servers, run_id, folder, jobs
        self._interrupts, self._surveys = interrupts, surveys
        # with several trials at a time no measurement means anything
        self._yardsticks = yardsticks if jobs == 1 else None
        self._running: dict[tuple[RuntimeSignature, int], _Running | _Rating | _Survey] = {}
        self._waiting: list[TrialTask] = []
        self._retried: set[str] = set()

    @property
    def running(self) -> tuple[TrialTask, ...]:
        """The trials under way, and those that wait for a server, which an interruption cuts short."""
        return (*(trial.task for trial in self._running.values()), *self._waiting)

    def run(self, source: TaskSource) -> Iterator[Event]:
        """Train what the source gives; see `Executor.run`.

        Where a warm server is lost, it is started again, and each trial that was under way is trained once more. A
        trial under which it is lost a second time has failed.

        Raises:
            ExecutionError: a warm server cannot be started, or was lost too often; what had finished has been told
                before.
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
                yield from self._begin(task)
            if exhausted and not self._running:
                return
            # with work that another run is at, look again in a while; else there is nothing to do until a trial speaks
            with self._interrupts.welcome():
                connections = self._servers.connections if self._running else []
                spoke = wait(connections, timeout=WAIT_S if waiting else self._servers.patience())
            if not spoke:
                self._servers.end_overdue()
            for connection in spoke:
                yield from self._heard(connection)  # type: ignore[arg-type]  # wait() gives back what it got

    def _begin(self, task: TrialTask) -> Iterator[Event]:
        """Start a trial; one that cannot be trained ends at once."""
        refusal = task.refusal
        if refusal is not None:
            record = record_of(replace(task, log=refusal.log), self._run_id, refusal.status, refusal.reason)
            yield Finished(task, record)
            return
        server = self._servers.start(RuntimeSignature(task.cell.backend))
        try:
            event = self._given(task, self._survey_or_start)
        except ServerLostError as lost:
            yield from self._recover(server, lost)
        else:
            yield event

    def _given(self, task: TrialTask, start: Callable[[TrialTask], Event]) -> Event:
        """Give a task to a server; where the server is lost meanwhile, the task is among those that wait for one."""
        self._waiting.append(task)
        event = start(task)
        self._waiting.pop()
        return event

    def _heard(self, connection: Connection) -> Iterator[Event]:
        """See to what a server says, or to its loss."""
        server = self._servers.of(connection)
        if server is None:
            return
        try:
            event = self._next(server)
        except ServerLostError as lost:
            yield from self._recover(server, lost)
        else:
            if event is not None:
                yield event

    def _recover(self, server: WarmServer, lost: ServerLostError) -> Iterator[Event]:
        """Start a server again that is gone, and the trials that it had or was to be given."""
        signature = server.signature
        while not self._restarted(server, lost):
            # the one that took its place was lost while it started
            server = self._servers.start(signature)
        for key in [key for key in self._running if key[0] == signature]:
            trial = self._running.pop(key)
            if isinstance(trial, _Running) and trial.task.trial_id in self._retried:
                reason = f"{lost.message.rstrip('.')} while this trial was training, for the second time."
                yield Finished(trial.task, self._record(trial, (Status.FAILED, reason)))
                continue
            if isinstance(trial, _Running):
                self._retried.add(trial.task.trial_id)
            else:
                # what could not be measured is done without
                self._keep(trial)
            self._waiting.append(trial.task)
        while self._waiting:
            yield from self._begin(self._waiting.pop(0))

    def _restarted(self, server: WarmServer, lost: ServerLostError) -> bool:
        """Start a server in the place of one that is gone; whether it got ready."""
        self._servers.restart(server, lost)
        try:
            with self._interrupts.welcome():
                self._servers.start(server.signature).ready()
        except ServerLostError:
            return False
        return True

    def _survey_or_start(self, task: TrialTask) -> Event:
        """Start a trial, or first the survey that it needs."""
        if not needs_survey(task.cell):
            return self._start(task)
        known, survey = self._surveys.find(task)
        worth = worth_measuring(task.inspection, task.survey_budget_s, exact=is_exact(task.cell))
        if known or not worth or needs_fit(task.cell, streamed=task.stream is not None):
            return self._start(replace(task, survey=survey))
        key = self._submit("bench.execute.survey:survey", task, task.log.replace(".log", "-engines.log"))
        self._running[key] = _Survey(task, time.perf_counter())
        return Surveying(task)

    def _start(self, task: TrialTask) -> Event:
        """Start a trial, or first measure the rate of its device."""
        yardsticks = self._yardsticks
        if yardsticks is not None and yardsticks.wanted(task):
            key = self._submit("bench.execute.speed.yardstick:yardstick", task, task.log.replace(".log", "-rate.log"))
            self._running[key] = _Rating(task, time.perf_counter())
            return Rating(task)
        return self._train(task)

    def _train(self, task: TrialTask) -> Started:
        yardsticks = self._yardsticks
        task = replace(
            task,
            decided_at=time.perf_counter(),
            measure=yardsticks is not None,
            yardstick=yardsticks.find(task) if yardsticks else None,
        )
        function = "bench.execute.faults:train_faulty" if task.fault else "bench.execute.training:train_trial"
        key = self._submit(function, task, task.log)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._running[key] = _Running(task, self._run_id, now, _memory_limit(task), contended=self._jobs > 1)
        return Started(task)

    def _submit(self, function: str, task: TrialTask, name: str) -> tuple[RuntimeSignature, int]:
        log = self._folder / name
        with suppress(OSError):
            # where a builder has put something else in its place, the worker's output goes nowhere
            log.parent.mkdir(parents=True, exist_ok=True)
        server = self._servers.start(RuntimeSignature(task.cell.backend))
        job_id = server.submit(
            function, task, log=log, timeout_s=task.cell.timeout_s, memory_limit_bytes=_memory_limit(task)
        )
        return server.signature, job_id

    def _next(self, server: WarmServer) -> Event | None:
        job_id, event = server.receive()
        key = server.signature, job_id
        trial = self._running.get(key)
        if trial is None:
            return None
        if isinstance(trial, (_Survey, _Rating)) and not isinstance(event, Ended):
            trial.found = event
            return None
        if isinstance(trial, _Running):
            return self._hear(trial, key, event)
        del self._running[key]
        self._keep(trial)
        if isinstance(trial, _Survey):
            return self._given(replace(trial.task, survey=trial.found), self._start)
        return self._given(trial.task, self._train)

    def _keep(self, measured: _Survey | _Rating) -> None:
        """Keep what was measured, or that it could not be."""
        spent_s = time.perf_counter() - measured.begun
        if isinstance(measured, _Survey):
            self._surveys.keep(measured.task, measured.found, spent_s=spent_s)
        elif self._yardsticks is not None:
            self._yardsticks.keep(measured.task, measured.found, spent_s=spent_s)

    def _hear(self, trial: _Running, key: tuple[RuntimeSignature, int], event: object) -> Event | None:
        """What a trial has to say."""
        match event:
            case EpochEnded(record=epoch):
                trial.epochs.append(epoch)
                return Progressed(trial.task, epoch)
            case TrialEnded():
                trial.ended = event
                return None
            case Ended():
                del self._running[key]
                return Finished(trial.task, self._record(trial, self._post_mortem(trial, event)))
        return None

    def _record(self, trial: _Running, otherwise: tuple[Status, str]) -> TrialRecord:
        """The record of a trial that has ended.

        Args:
            trial: as far as its worker has reported.
            otherwise: status and reason, where the worker has not said how it ended.
        """
        if trial.ended is not None:
            status, reason, outcome = trial.ended.status, trial.ended.reason, trial.ended.outcome
        else:
            status, reason = otherwise
            trained = sum(epoch.train_time_s for epoch in trial.epochs)
            phases = Phases(train_time_s=trained, total_time_s=time.perf_counter() - trial.task.decided_at)
            outcome = Outcome(epochs=tuple(trial.epochs), data_sha256=trial.task.data_sha256, phases=phases)
        contention, doubts = (trial.ended.contention, trial.ended.doubts) if trial.ended else ("", ())
        if trial.contended:
            contention = f"{plural(self._jobs, 'trial')} ran at a time (--jobs {self._jobs})"
            doubts = (Doubt.JOBS,)
        return record_of(
            trial.task,
            self._run_id,
            status,
            reason,
            outcome=outcome,
            started_at=trial.started_at,
            contention=contention,
            doubts=doubts,
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
        limit = size(trial.memory_limit_bytes)
        if end.held_bytes:
            held = f"The trial held {size(end.held_bytes)} with the processes that it started"
            return Status.FAILED, f"{held}, and was ended {reached}: its memory limit is {limit}."
        said = last_line(self._folder / task.log)
        if "bad_alloc" in said or "Cannot allocate memory" in said:
            return (
                Status.FAILED,
                f"The trial reached its memory limit of {limit} {reached}: {said}",
            )
        return Status.FAILED, f"The worker was ended by {end_of(end)} {reached}; the last line of its log: {said}"


def _memory_limit(task: TrialTask) -> int:
    return task.cell.memory_limit_bytes or int(MEMORY_SHARE * psutil.virtual_memory().total)


def record_of(
    task: TrialTask,
    run_id: str,
    status: Status,
    reason: str,
    *,
    outcome: Outcome | None = None,
    started_at: str = "",
    contention: str = "",
    doubts: tuple[Doubt, ...] = (),
) -> TrialRecord:
    """The record of a task that ended with `status`; its texts are such that any file can hold them."""
    record = TrialRecord(
        trial_id=task.trial_id,
        key=task.key,
        run_id=run_id,
        cell=task.cell,
        seed=task.seed,
        status=status,
        reason=reason_text(reason),
        contention=contention,
        doubts=doubts,
        machine=machine_signature() if started_at else "",
        started_at=started_at or datetime.now(UTC).isoformat(timespec="milliseconds"),
        log=task.log if started_at or task.refusal else "",
        outcome=outcome or Outcome(),
    )
    return storable(record)
