"""The agent of a node: it owns the warm servers there and trains what it is given.

Whatever depends on a machine is settled here and comes from nowhere else: the clock, all paths, how much memory a trial
may take, threads, GPUs. An agent ends with all that it has started when it is told to, when its parent is gone, and
when it has heard nothing for half a minute.
"""

from __future__ import annotations

import os
import queue
import shutil
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.errors import ExecutionError
from bench.core.interrupts import Interrupts
from bench.execute.cluster.depot import chunks
from bench.execute.cluster.describe import describe
from bench.execute.cluster.messages import (
    Beat,
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
    Stop,
    Train,
    Weights,
)
from bench.execute.cluster.transport import BEAT_S, WATCH_S
from bench.execute.events import Finished, Progressed, Rating, Started, Surveying, Wait, Weighed
from bench.execute.harness.executor import LocalExecutor
from bench.execute.harness.gpus import DEVICES, TIMEOUT_S, gpus_of
from bench.execute.harness.servers import Servers
from bench.execute.harness.starting import STOP_S, RuntimeSignature
from bench.execute.harness.yardsticks import Yardsticks
from bench.record.records import Doubt
from bench.record.runfile import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from multiprocessing.connection import Connection

    from bench.execute.cluster.depot import Depot
    from bench.execute.cluster.messages import Answer, Logs, Parcel, Request
    from bench.execute.events import Event
    from bench.execute.messages import Refusal, TrialTask
    from bench.record.records import EngineSurvey, TrialRecord

LOOK_S = 1.0
"""Seconds between two looks at whether the other side is still there."""

ABANDONED_S = 1.0
"""Seconds that a server may take to end when the driver is gone: nobody waits for what it does."""

SOON = Wait(0.02)
"""A further task may come at any moment, while others are under way."""

LONGEST_LOG_BYTES = 8 * 2**20
"""What is brought back of a log: its end."""


