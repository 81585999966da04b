"""Where a process number names a process, and whether that process still runs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from uuid import uuid4


@cache
def place() -> str:
    """Where this process's number names this very process.

    A system since it was started, and a namespace of processes, of which each container has its own. Names of hosts say
    nothing: containers share them. Where the system does not say, a random name, so that no other process is here.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return uuid4().hex


def is_running(process_id: int, started: float | None = None) -> bool:
    """Whether a process of this place runs.

    Args:
        process_id: its number.
        started: when it started, seconds since 1970, as a number is given out again; None where that is not known.
    """
    import psutil  # noqa: PLC0415  wanted where a store is looked at

    try:
        process = psutil.Process(process_id)
        # one that has ended may wait for its parent to notice
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and (started is None or abs(process.create_time() - started) < 1)
    except (psutil.Error, ValueError):
        return False
