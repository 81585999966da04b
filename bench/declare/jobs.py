"""`--jobs auto`: how many trials at a time pay on a machine, where scores count and times do not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.declare.device import parse_device

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.declare.cell import Cell

AUTO = 0
"""What stands for `auto` where a number of jobs is meant."""

SINGLE = "cpu[threads=1]"
"""The device of a worker of which there are as many as cores."""

WORKER_BYTES = 2**30
"""What a trial of a small network holds, TensorFlow and its data included; counted where a suite sets no limit."""


WORTH_MEASURING = 8
"""Trials for each worker from which it is measured how many pay: with fewer, measuring costs more than it wins."""

PAYING_SHARE = 0.95
"""Of the most work that any number of workers does: fewer workers that do as much wait less and hold less memory."""


class Bound(StrEnum):
    """What keeps a run from more jobs."""

    CORES = "cores"
    MEMORY = "memory"
    THREADS = "threads"  # trials that use several cores each
    GPU = "gpu"
    TRIALS = "trials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """How many trials run at a time.

    Attributes:
        number: at least 1.
        bound: why not more.
        cores: that this process may use.
        threads: that a trial uses, at most.
    """

    number: int
    bound: Bound
    cores: int
    threads: int


def jobs_for(cells: Sequence[Cell], *, trials: int, cores: int, free_bytes: int, gpus: int = 0) -> Jobs:
    """As many as the cores and the memory carry: a core is worth most to a trial that has it for itself.

    A GPU has one trial at a time, and its program a core.

    Args:
        cells: to be trained. One that names no number of threads uses every core.
        trials: of all of them.
        cores: that this process may use.
        free_bytes: of memory.
        gpus: that `device = "gpu"` may take.
    """
    devices = [parse_device(name) for name in dict.fromkeys(cell.device for cell in cells)]
    threads = max((device.threads or cores for device in devices if device.kind == "cpu"), default=1)
    on_gpu = [device for device in devices if device.kind == "gpu"]
    named = len({device.index for device in on_gpu if device.index is not None})
    by_gpus = max(named, gpus if any(device.any_gpu for device in on_gpu) else 0, 1)
    held = max((cell.memory_limit_bytes or WORKER_BYTES for cell in cells), default=WORKER_BYTES)
    by_cores = Bound.THREADS if threads > 1 else Bound.CORES
    most = [(cores // threads, by_cores), (free_bytes // held, Bound.MEMORY), (trials, Bound.TRIALS)]
    if on_gpu:
        most.insert(0, (by_gpus, Bound.GPU))
    number, bound = min(most, key=lambda pair: pair[0])
    return Jobs(number=max(1, number), bound=bound, cores=cores, threads=threads)


def worth_measuring(jobs: Jobs, trials: int) -> bool:
    """Whether it pays to measure how many workers pay.

    Args:
        jobs: as many as cores and memory carry.
        trials: that are to be trained.
    """
    return jobs.number > 1 and jobs.bound is not Bound.GPU and trials >= WORTH_MEASURING * jobs.number


def candidates(most: int) -> tuple[int, ...]:
    """The numbers of workers to try: the most, half of it, and so on to 1; in rising order."""
    numbers = [most]
    while numbers[-1] > 1:
        numbers.append((numbers[-1] + 1) // 2)
    return tuple(reversed(numbers))


def paying(rates: Mapping[int, float]) -> int:
    """The fewest workers that do nearly as much as any other number of them.

    Args:
        rates: by number of workers, the work that all of them do in a second.
    """
    most = max(rates.values())
    return min(number for number, rate in rates.items() if rate >= PAYING_SHARE * most)
