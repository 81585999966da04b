"""The first lines of every worker process: a group of its own, its output captured, its memory bounded."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.execute.system.cgroups import enter
from bench.execute.system.logs import open_log
from bench.execute.system.processes import adopt_orphans, end_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from bench.execute.protocol import Job

FAILED_EXIT = 1


def work(
    job: Job, channel: Connection, inherited: Sequence[int], group: str | None, following: Connection | None = None
) -> None:
    """Run one job and end the process; nothing that TensorFlow does on a normal exit is waited for.

    Args:
        job: what to do.
        channel: where its results go; printing cannot reach it.
        inherited: descriptors of the server that a forked worker must not keep open.
        group: the control group that bounds its memory; None where there is none.
        following: says which further payload is there; None for a job that has but one.
    """
    enter(group)
    signal.set_wakeup_fd(-1)
    for descriptor in inherited:
        os.close(descriptor)
    os.setsid()
    adopt_orphans()
    end_with_parent(signal.SIGKILL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    capture(job.log)
    code = FAILED_EXIT
    try:
        os.chdir(job.folder)
        # `tempfile` has looked up its folder in the server already
        os.environ["TMPDIR"] = tempfile.tempdir = job.temporary
        _limit_memory(job.memory_limit_bytes)
        module, _, name = job.function.partition(":")
        further = () if following is None else (_further(job.temporary, following),)
        getattr(import_module(module), name)(job.payload, channel.send, *further)
        code = 0
    except BaseException:  # noqa: BLE001  whatever it was, the log must say so before the process is gone
        traceback.print_exc()
    finally:
        _end(channel, code)


def _further(folder: str, following: Connection) -> Iterator[Any]:
    """The further payloads of a lasting job, each as it comes."""
    while True:
        try:
            number = following.recv_bytes().decode()
        except (EOFError, OSError):
            return
        file = Path(folder) / f"{number}.payload"
        content = file.read_bytes()
        file.unlink()
        yield pickle.loads(content)  # noqa: S301  our own harness's


def _end(channel: Connection, code: int) -> None:
    """End the process, whatever a job has done to its output or its channel."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        channel.close()
    finally:
        os._exit(code)


def capture(log: str | None) -> None:
    """Send what this process and its libraries print to the log, whatever language they print from."""
    target = open_log(log)
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
