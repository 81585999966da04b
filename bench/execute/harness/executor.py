"""The executor of this machine: it gives tasks to workers and tells of what they say; `events.py` has the seam."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from bench.declare.plan import BLOCK
from bench.execute.choice import is_exact, needs_fit, needs_survey, worth_measuring
from bench.execute.events import Finished, Progressed, Rating, Started, Surveying, Wait, Weighed
from bench.execute.harness.endings import Running, ended_record, post_mortem, record_of
from bench.execute.harness.inspections import inspect_models
from bench.execute.harness.launcher import ServerLostError
from bench.execute.harness.queue import PlaceQueue
from bench.execute.harness.references import draw_references
from bench.execute.harness.starting import RuntimeSignature
from bench.execute.harness.workers import Workers, memory_limit
from bench.execute.messages import Began, EpochEnded, FinalWeights, Surveyed, TrialEnded, TrialTask
from bench.execute.protocol import Ended
from bench.record.records import EngineSurvey, Speed, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from bench.core.interrupts import Interrupts
    from bench.execute.events import Answer, Event, TaskSource
    from bench.execute.harness.gpus import SeenGpus
    from bench.execute.harness.launcher import WarmServer
    from bench.execute.harness.servers import Servers
    from bench.execute.harness.surveys import Known
    from bench.execute.harness.workers import WorkerId
    from bench.execute.harness.yardsticks import Yardsticks
    from bench.execute.messages import Refusal
    from bench.record.records import Yardstick

YARDSTICK = "bench.execute.worker.speed.yardstick:yardstick"

NONE_SEEN: Mapping[str, SeenGpus] = {}


@dataclass(slots=True)
class _Survey:
    """Engines being timed on behalf of a trial that waits for it."""

    task: TrialTask
    begun: float
    began: bool = False
    survey: EngineSurvey | None = None


@dataclass(slots=True)
class _Rating:
    """A device whose rate is measured on behalf of a trial that waits for it."""

    task: TrialTask
    begun: float
    yardstick: Yardstick | None = None


class LocalExecutor:
    """Trains on this machine, `jobs` trials at a time.

    A worker trains trials of one shape in turn, and waits for the next while those of other shapes are trained. A cell
    may ask for a process for each trial instead.

    Args:
        servers: warm, or getting there.
        run_id: of the run that the trials belong to.
        folder: the run's folder, which logs are relative to.
        interrupts: let in while there is nothing to do but wait.
        surveys: what engines take, for cells that leave the choice open; None where all say which they take.
        jobs: trials at a time; with more than one every timing is marked contended.
        yardsticks: the rates of devices; None where trials are only trained, and neither inference nor arithmetic is
            measured.
        gpus: by backend, the GPUs that it sees; a backend that was not asked has `gpu` stand for its first.
    """

    def __init__(
        self,
        servers: Servers,
        *,
        run_id: str,
        folder: Path,
        interrupts: Interrupts,
        surveys: Known | None,
        jobs: int = 1,
        yardsticks: Yardsticks | None = None,
        gpus: Mapping[str, SeenGpus] = NONE_SEEN,
    ) -> None:
        self._servers, self._run_id, self._folder, self._jobs = servers, run_id, folder, jobs
        self._interrupts, self._surveys = interrupts, surveys
        # with several trials at a time no measurement means anything
        self._yardsticks = yardsticks if jobs == 1 else None
        self._running: dict[WorkerId, Running | _Rating | _Survey] = {}
        self._workers = Workers(servers, folder, spare=BLOCK - 1)
        self._speeds: dict[str, Speed] = {}
        self._waiting: list[TrialTask] = []
        self._queue = PlaceQueue(self._workers, jobs, gpus)

    @property
    def running(self) -> tuple[TrialTask, ...]:
        """The trials under way, and those that wait for a server, which an interruption cuts short."""
        return (*(trial.task for trial in self._running.values()), *self._waiting)

    @property
    def held(self) -> tuple[TrialTask, ...]:
        """The trials that were taken and have not started: what they need is taken by others."""
        return self._queue.tasks

    def look(self, tasks: Iterable[TrialTask]) -> dict[str, Answer]:
        """Have the model of every task built once; see `Executor.look`."""
        return inspect_models(self._servers, tasks, self._folder, self._interrupts.welcome)

    def draw(self, tasks: Sequence[TrialTask], files: Path) -> dict[int, Path | Refusal]:
        """Have drawn what trials begin with; see `Executor.draw`."""
        return draw_references(self._servers, tasks, files, self._folder, self._interrupts.welcome)

    def stop(self) -> None:
        """End every server and every worker."""
        self._servers.stop()

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
            again_s: float | None = None
            while len(self._running) < self._jobs:
                if (next_task := self._queue.take(running.task for running in self._running.values())) is not None:
                    yield from self._begin(next_task)
                    continue
                if exhausted or self._queue.full:
                    break
                task = source.take()
                if isinstance(task, Wait):
                    again_s = task.seconds
                    break
                if task is None:
                    exhausted = True
                else:
                    self._queue.add(task)
            if exhausted and not self._running and not self._queue.tasks:
                self._workers.dismiss_all()
                return
            # where the source may have a task later, ask again in a while; else nothing is to do until a trial speaks
            with self._interrupts.welcome():
                connections = self._servers.connections if self._running else []
                spoke = wait(connections, timeout=self._servers.patience() if again_s is None else again_s)
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
            if isinstance(trial, Running) and trial.task.attempt > 1:
                reason = f"{lost.message.rstrip('.')} while this trial was training, for the second time."
                yield Finished(trial.task, ended_record(trial, (Status.FAILED, reason)))
                continue
            if isinstance(trial, Running):
                self._waiting.append(replace(trial.task, attempt=trial.task.attempt + 1))
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
        if self._surveys is None or not needs_survey(task.cell):
            return self._start(task)
        known, survey = self._surveys.find(task)
        worth = worth_measuring(task.inspection, task.survey_budget_s, exact=is_exact(task.cell))
        # what is trained for its bits takes the engine that a run would take by what is known
        if known or task.keep_weights or not worth or needs_fit(task.cell, streamed=task.stream is not None):
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
        self._running[key] = Running(task, self._run_id, now, memory_limit(task), self._queue.at_once(task), alone)
        return Started(task)

    def _next(self, server: WarmServer) -> Event | None:
        job_id, event = server.receive()
        key = server.signature, job_id
        trial = self._running.get(key)
        if isinstance(event, Ended):
            self._workers.ended(key)
        match trial:
            case Running():
                return self._again(trial, key, event) or self._hear(trial, key, event)
            case _Survey():
                return self._again(trial, key, event) or self._hear_survey(trial, key, event)
            case _Rating():
                return self._hear_rating(trial, key, event)
        return None

    def _again(self, trial: Running | _Survey, key: WorkerId, event: object) -> Event | None:
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
            trial.yardstick = event  # type: ignore[assignment]  # what a yardstick sends
            return None
        del self._running[key]
        self._keep(trial)
        return self._given(trial.task, self._train)

    def _hear_survey(self, trial: _Survey, key: WorkerId, event: object) -> Event | None:
        """What the worker says that times engines."""
        match event:
            case Surveyed(survey=survey, lasting=lasting):
                trial.survey = survey
                self._workers.done(key, trial.task, lasting=lasting)
            case Ended():
                pass
            case _:
                return None
        del self._running[key]
        self._keep(trial)
        return self._given(replace(trial.task, survey=trial.survey), self._start)

    def _keep(self, measured: _Survey | _Rating) -> None:
        """Keep what was measured, or that it could not be."""
        spent_s = time.perf_counter() - measured.begun
        if isinstance(measured, _Survey):
            if self._surveys is not None:
                self._surveys.keep(measured.task, measured.survey, spent_s=spent_s)
        elif self._yardsticks is not None:
            self._yardsticks.keep(measured.task, measured.yardstick, spent_s=spent_s)

    def _hear(self, trial: Running, key: WorkerId, event: object) -> Event | None:
        """What a trial has to say; what belongs to another one is not its."""
        trial_id = trial.task.trial_id
        match event:
            case EpochEnded(trial_id=of, record=epoch) if of == trial_id:
                trial.epochs.append(epoch)
                return Progressed(trial.task, epoch)
            case FinalWeights(trial_id=of, arrays=arrays) if of == trial_id:
                return Weighed(trial.task, arrays)
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

    def _bury(self, trial: Running, key: WorkerId, end: Ended) -> Event:
        """The worker of a trial is gone, whether or not it had said how the trial ended."""
        if trial.ended is not None:
            return self._finish(trial, key)
        if self._workers.had_waited(key) and not end.timed_out and not trial.alone:
            return self._train_alone(trial, key)
        return self._finish(trial, key, post_mortem(trial, end, self._folder / trial.task.log))

    def _finish(self, trial: Running, key: WorkerId, otherwise: tuple[Status, str] | None = None) -> Finished:
        del self._running[key]
        self._note_speed(trial)
        return Finished(trial.task, ended_record(trial, otherwise))

    def _train_alone(self, trial: Running, key: WorkerId) -> Event:
        """Train a trial again in a worker that has done nothing before, as its end may be another one there."""
        del self._running[key]
        return self._given(trial.task, partial(self._train, alone=True))

    def _note_speed(self, trial: Running) -> None:
        """Keep what was measured of a cell, so that its other trials need not."""
        speed = trial.ended.outcome.speed if trial.ended else Speed()
        if speed.latency_s is not None and not speed.doubts and not speed.measured_in:
            known = Speed(flops_per_image=speed.flops_per_image, measured_in=trial.task.trial_id)
            self._speeds[trial.task.cell.id] = known
