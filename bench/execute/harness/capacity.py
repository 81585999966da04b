"""What of this machine a run may use: cores and memory, as far as limits and neighbours leave them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence

PACER = "bench.execute.system.pacer"

ROUND_S, ROUNDS = 0.2, 2
"""Seconds that a number of workers is tried for, and how often: the better time counts, as others only slow it down."""

QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Where a container's share of the processors is (Documentation/admin-guide/cgroup-v2.rst, CPU interface files)."""


def usable_cores(quota: Path = QUOTA) -> int:
    """Cores that this process may use, at least 1: those it may run on, and no more than a container is given."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        given, period = quota.read_text(encoding="ascii").split()
        return max(1, min(cores, int(given) // int(period)))
    except (OSError, ValueError, ZeroDivisionError):  # no limit is the word `max`
        return cores


def free_bytes() -> int:
    """Memory that programs can have without anything being swapped out."""
    return int(psutil.virtual_memory().available)


def measured_rates(numbers: Sequence[int]) -> dict[int, float]:
    """Rounds of a small network's arithmetic that workers do in a second, by how many there are at once.

    Each worker is a process with one thread. The numbers take turns, so that slow drift of the machine hits all alike.

    Args:
        numbers: of workers, in rising order.

    Returns:
        Empty where a worker did not answer.
    """
    with ExitStack() as stack:
        workers = [stack.enter_context(_Pacer()) for _ in range(max(numbers))]
        try:
            for worker in workers:
                worker.answer()
            rates = dict.fromkeys(numbers, 0.0)
            for _ in range(ROUNDS):
                for number in numbers:
                    for worker in workers[:number]:
                        worker.ask(ROUND_S)
                    rates[number] = max(rates[number], sum(worker.answer() for worker in workers[:number]))
        except (OSError, ValueError):  # one of them is gone
            return {}
        return rates


class _Pacer:
    """A process that computes for as long as it is asked to, and answers with its rounds per second."""

    def __init__(self) -> None:
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
        self._process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", PACER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
            env={
                **os.environ,
                **dict.fromkeys(names, "1"),
                "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError), self._process:
            self._process.kill()

    def ask(self, duration_s: float) -> None:
        self._process.stdin.write(f"{duration_s}\n")  # type: ignore[union-attr]  # it is a pipe

    def answer(self) -> float:
        return float(self._process.stdout.readline())  # type: ignore[union-attr]  # it is a pipe
