"""What Linux knows of a process and its descendants: who they are, what memory they hold, and how all of them end.

Nothing here needs privileges. A process that adopts orphans is the ancestor of everything that was ever started below
it, whatever sessions and groups its descendants made: so all of them can be listed, and ended.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

PROC = Path("/proc")
LONGEST_SLEEP_S = 0.05

HOLDS_ARE_KNOWN = (PROC / "self" / "smaps_rollup").exists()
"""Whether the kernel tells what processes hold together (Linux 5.4, proc_pid_smaps_rollup(5))."""


def adopt_orphans() -> None:
    """Have the kernel make this process the parent of every orphan below it (prctl(2), Linux only)."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_with_parent(number: signal.Signals) -> None:
    """Have the kernel signal this process when its parent is gone (prctl(2), Linux only).

    Args:
        number: the signal; it does not come where the parent was gone before this call.
    """
    _prctl(PR_SET_PDEATHSIG, number)


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415  wanted nowhere else

    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def descendants(pid: int) -> list[int]:
    """The ids of all processes below one, parents first; those that end meanwhile may be missing."""
    try:
        (PROC / str(pid) / "task" / str(pid) / "children").read_bytes()
    except FileNotFoundError:
        # a kernel without CONFIG_PROC_CHILDREN
        with suppress(psutil.NoSuchProcess):
            return [child.pid for child in psutil.Process(pid).children(recursive=True)]
        return []
    except OSError:
        return []
    listed = _children(pid)
    for child in listed:
        # the list grows while it is gone through
        listed += _children(child)
    return listed


def _children(pid: int) -> list[int]:
    """The children of all threads of a process."""
    listed: list[int] = []
    with suppress(OSError):
        for thread in (PROC / str(pid) / "task").iterdir():
            with suppress(OSError):
                listed += [int(word) for word in (thread / "children").read_bytes().split()]
    return listed


def end_descendants(*, within_s: float, spare: Collection[int] = ()) -> int:
    """End every descendant of this process, and reap those that are its children.

    All are stopped before the first is killed, since what is stopped cannot start another process.

    Args:
        within_s: seconds after which it is given up; a process in an uninterruptible call cannot be ended.
        spare: children that are left alone with their descendants.

    Returns:
        How many are left.
    """
    deadline, sleep_s = time.monotonic() + within_s, 0.001
    while True:
        reap(spare)
        stopped: set[int] = set()
        while new := set(_below(spare)) - stopped:
            signal_all(new, signal.SIGSTOP)
            stopped |= new
        if not stopped:
            return 0
        signal_all(stopped, signal.SIGKILL)
        if time.monotonic() > deadline:
            return len(stopped)
        time.sleep(sleep_s)
        sleep_s = min(2 * sleep_s, LONGEST_SLEEP_S)


def _below(spare: Collection[int]) -> list[int]:
    """All descendants of this process but the spared ones; with no child there is nothing to list."""
    own = os.getpid()
    if not spare:
        with suppress(ChildProcessError):
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            return descendants(own)
        return []
    spared = {*spare, *(pid for child in spare for pid in descendants(child))}
    return [pid for pid in descendants(own) if pid not in spared]


def reap(spare: Collection[int] = ()) -> dict[int, int]:
    """Take note of children that have ended.

    Args:
        spare: children that somebody else waits for.

    Returns:
        Their exit codes by id; a negative signal number where a signal ended one.
    """
    codes: dict[int, int] = {}
    for pid in () if not spare else [child for child in _children(os.getpid()) if child not in spare]:
        with suppress(ChildProcessError):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                codes[ended] = os.waitstatus_to_exitcode(status)
    while not spare:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if not ended:
            break
        codes[ended] = os.waitstatus_to_exitcode(status)
    return codes


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    """Signal processes; those that are gone, or that this user may not signal, are passed over."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def held_bytes(pids: Collection[int], *, limit: int) -> int:
    """The memory that processes hold together: what they have written, and what they share, counted once.

    Files that are mapped do not count, since the kernel takes their pages back when it needs them.

    Args:
        pids: the processes; one that is gone counts nothing.
        limit: what is of interest. The sum of what each holds is cheap to read and never too small; only where it is
            above the limit, shared pages are told apart, for which the kernel goes through all pages of a process.
    """
    upper = sum(_fields(pid, "status", ("RssAnon", "RssShmem", "VmSwap")) for pid in pids)
    if upper <= limit:
        return upper
    return sum(_fields(pid, "smaps_rollup", ("Pss_Anon", "Pss_Shmem", "SwapPss")) for pid in pids)


def _fields(pid: int, name: str, fields: tuple[str, ...]) -> int:
    """The sum, in bytes, of lines such as `RssAnon:  123 kB` of a file of a process."""
    try:
        text = (PROC / str(pid) / name).read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    lines = (line.partition(":") for line in text.splitlines())
    return sum(int(rest.split()[0]) * 1024 for label, _, rest in lines if label in fields)
