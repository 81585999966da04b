"""The warm server: a process that has imported TensorFlow and Keras, and forks a worker for every job.

Importing the two costs seconds, forking a process that has done so costs milliseconds. The server itself runs no
operation of theirs, since a process in which TensorFlow has run must not be forked. It is the parent of all workers, so
it is here that deadlines are kept, and that workers end when the harness is gone, however it went.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

from bench.execute.messages import Ended, Job, Message, Ready
from bench.execute.worker import work

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

GRACE_S = 2.0
"""Seconds between the polite signal and the one that cannot be ignored."""

PRELOADED = ("tensorflow", "keras", "bench.execute.training", "bench.execute.errands")


def start_method() -> str:
    """How workers start here: `fork` on Linux, `spawn` where system libraries do not survive a fork."""
    return "fork" if sys.platform == "linux" else "spawn"


def main() -> None:
    """Serve until the harness closes the connection whose descriptor the command line names."""
    connection = Connection(int(sys.argv[1]))
    started = time.perf_counter()
    if start_method() == "fork":
        for module in PRELOADED:
            import_module(module)
        # workers share these objects' pages as long as no collector writes into them
        gc.collect()
        gc.freeze()
    # numerical libraries hold idle threads, none of which is inside a lock while the server waits
    warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
    connection.send(Ready(start_method(), time.perf_counter() - started))
    with suppress(BrokenPipeError):
        _Server(connection).serve()


@dataclass(slots=True)
class _Worker:
    """A running job: its process, its channel, and when it must be gone."""

    job: Job
    process: BaseProcess
    channel: Connection | None
    deadline: float | None
    timed_out: bool = False


@dataclass(slots=True)
class _Server:
    connection: Connection
    workers: dict[int, _Worker] = field(default_factory=dict)

    def serve(self) -> None:
        context = multiprocessing.get_context(start_method())
        try:
            while self._step(context):
                pass
        finally:
            for worker in self.workers.values():
                _end_group(worker.process, signal.SIGKILL)

    def _step(self, context: BaseContext) -> bool:
        """Wait for one thing to happen and see to it; False when the harness is gone."""
        channels = {worker.channel: worker for worker in self.workers.values() if worker.channel}
        sentinels = {worker.process.sentinel: worker for worker in self.workers.values()}
        ready = wait([self.connection, *channels, *sentinels], timeout=self._patience())
        for item in ready:
            if item in channels:
                self._relay(channels[item])
        for item in ready:
            if item in sentinels:
                self._reap(sentinels[item])
        if self.connection in ready:
            try:
                job = self.connection.recv()
            except (EOFError, ConnectionResetError):
                return False
            self._start(context, job)
        self._keep_deadlines()
        return True

    def _start(self, context: BaseContext, job: Job) -> None:
        reader, writer = context.Pipe(duplex=False)
        inherited = self.connection if start_method() == "fork" else None
        process = context.Process(target=work, args=(job, writer, inherited), daemon=False)  # type: ignore[attr-defined]
        process.start()
        writer.close()
        deadline = None if job.timeout_s is None else time.monotonic() + job.timeout_s
        self.workers[job.job_id] = _Worker(job, process, reader, deadline)

    def _relay(self, worker: _Worker) -> None:
        channel = worker.channel
        if channel is None:
            return
        try:
            self.connection.send(Message(worker.job.job_id, channel.recv_bytes()))
        except (EOFError, OSError):
            # a worker that dies in the middle of a message has said nothing
            channel.close()
            worker.channel = None

    def _reap(self, worker: _Worker) -> None:
        # what the worker sent before it ended comes before the news of its end
        while worker.channel is not None and worker.channel.poll():
            self._relay(worker)
        worker.process.join()
        _end_group(worker.process, signal.SIGKILL)
        del self.workers[worker.job.job_id]
        code = worker.process.exitcode
        self.connection.send(Ended(worker.job.job_id, -signal.SIGKILL if code is None else code, worker.timed_out))
        worker.process.close()

    def _patience(self) -> float | None:
        """Seconds until the next deadline."""
        deadlines = [worker.deadline for worker in self.workers.values() if worker.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _keep_deadlines(self) -> None:
        now = time.monotonic()
        for worker in self.workers.values():
            if worker.deadline is None or now < worker.deadline:
                continue
            _end_group(worker.process, signal.SIGKILL if worker.timed_out else signal.SIGTERM)
            worker.deadline = None if worker.timed_out else now + GRACE_S
            worker.timed_out = True


def _end_group(process: BaseProcess, number: signal.Signals) -> None:
    """Signal a worker and all it started; a worker that has no group of its own yet gets the signal alone."""
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
