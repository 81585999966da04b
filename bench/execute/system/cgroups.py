"""Memory limits by the kernel's control groups, where this user may make them (cgroup v2, Linux).

The kernel counts for a group whatever any of its processes takes, files in memory included, and ends the group when it
has reached its limit (Documentation/admin-guide/cgroup-v2.rst). A user may make groups where systemd has delegated
them, which it does for programs that are started by a user's own service manager.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
EMPTY_S = 1.0
"""Seconds in which a group whose processes were ended becomes empty."""


def delegated() -> Path | None:
    """The group in which this process may make groups that bound memory; None where there is no such group.

    It is the parent of the own group, since a group that holds processes cannot have others below it.
    """
    try:
        lines = OWN.read_text(encoding="utf-8").splitlines()
        own = next(line.removeprefix("0::/") for line in lines if line.startswith("0::/"))
        parent = (ROOT / own).parent
        controllers = (parent / "cgroup.subtree_control").read_text(encoding="utf-8").split()
    except (OSError, StopIteration):
        return None
    writable = os.access(parent, os.W_OK) and os.access(parent / "cgroup.procs", os.W_OK)
    return parent if own and "memory" in controllers and writable else None


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """A group for one worker and all that it starts."""

    folder: Path
    limit_bytes: int

    def over_bytes(self) -> int:
        """What its processes held when the kernel ended them for it; 0 where it has not."""
        try:
            events = (self.folder / "memory.events").read_text(encoding="ascii")
        except OSError:
            return 0
        killed = dict(line.split() for line in events.splitlines()).get("oom_kill", "0")
        return self.limit_bytes if int(killed) else 0

    def remove(self) -> None:
        """End what is in it, and remove it."""
        with suppress(OSError):
            if (self.folder / "cgroup.kill").exists():  # since Linux 5.14; older ones find it empty in a moment
                (self.folder / "cgroup.kill").write_text("1", encoding="ascii")
        until = time.monotonic() + EMPTY_S
        while self.folder.exists() and time.monotonic() < until:
            try:
                self.folder.rmdir()
            except OSError:
                time.sleep(0.005)


def make_group(parent: Path | None, name: str, limit_bytes: int | None) -> MemoryGroup | None:
    """A group that bounds memory; None where there is no limit, or none can be made.

    Args:
        parent: of `delegated`.
        name: of the group, which is new.
        limit_bytes: what its processes may hold together.
    """
    if parent is None or limit_bytes is None:
        return None
    group = MemoryGroup(parent / name, limit_bytes)
    try:
        group.folder.mkdir()
        (group.folder / "memory.max").write_text(str(limit_bytes), encoding="ascii")
        (group.folder / "memory.oom.group").write_text("1", encoding="ascii")
        if (group.folder / "memory.swap.max").exists():
            (group.folder / "memory.swap.max").write_text("0", encoding="ascii")
    except OSError:
        group.remove()
        return None
    return group


def enter(folder: str | None) -> None:
    """Have this process, and what it starts from here on, belong to a group; where it cannot, it stays where it is."""
    if folder is not None:
        with suppress(OSError):
            (Path(folder) / "cgroup.procs").write_text("0", encoding="ascii")
