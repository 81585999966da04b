"""The first lines of every worker process: a group of its own, its output captured, its memory bounded."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from bench.execute.messages import Job

FAILED_EXIT = 1
PR_SET_PDEATHSIG = 1


def work(job: Job, channel: Connection, inherited: Connection | None) -> None:
    """Run one job and end the process; nothing that TensorFlow does on a normal exit is waited for.

    Args:
        job: what to do.
        channel: where its results go; printing cannot reach it.
        inherited: the server's own connection, which a forked worker must not keep open.
    """
    if inherited is not None:
        inherited.close()
    os.setsid()
    _end_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.chdir(job.folder)
    capture(job.log)
    code = FAILED_EXIT
    try:
        _limit_memory(job.memory_limit_bytes)
        module, _, name = job.function.partition(":")
        getattr(import_module(module), name)(job.payload, channel.send)
        code = 0
    except BaseException:  # noqa: BLE001  whatever it was, the log must say so before the process is gone
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        channel.close()
        os._exit(code)


def _end_with_parent() -> None:
    """Have the kernel end this process when the server that keeps its deadline is gone (prctl(2), Linux only)."""
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415  wanted nowhere else

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def capture(log: str | None) -> None:
    """Send what this process and its libraries print to the log, whatever language they print from."""
    target = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    source = os.open(os.devnull, os.O_RDONLY)
    os.dup2(source, 0)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(source)
    os.close(target)


def _limit_memory(limit: int | None) -> None:
    """Bound what the process may allocate, so that the trial fails and not the machine.

    Linux counts private writable memory against RLIMIT_DATA (since 4.7, setrlimit(2)); what was inherited from the
    server counts too. Elsewhere the limit is not enforced, and `bench doctor` says so.
    """
    if limit is None or sys.platform != "linux":
        return
    import resource  # noqa: PLC0415  there is none on Windows

    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
