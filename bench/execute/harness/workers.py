"""The workers of an executor: which are there, which wait for work, and which are to end."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from bench.execute.harness.launcher import ServerLostError
from bench.execute.harness.starting import RuntimeSignature
from bench.execute.messages import MEMORY_SHARE, Errand

if TYPE_CHECKING:
    from pathlib import Path

    from bench.execute.harness.launcher import WarmServer
    from bench.execute.harness.servers import Servers
    from bench.execute.messages import TrialTask

WorkerId = tuple[RuntimeSignature, int]
"""A worker: the signature of its server, and the job that it was started for."""

GROUP, FAULTY = "bench.execute.worker.group:train_group", "bench.execute.worker.planting:train_faulty"
SINGLE = "bench.execute.worker.training:train_trial"

SCARCE_SHARE = 0.25
"""Of the machine's memory: with less than that at hand, no worker is kept that has nothing to do."""


class Workers:
    """Gives tasks to workers: to one that has trained the same shape and waits, else to a new one.

    Args:
        servers: warm, or getting there.
        folder: the run's folder, which logs are relative to.
        spare: workers that may wait at a time.
    """

    def __init__(self, servers: Servers, folder: Path, *, spare: int) -> None:
        self._servers, self._folder, self._spare = servers, folder, spare
        self._idle: dict[WorkerId, TrialTask] = {}
        self._followed: set[WorkerId] = set()

    def give(self, task: TrialTask, *, survey: bool = False, alone: bool = False) -> WorkerId:
        """Have a worker train a task, or time the engines for it.

        Args:
            task: complete.
            survey: time the engines.
            alone: take a worker that has done nothing before.

        Raises:
            ServerLostError: the warm server is gone.
        """
        if task.fault or task.keep_weights:
            return self.submit(FAULTY if task.fault else SINGLE, task, task.log)
        name = task.log.replace(".log", "-engines.log") if survey else task.log
        errand = Errand(task, survey, str(self._log(name).absolute()))
        group = _group(task)
        fitting = (worker for worker, last in self._idle.items() if _group(last) == group and last.gpu == task.gpu)
        worker = None if alone else next(fitting, None)
        if worker is None:
            self._make_room(task)
            return self.submit(GROUP, task, name, errand)
        del self._idle[worker]
        self._followed.add(worker)
        server = self._servers.start(worker[0])
        server.follow(worker[1], errand, log=self._log(name), timeout_s=task.cell.timeout_s)
        return worker

    def warm_gpus(self, task: TrialTask) -> frozenset[int]:
        """The GPUs on which a worker waits that has trained the task's shape."""
        group = _group(task)
        return frozenset(last.gpu for last in self._idle.values() if last.gpu is not None and _group(last) == group)

    def had_waited(self, worker: WorkerId) -> bool:
        """Whether a worker was given something after its first errand: it may have ended before it took that up."""
        return worker in self._followed

    def submit(self, function: str, task: TrialTask, name: str, errand: Errand | None = None) -> WorkerId:
        """Have a fresh worker call a function with a task, or with an errand of a group.

        Raises:
            ServerLostError: the warm server is gone.
        """
        server = self._server(task)
        job_id = server.submit(
            function,
            task if errand is None else errand,
            log=self._log(name),
            timeout_s=task.cell.timeout_s,
            memory_limit_bytes=memory_limit(task),
            lasting=errand is not None,
        )
        return server.signature, job_id

    def done(self, worker: WorkerId, task: TrialTask, *, lasting: bool) -> None:
        """A worker has seen to a task; it waits for another one of the same shape, or ends.

        Raises:
            ServerLostError: the warm server is gone.
        """
        if not lasting:
            return
        if task.cell.isolation == "trial":
            self._servers.start(worker[0]).leave(worker[1])
            return
        self._servers.start(worker[0]).rest(worker[1])
        self._idle[worker] = task

    def ended(self, worker: WorkerId) -> None:
        """A worker is gone."""
        self._idle.pop(worker, None)

    def forget(self, signature: RuntimeSignature) -> None:
        """A server is gone with all its workers."""
        self._idle = {worker: last for worker, last in self._idle.items() if worker[0] != signature}

    def dismiss_all(self) -> None:
        """Let every worker end that waits."""
        while self._idle:
            self._dismiss(next(iter(self._idle)))

    def _dismiss(self, worker: WorkerId) -> None:
        del self._idle[worker]
        with suppress(ServerLostError):
            self._servers.start(worker[0]).leave(worker[1])

    def _make_room(self, task: TrialTask) -> None:
        """End workers that wait, the longest first, before another one starts: all where memory is scarce.

        On the task's own GPU all of them: what a worker holds of a GPU's memory is missing to the trial.
        """
        memory = psutil.virtual_memory()
        scarce = memory.available < SCARCE_SHARE * memory.total
        for worker in [worker for worker, last in self._idle.items() if task.gpu is not None and last.gpu == task.gpu]:
            self._dismiss(worker)
        while len(self._idle) > (0 if scarce else self._spare):
            self._dismiss(next(iter(self._idle)))

    def _server(self, task: TrialTask) -> WarmServer:
        return self._servers.start(RuntimeSignature(task.cell.backend))

    def _log(self, name: str) -> Path:
        log = self._folder / name
        with suppress(OSError):
            # where a builder has put something else in its place, the worker's output goes nowhere
            log.parent.mkdir(parents=True, exist_ok=True)
        return log


def memory_limit(task: TrialTask) -> int:
    """Bytes that a trial may claim."""
    return task.cell.memory_limit_bytes or int(MEMORY_SHARE * psutil.virtual_memory().total)


def _group(task: TrialTask) -> tuple[object, ...]:
    """What tasks must share to be trained by one worker."""
    cell = task.cell
    return cell.backend, task.shape or task.key, cell.timeout_s, memory_limit(task), task.search_path
