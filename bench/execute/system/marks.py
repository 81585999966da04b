"""Finding processes by a mark in their environment, where their parent was killed or cannot adopt orphans (macOS).

A server is started with the mark, a spawned worker with one of its own, and what they start inherits it. A process that
was started with another environment is not found.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "KERAS_BENCH_FOLDER"
"""The variable that names the folder for temporary files of a server, or of a worker below it."""


def end_marked(mark: str, *, within_s: float) -> int:
    """End every process whose environment holds a mark, but this one.

    Args:
        mark: the folder of a worker, or of a server, which takes all its workers with it.
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
            value = process.environ().get(MARK, "")
            if (value == mark or value.startswith(f"{mark}/")) and process.pid != os.getpid():
                yield process
        except psutil.Error:
            continue