class NodeAgent:
    """Serves one driver until that is gone.

    Args:
        channel: to the driver.
        node: the name of the node.
        folder: for all that a run leaves here; it is removed at the end.
        depot: files that came by their hash.
    """

    def __init__(self, channel: Connection, node: str, folder: Path, depot: Depot) -> None:
        self._channel, self._node, self._folder, self._depot = channel, node, folder, depot
        self._inbox: queue.Queue[Request] = queue.Queue()
        self._put_back: deque[Request] = deque()
        self._sending = threading.Lock()
        self._servers: Servers | None = None
        self._surveys = _SurveysOfDriver(self._say_measured)
        self._yardsticks: Yardsticks | None = None
        self._rated_s = 0.0
        self._executor: LocalExecutor | None = None
        self._runs = 0
        self._place = folder
        self._attempts: dict[str, int] = {}

    def serve(self) -> None:
        """Do what the driver asks for; this does not return, the process ends."""
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            while True:
                self._see_to(self._next())
        except ExecutionError as error:
            self._send(Lost(f"{error.message.rstrip('.')}"))
        finally:
            self._end()

    # ------------------------------------------------------------------------------- the other side

    def _listen(self) -> None:
        """Take in requests and give signs of life, whatever the other thread is at."""
        heard = said = time.monotonic()
        while time.monotonic() - heard < WATCH_S:
            try:
                while self._channel.poll(LOOK_S):
                    request = self._channel.recv()
                    heard = time.monotonic()
                    if isinstance(request, Stop):
                        self._end()
                    if not isinstance(request, Beat):
                        self._inbox.put(request)
            except (EOFError, OSError):
                self._end(ABANDONED_S)
            if time.monotonic() - said >= BEAT_S:
                self._send(Beat())
                said = time.monotonic()
        self._end(ABANDONED_S)

    def _send(self, answer: Answer) -> None:
        with self._sending, suppress(OSError):  # that the driver is gone is found by whoever listens
            self._channel.send(answer)

    def _end(self, within_s: float = STOP_S) -> None:
        """End the process with all that it has started; what has not ended by then is killed."""
        if self._servers is not None:
            self._servers.stop(within_s)
        shutil.rmtree(self._folder, ignore_errors=True)
        os._exit(0)

    def _next(self, *, wait: bool = True) -> Request:
        """The next request.

        Raises:
            queue.Empty: there is none, and none is waited for.
        """
        return self._put_back.popleft() if self._put_back else self._inbox.get(block=wait)

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
                self._send(Looked(errand, answers, self._logs(tasks)))
            case Draw(errand=errand, parcels=parcels):
                self._draw(errand, [self._task(parcel) for parcel in parcels])
            case _:
                self._see_to_files(request)

    def _see_to_files(self, request: Request) -> None:
        """What may come while trials are trained."""
        match request:
            case Describe(environments=environments):
                self._send(Described(describe(self._node, environments)))
            case Has(digests=digests):
                self._send(Having(self._depot.having(digests)))
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
        """The task of a parcel, with the paths that its files have here."""
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
        self._send(DrawnThere(errand, references, files, self._logs(tasks)))

    # ------------------------------------------------------------------------------- training

    def _train(self, first: Train) -> None:
        """Train a task and all that follow, until something else is asked for."""
        self._put_back.appendleft(first)
        for event in self._running_executor().run(self):
            self._tell(event)

    def take(self) -> TrialTask | Wait | None:
        """The next task; `SOON` where there is none and others are under way, whose events must not wait for it.

        While nothing is under way it is waited for here. None where something else is asked for first.
        """
        while True:
            try:
                request = self._next(wait=not self._attempts)
            except queue.Empty:
                return SOON
            if isinstance(request, Train):
                task = self._task(request.parcel)
                self._attempts[task.trial_id] = task.attempt
                self._surveys.ask(task, wanted=request.survey)
                return task
            if isinstance(request, (Begin, Look, Draw)):
                self._put_back.append(request)
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
        self._say(task, Done(record, self._logs([task]), rated_s))
        self._attempts.pop(task.trial_id, None)
        self._surveys.forget(task)

    def _say_model(self, task: TrialTask, record: TrialRecord) -> None:
        """Send the trained model, which is removed here; where it cannot be read, the driver misses it by its hash."""
        path, model = Path(task.model_file), record.outcome.model
        with suppress(OSError):
            if model is not None and not model.obstacle:
                for content, _ in chunks(path):
                    self._say(task, ModelPart(content))
            path.unlink(missing_ok=True)

    def _say(self, task: TrialTask, what: Step | Measured | Weights | ModelPart | Done | object) -> None:
        # a task that lost its server is another attempt here, and the same to the driver
        self._send(Said(task.trial_id, self._attempts[task.trial_id], what))  # type: ignore[arg-type]

    def _say_measured(self, task: TrialTask, survey: EngineSurvey | None, spent_s: float) -> None:
        self._say(task, Measured(survey, spent_s))

    def _logs(self, tasks: Iterable[TrialTask]) -> Logs:
        """The logs of tasks, each to be brought to the run's folder; here they are removed."""
        logs: Logs = {}
        for task in tasks:
            name = self._place / task.log
            for path in (name, *name.parent.glob(f"{name.stem}-*.log")):
                with suppress(OSError):
                    if path.is_file() and not path.is_symlink():
                        logs[path.relative_to(self._place).as_posix()] = _end_of(path)
                        path.unlink()
        return logs


class _SurveysOfDriver:
    """What is known of engines' speed: what the driver says, and what this node was asked to measure."""

    def __init__(self, tell: Callable[[TrialTask, EngineSurvey | None, float], None]) -> None:
        self._tell = tell
        self._wanted: set[str] = set()

    def ask(self, task: TrialTask, *, wanted: bool) -> None:
        """Whether the engines are to be measured for a task."""
        if wanted:
            self._wanted.add(task.trial_id)

    def forget(self, task: TrialTask) -> None:
        """A task has ended."""
        self._wanted.discard(task.trial_id)

    def find(self, task: TrialTask) -> tuple[bool, EngineSurvey | None]:
        """Whether there is an answer for the task, and the survey."""
        return task.trial_id not in self._wanted, task.survey

    def keep(self, task: TrialTask, survey: EngineSurvey | None, *, spent_s: float) -> None:
        """Tell the driver of a survey, which tells all others."""
        self._wanted.discard(task.trial_id)
        self._tell(task, survey, spent_s)


def held_back(record: TrialRecord, niceness: int) -> TrialRecord:
    """A record whose times are in doubt where its processes ran at a niceness above 0."""
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


def _end_of(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LONGEST_LOG_BYTES))
        return file.read()
