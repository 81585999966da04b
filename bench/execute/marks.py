"""Finding what a worker left behind by a mark in its environment, where no process can adopt orphans (macOS).

A worker is started with the mark, and what it starts inherits it. A process that clears its environment, and belongs
neither to the worker's group, is not found.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "KERAS_BENCH_JOB"
"""The variable that says which job a process belongs to."""


def end_marked(mark: str, *, within_s: float) -> int:
    """End every process whose environment holds a mark.

    Args:
        mark: the value of `KERAS_BENCH_JOB`.
        within_s: seconds after which it is given up.

    Returns:
        How many are left.
    """
    deadline = time.monotonic() + within_s
    while left := list(_marked(mark)):
        for process in left:
            try:
                process.kill()
            except psutil.Error:
                continue
        psutil.wait_procs(left, timeout=0.1)
        if time.monotonic() > deadline:
            return len(left)
    return 0


def _marked(mark: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except psutil.Error:
            continue
