"""The seam between what is to be trained and where: an executor takes trials and gives records back.

The local executor runs them on this machine. Another one (a cluster's) has the same two sides: a source to take tasks
from, and a stream of events. Delivery is at least once; committing a record twice is harmless.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Protocol

from bench.core.formatting import plural, seconds, size
from bench.core.text import storable
from bench.declare.plan import BLOCK
from bench.execute.choice import is_exact, needs_fit, needs_survey, worth_measuring
from bench.execute.failures import reason_text
from bench.execute.launcher import RuntimeSignature, ServerLostError, Servers, end_of
from bench.execute.logs import last_line
from bench.execute.machine import machine_signature
from bench.execute.messages import Began, Ended, EpochEnded, Surveyed, TrialEnded, TrialTask
from bench.execute.workers import Workers, memory_limit
from bench.record.records import Doubt, EngineSurvey, EpochRecord, Outcome, Phases, Speed, Status, TrialRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from bench.core.interrupts import Interrupts
    from bench.execute.launcher import WarmServer
    from bench.execute.surveys import Surveys
    from bench.execute.workers import WorkerId
    from bench.execute.yardsticks import Yardsticks
    from bench.record.records import Yardstick

YARDSTICK = "bench.execute.speed.yardstick:yardstick"

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
    began: bool = False
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
    alone: bool = False
    began: bool = False
    epochs: list[EpochRecord] = field(default_factory=list)
    ended: TrialEnded | None = None


class LocalExecutor:
    """Trains on this machine, `jobs` trials at a time.

    A worker trains trials of one shape in turn, and waits for the next while those of other shapes are trained. A cell
    may ask for a process for each trial instead.

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
        self._running: dict[WorkerId, _Running | _Rating | _Survey] = {}
        self._workers = Workers(servers, folder, spare=BLOCK - 1)
        self._speeds: dict[str, Speed] = {}
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
                self._workers.dismiss_all()
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
        self._workers.forget(signature)
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
        key = self._workers.give(task, survey=True)
        self._running[key] = _Survey(task, time.perf_counter())
        return Surveying(task)

    def _start(self, task: TrialTask) -> Event:
        """Start a trial, or first measure the rate of its device."""
        yardsticks = self._yardsticks
        if yardsticks is not None and yardsticks.wanted(task):
            key = self._workers.submit(YARDSTICK, task, task.log.replace(".log", "-rate.log"))
            self._running[key] = _Rating(task, time.perf_counter())
            return Rating(task)
        return self._train(task)

    def _train(self, task: TrialTask, *, alone: bool = False) -> Started:
        yardsticks = self._yardsticks
        task = replace(
            task,
            decided_at=time.perf_counter(),
            measure=yardsticks is not None,
            speed=self._speeds.get(task.cell.id),
            yardstick=yardsticks.find(task) if yardsticks else None,
        )
        key = self._workers.give(task, alone=alone)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._running[key] = _Running(task, self._run_id, now, memory_limit(task), self._jobs > 1, alone)
        return Started(task)

    def _next(self, server: WarmServer) -> Event | None:
        job_id, event = server.receive()
        key = server.signature, job_id
        trial = self._running.get(key)
        if isinstance(event, Ended):
            self._workers.ended(key)
        match trial:
            case _Running():
                return self._again(trial, key, event) or self._hear(trial, key, event)
            case _Survey():
                return self._again(trial, key, event) or self._hear_survey(trial, key, event)
            case _Rating():
                return self._hear_rating(trial, key, event)
        return None

    def _again(self, trial: _Running | _Survey, key: WorkerId, event: object) -> Event | None:
        """Give a task to another worker where this one ended before it took it up: nothing of it was lost."""
        if isinstance(event, Began):
            trial.began = trial.began or event.trial_id == trial.task.trial_id
        if not isinstance(event, Ended) or trial.began or not self._workers.had_waited(key):
            return None
        del self._running[key]
        return self._given(trial.task, self._survey_or_start)

    def _hear_rating(self, trial: _Rating, key: WorkerId, event: object) -> Event | None:
        """What the worker says that measures a device."""
        if not isinstance(event, Ended):
            trial.found = event  # type: ignore[assignment]  # what a yardstick sends
            return None
        del self._running[key]
        self._keep(trial)
        return self._given(trial.task, self._train)

    def _hear_survey(self, trial: _Survey, key: WorkerId, event: object) -> Event | None:
        """What the worker says that times engines."""
        match event:
            case Surveyed(survey=survey, lasting=lasting):
                trial.found = survey
                self._workers.done(key, trial.task, lasting=lasting)
            case Ended():
                pass
            case _:
                return None
        del self._running[key]
        self._keep(trial)
        return self._given(replace(trial.task, survey=trial.found), self._start)

    def _keep(self, measured: _Survey | _Rating) -> None:
        """Keep what was measured, or that it could not be."""
        spent_s = time.perf_counter() - measured.begun
        if isinstance(measured, _Survey):
            self._surveys.keep(measured.task, measured.found, spent_s=spent_s)
        elif self._yardsticks is not None:
            self._yardsticks.keep(measured.task, measured.found, spent_s=spent_s)

    def _hear(self, trial: _Running, key: WorkerId, event: object) -> Event | None:
        """What a trial has to say; what belongs to another one is not its."""
        trial_id = trial.task.trial_id
        match event:
            case EpochEnded(trial_id=of, record=epoch) if of == trial_id:
                trial.epochs.append(epoch)
                return Progressed(trial.task, epoch)
            case TrialEnded(trial_id=of, again=True) if of == trial_id and not trial.alone:
                return self._train_alone(trial, key)
            case TrialEnded(trial_id=of) if of == trial_id:
                trial.ended = event
                if event.lasting:
                    self._workers.done(key, trial.task, lasting=True)
                    return self._finish(trial, key)
                # its worker ends now, with all that the trial has started
            case Ended():
                return self._bury(trial, key, event)
        return None

    def _bury(self, trial: _Running, key: WorkerId, end: Ended) -> Event:
        """The worker of a trial is gone, whether or not it had said how the trial ended."""
        if trial.ended is not None:
            return self._finish(trial, key)
        if self._workers.had_waited(key) and not end.timed_out and not trial.alone:
            return self._train_alone(trial, key)
        return self._finish(trial, key, self._post_mortem(trial, end))

    def _finish(self, trial: _Running, key: WorkerId, otherwise: tuple[Status, str] | None = None) -> Finished:
        del self._running[key]
        self._note_speed(trial)
        return Finished(trial.task, self._record(trial, otherwise))

    def _train_alone(self, trial: _Running, key: WorkerId) -> Event:
        """Train a trial again in a worker that has done nothing before, as its end may be another one there."""
        del self._running[key]
        return self._given(trial.task, partial(self._train, alone=True))

    def _note_speed(self, trial: _Running) -> None:
        """Keep what was measured of a cell, so that its other trials need not."""
        speed = trial.ended.outcome.speed if trial.ended else Speed()
        if speed.latency_s is not None and not speed.doubts and not speed.measured_in:
            known = Speed(flops_per_image=speed.flops_per_image, measured_in=trial.task.trial_id)
            self._speeds[trial.task.cell.id] = known

    def _record(self, trial: _Running, otherwise: tuple[Status, str] | None = None) -> TrialRecord:
        """The record of a trial that has ended.

        Args:
            trial: as far as its worker has reported.
            otherwise: status and reason, where the worker has not said how it ended.
        """
        if trial.ended is not None:
            status, reason, outcome = trial.ended.status, trial.ended.reason, trial.ended.outcome
        else:
            status, reason = otherwise or (Status.FAILED, "")
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
