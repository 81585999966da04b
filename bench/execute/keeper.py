"""A worker's keeper: the process between the warm server and one worker, which ends with all that the worker started.

The kernel makes a keeper the parent of every orphan below it. So what a worker leaves behind is a child of its keeper
and of nobody else, whatever session, group or environment it gave itself, and however many workers run beside it. A
keeper waits for its worker itself and for no pipe, which a grandchild could hold open. Linux only.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.execute.logs import LogLimit
from bench.execute.messages import Ended
from bench.execute.processes import (
    adopt_orphans,
    descendants,
    end_descendants,
    end_with_parent,
    held_bytes,
    reap,
    signal_all,
)
from bench.execute.worker import work

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from types import FrameType

    from bench.execute.messages import Job

GRACE_S = 2.0
"""Seconds between the polite signal and the one that cannot be ignored."""

END_S = 2.0
"""Seconds in which all that is left must be gone; after them its end is reported all the same."""

LOOK_S = 0.5
"""Seconds between two looks at memory and logs."""

POLITELY, AT_ONCE = signal.SIGTERM, signal.SIGQUIT
"""What the server asks a keeper for: end the worker and give it time to obey, or end it now."""


def keep(job: Job, channel: Connection, report: Connection, inherited: Sequence[int]) -> None:
    """Start a worker for a job, wait for it, end what it left, report its end, and end.

    Args:
        job: what to do.
        channel: where the worker's results go.
        report: where its `Ended` goes.
        inherited: descriptors of the server that neither this process nor the worker may keep open.
    """
    code = 1
    try:
        for descriptor in inherited:
            os.close(descriptor)
        server = os.getppid()
        adopt_orphans()
        end_with_parent(AT_ONCE)
        keeper = _Keeper(job)
        keeper.start(channel, report)
        if os.getppid() != server:
            os.kill(os.getpid(), AT_ONCE)  # the server ended before the kernel was asked to tell
        ended = keeper.wait()
        shutil.rmtree(job.temporary, ignore_errors=True)
        with suppress(OSError):
            report.send(ended)
        code = 0
    except BaseException:  # noqa: BLE001  the server's own log is where a bug of ours must show
        traceback.print_exc()
    finally:
        os._exit(code)


@dataclass(slots=True)
class _Asked:
    """What this process was asked for by a signal."""

    politely: bool = False
    at_once: bool = False


class _Keeper:
    """One worker, from its start to the end of all that it started."""

    def __init__(self, job: Job) -> None:
        self._job, self._asked, self._worker = job, _Asked(), 0
        self._logs = LogLimit([path for path in (job.log, *job.further_logs) if path])
        self._wake, self._woken_by = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        for number in (POLITELY, AT_ONCE, signal.SIGCHLD):
            signal.signal(number, self._note)
        signal.set_wakeup_fd(self._woken_by, warn_on_full_buffer=False)

    def start(self, channel: Connection, report: Connection) -> None:
        """Fork the worker."""
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            os.close(self._wake)
            os.close(self._woken_by)
            report.close()
            work(self._job, channel)
        self._worker = pid
        channel.close()

    def wait(self) -> Ended:
        """Wait for the worker; none of its descendants is there afterwards."""
        kill_at: float | None = None
        held = 0
        while True:
            codes = reap()
            if self._worker in codes:
                break
            if self._asked.politely and kill_at is None:
                self._signal_group(signal.SIGTERM)
                kill_at = time.monotonic() + GRACE_S
            held = held or self._above_limit()
            if held or self._asked.at_once or (kill_at is not None and time.monotonic() >= kill_at):
                codes = self._kill()
                break
            self._logs.keep()
            select.select([self._wake], [], [], LOOK_S)
            with suppress(BlockingIOError):
                os.read(self._wake, 4096)
        end_descendants(within_s=END_S)
        self._logs.keep()
        return Ended(self._job.job_id, codes.get(self._worker, -signal.SIGKILL), held_bytes=held)

    def _kill(self) -> dict[int, int]:
        """End the worker before all others, so that its exit code is known."""
        signal_all([self._worker], signal.SIGKILL)
        deadline = time.monotonic() + END_S
        while time.monotonic() < deadline:
            codes = reap()
            if self._worker in codes:
                return codes
            time.sleep(0.002)
        return {}

    def _above_limit(self) -> int:
        """What the worker and its processes hold, if that is more than they may; else 0."""
        limit = self._job.memory_limit_bytes
        if limit is None:
            return 0
        held = held_bytes(descendants(os.getpid()), limit=limit)
        return held if held > limit else 0

    def _signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._worker, number)
        except ProcessLookupError:
            # it has no group of its own yet
            signal_all([self._worker], number)

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  Python's signature
        self._asked.politely |= number == POLITELY
        self._asked.at_once |= number == AT_ONCE
