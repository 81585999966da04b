"""The trials that an executor has taken from its source and that wait for a place: processors or a GPU."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.execute.harness.gpus import UNASKED
from bench.execute.harness.places import Place, place_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.execute.harness.gpus import SeenGpus
    from bench.execute.harness.workers import Workers
    from bench.execute.messages import TrialTask

AHEAD = 2
"""Trials that may wait for their place, for each that may run: CPU and GPU may take turns in the plan."""


class PlaceQueue:
    """Trials in the order of the plan; the first that has a place is the next to start.

    Args:
        workers: of the executor; a trial prefers the GPU of a worker that already has its program.
        jobs: trials at a time.
        gpus: by backend, the GPUs that it sees.
    """

    def __init__(self, workers: Workers, jobs: int, gpus: Mapping[str, SeenGpus]) -> None:
        self._workers, self._jobs, self._gpus = workers, jobs, gpus
        self._tasks: list[TrialTask] = []
        self._gpu_uses = Counter[int]()

    @property
    def tasks(self) -> tuple[TrialTask, ...]:
        """The trials that wait."""
        return tuple(self._tasks)

    @property
    def full(self) -> bool:
        """Whether no further trial may be taken from the source."""
        return len(self._tasks) >= AHEAD * self._jobs

    def add(self, task: TrialTask) -> None:
        """Have a trial wait for its place."""
        self._tasks.append(task)

    def take(self, running: Iterable[TrialTask]) -> TrialTask | None:
        """Remove the first trial that has a place beside those that run, with its GPU where it has one.

        A trial that cannot be trained needs no place. None where every trial has to wait.
        """
        busy = [Place(task.gpu) for task in running]
        for position, task in enumerate(self._tasks):
            gpus = self._gpus.get(task.cell.backend, UNASKED).usable
            warm = self._workers.warm_gpus(task) if gpus else ()
            place = place_for(task.device, gpus=gpus, busy=busy, jobs=self._jobs, warm=warm, given=self._gpu_uses)
            if place is not None or task.refusal is not None:
                del self._tasks[position]
                return task if place is None else self._placed(task, place)
        return None

    def at_once(self, task: TrialTask) -> int:
        """Trials that run at a time while this one does: on GPUs no more than there are."""
        seen = self._gpus.get(task.cell.backend)
        return self._jobs if task.gpu is None or seen is None else min(self._jobs, max(1, seen.number))

    def _placed(self, task: TrialTask, place: Place) -> TrialTask:
        if place.gpu is not None:
            self._gpu_uses[place.gpu] += 1
        return replace(task, gpu=place.gpu)
