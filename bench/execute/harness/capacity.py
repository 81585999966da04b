"""What of this machine a run may use: cores and memory, as far as limits and neighbours leave them."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

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
