"""`--jobs auto`: how many trials at a time pay on a machine, where scores count and times do not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.declare.device import parse_device

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.declare.cell import Cell

AUTO = 0
"""What stands for `auto` where a number of jobs is meant."""

SINGLE = "cpu[threads=1]"
"""The device of a worker of which there are as many as cores."""

WORKER_BYTES = 2**30
"""What a trial of a small network holds, TensorFlow and its data included; counted where a suite sets no limit."""


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


def jobs_for(cells: Sequence[Cell], *, trials: int, cores: int, free_bytes: int) -> Jobs:
    """As many as the cores and the memory carry: a core is worth most to a trial that has it for itself.

    Args:
        cells: to be trained. One that names no number of threads uses every core.
        trials: of all of them.
        cores: that this process may use.
        free_bytes: of memory.
    """
    devices = [parse_device(name) for name in dict.fromkeys(cell.device for cell in cells)]
    if any(device.kind == "gpu" for device in devices):
        return Jobs(number=1, bound=Bound.GPU, cores=cores, threads=1)
    threads = max((device.threads or cores for device in devices), default=1)
    held = max((cell.memory_limit_bytes or WORKER_BYTES for cell in cells), default=WORKER_BYTES)
    by_cores = Bound.THREADS if threads > 1 else Bound.CORES
    most = ((cores // threads, by_cores), (free_bytes // held, Bound.MEMORY), (trials, Bound.TRIALS))
    number, bound = min(most, key=lambda pair: pair[0])
    return Jobs(number=max(1, number), bound=bound, cores=cores, threads=threads)
