"""The warm server: a process that has imported TensorFlow and Keras, and forks a worker for every job.

Importing the two costs seconds, forking a process that has done so costs milliseconds. The server itself runs no
operation of theirs, since a process in which TensorFlow has run must not be forked. It is the ancestor of all workers,
so it is here that deadlines are kept, and that workers end when the harness is gone, however it went. On Linux every
worker has a keeper between it and the server (`bench.execute.keeper`).
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.execute.channels import Messages
from bench.execute.keeper import AT_ONCE, END_S, GRACE_S, POLITELY, keep
from bench.execute.logs import LogLimit
from bench.execute.marks import MARK, end_marked
from bench.execute.messages import Ended, Job, Message, Ready
from bench.execute.processes import adopt_orphans, end_descendants, signal_all
from bench.execute.worker import work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess
    from types import FrameType

PRELOADED = ("tensorflow", "keras", "bench.execute.training", "bench.execute.errands")

GIVE_UP_S = END_S + 1.0
"""Seconds that a process may take to be gone once it must be."""


def start_method() -> str:
    """How workers start here: `fork` on Linux, `spawn` where system libraries do not survive a fork."""
    return "fork" if sys.platform == "linux" else "spawn"


def main() -> None:
    """Serve until the harness closes the connection.

    The command line names the descriptor of the connection, and a folder that this process makes for its temporary
    files and those of its workers, and that it removes when it ends.
    """
    connection, folder = Connection(int(sys.argv[1])), Path(sys.argv[2])
    signal.signal(signal.SIGTERM, _leave)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        adopt_orphans()
        started = time.perf_counter()
        if start_method() == "fork":
            with _leaving_with(connection, folder):
                for module in PRELOADED:
                    import_module(module)
            # workers share these objects' pages as long as no collector writes into them
            gc.collect()
            gc.freeze()
        # numerical libraries hold idle threads, none of which is inside a lock while the server waits
        warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
        with suppress(BrokenPipeError):
            connection.send(Ready(start_method(), time.perf_counter() - started))
            _Server(connection, folder).serve()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        shutil.rmtree(folder, ignore_errors=True)


def _leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  Python's signature
    sys.exit(128 + number)


@contextmanager
def _leaving_with(connection: Connection, folder: Path) -> Iterator[None]:
    """While entered, end this process when the harness is gone: imports take seconds and look at nothing."""
    done, finish = os.pipe()
    poll = select.poll()
    poll.register(connection.fileno(), 0)  # a hang-up is reported unasked; a job stays unread
    poll.register(done, 0)

    def watch() -> None:
        if any(descriptor == connection.fileno() for descriptor, _ in poll.poll()):
            shutil.rmtree(folder, ignore_errors=True)
            os._exit(0)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.close(finish)
        thread.join()
        os.close(done)


@dataclass(slots=True)
class _Worker:
    """A running job: its process (on Linux its keeper), its channels, and when it must be gone."""

    job: Job
    process: BaseProcess
    messages: Messages
    report: Connection | None
    deadline: float | None
    timed_out: bool = False


@dataclass(slots=True)
class _Server:
    connection: Connection
    folder: Path
    workers: dict[int, _Worker] = field(default_factory=dict)
    forks: bool = field(default_factory=lambda: start_method() == "fork")
    wake: int = -1
    woken_by: int = -1

    def serve(self) -> None:
        """Do what the harness asks for until it is gone; no worker is there afterwards."""
        context = multiprocessing.get_context(start_method())
        # the kernel says that a child has ended; a pipe would not, since grandchildren inherit its other end
        self.wake, self.woken_by = os.pipe()
        for descriptor in (self.wake, self.woken_by):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.woken_by, warn_on_full_buffer=False)
        try:
            while self._step(context):
                pass
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            self._end_all()

    def _step(self, context: BaseContext) -> bool:
        """Wait for one thing to happen and see to it; False when the harness is gone."""
        messages = {worker.messages: worker for worker in self.workers.values() if not worker.messages.closed}
        watched: list[Any] = [self.connection, self.wake, *messages]
        ready: list[Any] = wait(watched, timeout=self._patience())
        with suppress(BlockingIOError):
            os.read(self.wake, 4096)
        for item in ready:
            if item in messages:
                self._relay(messages[item], item.read())
        for worker in [worker for worker in self.workers.values() if worker.process.exitcode is not None]:
            self._bury(worker)
        if self.connection in ready:
            try:
                job = self.connection.recv()
            except (EOFError, ConnectionResetError):
                return False
            self._start(context, job)
        self._keep_deadlines()
        return True

    def _start(self, context: BaseContext, job: Job) -> None:
        Path(job.temporary).mkdir(mode=0o700, parents=True, exist_ok=True)
        reader, writer = context.Pipe(duplex=False)
        if self.forks:
            report, reporter = context.Pipe(duplex=False)
            others: list[Any] = [reader, report, self.connection]
            for worker in self.workers.values():
                others += [worker.report] if worker.report else []
                others += [] if worker.messages.closed else [worker.messages]
            inherited = [self.wake, self.woken_by, *(other.fileno() for other in others)]
            process = context.Process(target=keep, args=(job, writer, reporter, inherited), daemon=False)  # type: ignore[attr-defined]
            process.start()
            reporter.close()
        else:
            report = None
            os.environ[MARK] = job.temporary
            process = context.Process(target=work, args=(job, writer), daemon=False)  # type: ignore[attr-defined]
            process.start()
        writer.close()
        deadline = None if job.timeout_s is None else time.monotonic() + job.timeout_s
        self.workers[job.job_id] = _Worker(job, process, Messages(reader), report, deadline)

    def _relay(self, worker: _Worker, messages: Iterator[bytes]) -> None:
        for message in messages:
            self.connection.send(Message(worker.job.job_id, message))

    def _bury(self, worker: _Worker) -> None:
        """See to it that nothing of a worker is left, and report its end."""
        # what the worker sent before it ended comes before the news of its end
        self._relay(worker, worker.messages.read_rest())
        worker.messages.close()
        del self.workers[worker.job.job_id]
        ended = self._ended(worker)
        worker.process.close()
        shutil.rmtree(worker.job.temporary, ignore_errors=True)
        self.connection.send(ended)

    def _ended(self, worker: _Worker) -> Ended:
        job_id, code = worker.job.job_id, worker.process.exitcode
        code = -signal.SIGKILL if code is None else code
        if worker.report is None:
            _signal_group(worker.process, signal.SIGKILL)
            end_marked(worker.job.temporary, within_s=END_S)
            LogLimit([path for path in (worker.job.log, *worker.job.further_logs) if path]).keep()
            return Ended(job_id, code, worker.timed_out)
        reported = None
        with suppress(EOFError, OSError):
            reported = worker.report.recv() if worker.report.poll() else None
        worker.report.close()
        if reported is None:
            # its keeper was killed: what it kept are this process's children now, beside the other keepers
            end_descendants(within_s=END_S, spare=self._pids())
            return Ended(job_id, code, worker.timed_out)
        return Ended(job_id, reported.exit_code, worker.timed_out, reported.held_bytes)

    def _pids(self) -> list[int]:
        return [worker.process.pid for worker in self.workers.values() if worker.process.pid is not None]

    def _patience(self) -> float | None:
        """Seconds until the next deadline."""
        deadlines = [worker.deadline for worker in self.workers.values() if worker.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _keep_deadlines(self) -> None:
        now = time.monotonic()
        for worker in self.workers.values():
            if worker.deadline is None or now < worker.deadline:
                continue
            if self.forks:
                # a keeper gives its worker time to obey, and then some to end what is left
                signal_all([worker.process.pid or 0], signal.SIGKILL if worker.timed_out else POLITELY)
                worker.deadline = None if worker.timed_out else now + GRACE_S + 2 * END_S + 1.0
            else:
                _signal_group(worker.process, signal.SIGKILL if worker.timed_out else signal.SIGTERM)
                worker.deadline = None if worker.timed_out else now + GRACE_S
            worker.timed_out = True

    def _end_all(self) -> None:
        """End every worker at once."""
        workers = list(self.workers.values())
        if self.forks:
            signal_all(self._pids(), AT_ONCE)
            deadline = time.monotonic() + GIVE_UP_S
            while any(worker.process.exitcode is None for worker in workers) and time.monotonic() < deadline:
                time.sleep(0.005)
            end_descendants(within_s=END_S / 2)
            return
        for worker in workers:
            _signal_group(worker.process, signal.SIGKILL)
            end_marked(worker.job.temporary, within_s=END_S)


def _signal_group(process: BaseProcess, number: signal.Signals) -> None:
    """Signal a worker and all of its group; a worker that has no group of its own yet gets the signal alone."""
    pid = process.pid
    if pid is None:
        return
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        with suppress(ProcessLookupError):
            if process.is_alive():
                os.kill(pid, number)
    except PermissionError:
        # macOS answers so for a group whose processes have all ended
        return


if __name__ == "__main__":
    main()
