"""The agent of a node: it owns the node's warm servers and trains the tasks that the driver sends.

The agent alone decides what depends on the machine: the clock, all paths, the memory of a trial, threads, GPUs. It ends
with all processes that it has started: if the driver says so, if its parent is gone, or after half a minute of silence.
"""

from __future__ import annotations

import os
import queue
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.errors import ExecutionError
from bench.core.interrupts import Interrupts
from bench.execute.cluster.depot import chunks
from bench.execute.cluster.describe import describe
from bench.execute.cluster.driver_link import DriverLink
from bench.execute.cluster.driver_surveys import DriverSurveys
from bench.execute.cluster.messages import (
    Begin,
    Describe,
    Described,
    Done,
    Draw,
    DrawnThere,
    Has,
    Having,
    Look,
    Looked,
    Lost,
    Measured,
    ModelPart,
    Put,
    Said,
    Step,
    Train,
    Weights,
)
from bench.execute.cluster.node_logs import take_logs
from bench.execute.events import Finished, Progressed, Rating, Started, Surveying, Wait, Weighed
from bench.execute.harness.executor import LocalExecutor
from bench.execute.harness.gpus import DEVICES, TIMEOUT_S, gpus_of
from bench.execute.harness.servers import Servers
from bench.execute.harness.starting import STOP_S, RuntimeSignature
from bench.execute.harness.yardsticks import Yardsticks
from bench.record.records import Doubt
from bench.record.runfile import MODELS

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from bench.execute.cluster.depot import Depot
    from bench.execute.cluster.messages import Parcel, Request
    from bench.execute.events import Event
    from bench.execute.messages import Refusal, TrialTask
    from bench.record.records import EngineSurvey, TrialRecord

ABANDONED_S = 1.0
"""Seconds that a server may take to end when the driver is gone: nobody waits for what it does."""

SOON = Wait(0.02)
"""A further task may come at any moment, while others are under way."""


class NodeAgent:
    """Serves a single driver until that is gone.

    Args:
        channel: to the driver.
        node: the name of the node.
        folder: for all files of runs on this node; it is removed at the end.
        depot: the files that the driver sent by their hash.
    """

    def __init__(self, channel: Connection, node: str, folder: Path, depot: Depot) -> None:
        self._node, self._folder, self._depot = node, folder, depot
        self._driver = DriverLink(channel, stop=self._end, abandon=lambda: self._end(ABANDONED_S))
        self._servers: Servers | None = None
        self._surveys = DriverSurveys(self._say_measured)
        self._yardsticks: Yardsticks | None = None
        self._rated_s = 0.0
        self._executor: LocalExecutor | None = None
        self._runs = 0
        self._place = folder
        self._attempts: dict[str, int] = {}

    def serve(self) -> None:
        """Answer requests of the driver; never returns, the process ends."""
        self._driver.open()
        try:
            while True:
                self._see_to(self._driver.next())
        except ExecutionError as error:
            self._driver.send(Lost(f"{error.message.rstrip('.')}"))
        finally:
            self._end()

    def _end(self, within_s: float = STOP_S) -> None:
        """End the process and all processes that it has started; those that have not ended by then are killed."""
        if self._servers is not None:
            self._servers.stop(within_s)
        shutil.rmtree(self._folder, ignore_errors=True)
        os._exit(0)

    # ------------------------------------------------------------------------------- requests

    def _see_to(self, request: Request) -> None:
        match request:
            case Train():
                self._train(request)
            case Begin():
                self._begin(request)
            case Look(errand=errand, parcels=parcels):
                tasks = [self._task(parcel) for parcel in parcels]
                answers = self._running_executor().look(tasks)
                self._driver.send(Looked(errand, answers, take_logs(self._place, tasks)))
            case Draw(errand=errand, parcels=parcels):
                self._draw(errand, [self._task(parcel) for parcel in parcels])
            case _:
                self._see_to_files(request)

    def _see_to_files(self, request: Request) -> None:
        """Answer a request that may come while trials are trained."""
        match request:
            case Describe(environments=environments):
                self._driver.send(Described(describe(self._node, environments)))
            case Has(digests=digests):
                self._driver.send(Having(self._depot.having(digests)))
            case Put():
                self._depot.take(request)

    def _begin(self, begin: Begin) -> None:
        self._runs += 1
        shutil.rmtree(self._place / "logs", ignore_errors=True)
        self._place = self._folder / f"run-{self._runs}"
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        main = RuntimeSignature(begin.backends[0])
        self._servers = self._servers or Servers(main)
        self._servers.begin_run(main, keep=True)
        for backend in begin.backends:
            self._servers.start(RuntimeSignature(backend))
        devices = {
            backend: self._servers.call(DEVICES, None, timeout_s=TIMEOUT_S, signature=RuntimeSignature(backend))
            for backend in begin.on_gpu
        }
        self._yardsticks, self._rated_s = Yardsticks() if begin.measure else None, 0.0
        self._executor = LocalExecutor(
            self._servers,
            run_id=begin.run_id,
            folder=self._place,
            interrupts=Interrupts(),
            surveys=self._surveys,
            jobs=begin.slots,
            yardsticks=self._yardsticks,
            gpus={backend: gpus_of(theirs) for backend, theirs in devices.items()},
        )

    def _running_executor(self) -> LocalExecutor:
        if self._executor is None:
            raise ExecutionError("A task came before its run.")
        return self._executor

    def _task(self, parcel: Parcel) -> TrialTask:
        """The task of a parcel, with the paths of its files on this node."""
        return replace(
            parcel.task,
            data_path=str(self._depot.path(parcel.data)),
            search_path=(str(self._depot.unpacked(parcel.code)),) if parcel.code else (),
            reference=str(self._depot.path(parcel.reference)) if parcel.reference else "",
            model_file=str(self._place / MODELS / Path(parcel.task.model_file).name) if parcel.task.model_file else "",
        )

    def _draw(self, errand: int, tasks: list[TrialTask]) -> None:
        place = self._place / f"drawn-{errand}"
        place.mkdir(mode=0o700)
        files: dict[str, bytes] = {}
        references: dict[int, str | Refusal] = {}
        for position, answer in self._running_executor().draw(tasks, place).items():
            if isinstance(answer, Path):
                files.setdefault(answer.name, answer.read_bytes())
                references[position] = answer.name
            else:
                references[position] = answer
        shutil.rmtree(place)
        self._driver.send(DrawnThere(errand, references, files, take_logs(self._place, tasks)))

    # ------------------------------------------------------------------------------- training

    def _train(self, first: Train) -> None:
        """Train a task and all that follow, until a request of another kind comes."""
        self._driver.put_back(first)
        for event in self._running_executor().run(self):
            self._tell(event)

    def take(self) -> TrialTask | Wait | None:
        """The next task; None if a request of another kind comes first.

        Without a task under way this waits for the next one. Else the events of tasks under way must not wait: the
        answer is `SOON` if no request has come.
        """
        while True:
            try:
                request = self._driver.next(wait=not self._attempts)
            except queue.Empty:
                return SOON
            if isinstance(request, Train):
                task = self._task(request.parcel)
                self._attempts[task.trial_id] = task.attempt
                self._surveys.ask(task, wanted=request.survey)
                return task
            if isinstance(request, (Begin, Look, Draw)):
                self._driver.put_back(request)
                return None
            self._see_to_files(request)

    def _tell(self, event: Event) -> None:
        match event:
            case Surveying(task=task):
                self._say(task, Step.SURVEY)
            case Rating(task=task):
                self._say(task, Step.RATE)
            case Started(task=task):
                self._say(task, Step.TRAIN)
            case Progressed(task=task, epoch=epoch):
                self._say(task, epoch)
            case Weighed(task=task, arrays=arrays):
                self._say(task, Weights(arrays))
            case Finished(task=task, record=record):
                self._finish(task, record)

    def _finish(self, task: TrialTask, record: TrialRecord) -> None:
        spent_s = self._yardsticks.spent_s if self._yardsticks is not None else 0.0
        rated_s, self._rated_s = spent_s - self._rated_s, spent_s
        record = held_back(record, os.getpriority(os.PRIO_PROCESS, 0))
        if task.model_file:
            self._say_model(task, record)
        self._say(task, Done(record, take_logs(self._place, [task]), rated_s))
        self._attempts.pop(task.trial_id, None)
        self._surveys.forget(task)

    def _say_model(self, task: TrialTask, record: TrialRecord) -> None:
        """Send the trained model and remove it here; if it cannot be read, the driver notices by its hash."""
        path, model = Path(task.model_file), record.outcome.model
        with suppress(OSError):
            if model is not None and not model.obstacle:
                for content, _ in chunks(path):
                    self._say(task, ModelPart(content))
            path.unlink(missing_ok=True)

    def _say(self, task: TrialTask, what: Step | Measured | Weights | ModelPart | Done | object) -> None:
        # a task that lost its server is a new attempt here, but the driver knows it by the attempt that it sent
        self._driver.send(Said(task.trial_id, self._attempts[task.trial_id], what))  # type: ignore[arg-type]

    def _say_measured(self, task: TrialTask, survey: EngineSurvey | None, spent_s: float) -> None:
        self._say(task, Measured(survey, spent_s))


def held_back(record: TrialRecord, niceness: int) -> TrialRecord:
    """The record, with its times in doubt if its processes ran at a niceness above 0."""
    if niceness <= 0 or not record.started_at:
        return record
    speed = replace(record.outcome.speed, doubts=(*record.outcome.speed.doubts, Doubt.NICENESS))
    reason = f"the processes of its node run at niceness {niceness}"
    return replace(
        record,
        contention="; ".join(filter(None, (record.contention, reason))),
        doubts=(*record.doubts, Doubt.NICENESS),
        outcome=replace(record.outcome, speed=speed),
    )
