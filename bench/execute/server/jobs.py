"""The workers of a warm server: forked for a job each, kept within limits, ended with all that they started."""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.execute.held import hold
from bench.execute.protocol import Ended, Following, Hold, Job, Leave, Message, Rest
from bench.execute.server.channels import Messages
from bench.execute.system.cgroups import MemoryGroup, delegated, make_group
from bench.execute.system.logs import LogLimit, open_log
from bench.execute.system.marks import MARK, end_marked
from bench.execute.system.processes import HOLDS_ARE_KNOWN, descendants, end_descendants, held_bytes
from bench.execute.worker.process import FAILED_EXIT, work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

GRACE_S = 2.0
"""Seconds between the polite signal and the one that cannot be ignored."""


LEAVE_S = 5.0
"""Seconds that a lasting worker may take to end after it has heard that nothing more comes."""


END_S = 2.0
"""Seconds in which a process that was killed must be gone; after them its end is reported all the same."""


LOOK_S = 0.5
"""Seconds between two looks at memory and logs."""


LOOK_SHARE = 0.02
"""The share of the time that looking may take: where processes share much, the kernel goes through all their pages."""


class Step(Enum):
    """What is done to end a worker."""

    ASK = auto()
    KILL = auto()
    GIVE_UP = auto()


PATIENCE_S = {Step.ASK: GRACE_S, Step.KILL: END_S}
"""Seconds from one step to the next."""


@dataclass(slots=True)
class _Worker:
    """A running job: its process, its channel, and when what happens next.

    Attributes:
        deadline: when the next step of its end is due; None for never.
        steps: what is still to be done to end it, the first at the deadline.
        requests: where a lasting worker hears of further payloads; None for any other, and for one that is to end.
        given: how many further payloads it was given.
        held_bytes: what it and its processes held when that was too much.
    """

    job: Job
    process: BaseProcess
    messages: Messages
    logs: LogLimit
    group: MemoryGroup | None
    deadline: float | None
    requests: Connection | None = None
    given: int = 0
    steps: list[Step] = field(default_factory=lambda: list(Step))
    timed_out: bool = False
    held_bytes: int = 0

    @property
    def pid(self) -> int:
        """Of its process, which has been started."""
        return self.process.pid or 0


@dataclass(slots=True)
class Server:
    """What the harness asks of the server, and the workers that do it.

    Attributes:
        connection: to the harness.
        folder: of the temporary files of all jobs.
        lock: the descriptor that keeps the folder, which workers must not inherit.
        start_method: of workers, `fork` or `spawn`.
        workers: by job.
        groups: where memory groups are made; None where the kernel has none for us.
        wake: becomes readable when a child has ended; `woken_by` is its other end.
        look_at: when memory and logs are next looked at, on the monotonic clock.
    """

    connection: Connection
    folder: Path
    lock: int
    start_method: str
    workers: dict[int, _Worker] = field(default_factory=dict)
    groups: Path | None = field(default_factory=delegated)
    wake: int = -1
    woken_by: int = -1
    look_at: float = 0.0

    @property
    def forks(self) -> bool:
        """Whether workers inherit the server's memory and descriptors."""
        return self.start_method == "fork"

    def serve(self) -> None:
        """Do what the harness asks for until it is gone; no worker is there afterwards."""
        context = multiprocessing.get_context(self.start_method)
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
                wish = self.connection.recv()
            except (EOFError, ConnectionResetError):
                return False
            self._see_to(context, wish)
        self._look()
        self._keep_deadlines()
        return True

    def _see_to(self, context: BaseContext, wish: Job | Hold | Following | Rest | Leave) -> None:
        """Do what the harness wishes; what concerns a worker that has ended meanwhile is void."""
        if isinstance(wish, Job):
            self._start(context, wish)
            return
        if isinstance(wish, Hold):
            if self.forks:
                hold(wish.datasets)
                gc.collect()
                gc.freeze()
            return
        worker = self.workers.get(wish.job_id)
        if worker is None or worker.requests is None:
            return
        match wish:
            case Following():
                self._give(worker, wish)
            case Rest():
                worker.deadline = None
            case Leave():
                # the time limit of the last payload holds on: a worker that does not end is ended
                worker.deadline = time.monotonic() + LEAVE_S
                worker.requests.close()
                worker.requests = None

    def _give(self, worker: _Worker, following: Following) -> None:
        """Give a lasting worker a further payload.

        It goes through a file, so that this process never waits for a worker that does not read.
        """
        worker.given += 1
        (Path(worker.job.temporary) / f"{worker.given}.payload").write_bytes(following.content)
        worker.logs.paths = [*worker.logs.paths, following.log]
        worker.deadline = None if following.timeout_s is None else time.monotonic() + following.timeout_s
        if worker.requests is not None:
            with suppress(OSError):  # it has just ended, and its end is reported next
                worker.requests.send_bytes(b"%d" % worker.given)

    def _start(self, context: BaseContext, job: Job) -> None:
        Path(job.temporary).mkdir(mode=0o700, parents=True, exist_ok=True)
        reader, writer = context.Pipe(duplex=False)
        following, requests = context.Pipe(duplex=False) if job.lasting else (None, None)
        inherited: list[int] = []
        if self.forks:
            channels: list[Any] = [reader, self.connection, *([requests] if requests else [])]
            channels += [worker.messages for worker in self.workers.values() if not worker.messages.closed]
            channels += [worker.requests for worker in self.workers.values() if worker.requests is not None]
            inherited = [self.wake, self.woken_by, self.lock, *(channel.fileno() for channel in channels)]
        else:
            os.environ[MARK] = job.temporary
        group = make_group(self.groups, f"{self.folder.name}-{job.job_id}", job.memory_limit_bytes)
        place = str(group.folder) if group else None
        process = context.Process(target=work, args=(job, writer, inherited, place, following), daemon=False)  # type: ignore[attr-defined]
        try:
            process.start()
        except OSError as error:  # there are too many processes, say
            reader.close()
            if requests is not None:
                requests.close()
            self._refuse(job, error)
            return
        finally:
            writer.close()
            if following is not None:
                following.close()
        deadline = None if job.timeout_s is None else time.monotonic() + job.timeout_s
        logs = LogLimit([path for path in (job.log, *job.further_logs) if path])
        self.workers[job.job_id] = _Worker(job, process, Messages(reader), logs, group, deadline, requests)

    def _refuse(self, job: Job, error: OSError) -> None:
        """Report the end of a job that could not begin; its log says why."""
        log = open_log(job.log)
        os.write(log, f"no process could be started: {error.strerror}\n".encode())
        os.close(log)
        shutil.rmtree(job.temporary, ignore_errors=True)
        self.connection.send(Ended(job.job_id, FAILED_EXIT))

    def _relay(self, worker: _Worker, messages: Iterator[bytes]) -> None:
        for message in messages:
            self.connection.send(Message(worker.job.job_id, message))

    def _bury(self, worker: _Worker) -> None:
        """See to it that nothing of a worker is left, and report its end."""
        # what the worker sent before it ended comes before the news of its end
        self._relay(worker, worker.messages.read_rest())
        worker.messages.close()
        if worker.requests is not None:
            worker.requests.close()
        del self.workers[worker.job.job_id]
        self._end_left(worker)
        worker.logs.keep()
        shutil.rmtree(worker.job.temporary, ignore_errors=True)
        code = worker.process.exitcode
        code = -signal.SIGKILL if code is None else code
        held = worker.held_bytes
        if worker.group is not None:
            held = held or worker.group.over_bytes()
            worker.group.remove()
        self.connection.send(Ended(worker.job.job_id, code, worker.timed_out, held))

    def _end_left(self, worker: _Worker) -> None:
        """End what a worker has left behind.

        A worker adopts the orphans below it while it lives. So what this process has for children beside its workers
        was left by a worker that is gone, whichever other workers there are.
        """
        _signal_group(worker.process, signal.SIGKILL)
        if self.forks:
            end_descendants(within_s=END_S, spare=[other.pid for other in self.workers.values()])
        else:
            end_marked(worker.job.temporary, within_s=END_S)

    def _patience(self) -> float | None:
        """Seconds until something is due."""
        due = [worker.deadline for worker in self.workers.values() if worker.deadline is not None]
        due += [self.look_at] if self.workers else []
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _look(self) -> None:
        """Look at what workers hold and print, every half second, and less often where looking takes long."""
        begun = time.monotonic()
        if not self.workers or begun < self.look_at:
            return
        for worker in self.workers.values():
            worker.logs.keep()
            limit = worker.job.memory_limit_bytes
            if limit is None or worker.held_bytes or worker.timed_out or not HOLDS_ARE_KNOWN:
                continue
            held = held_bytes([worker.pid, *descendants(worker.pid)], limit=limit)
            if held > limit:
                worker.held_bytes, worker.deadline = held, time.monotonic()
                worker.steps = [step for step in worker.steps if step is not Step.ASK]
        ended = time.monotonic()
        self.look_at = ended + max(LOOK_S, (ended - begun) / LOOK_SHARE)

    def _keep_deadlines(self) -> None:
        now = time.monotonic()
        for worker in [*self.workers.values()]:
            if worker.deadline is None or now < worker.deadline:
                continue
            worker.timed_out = not worker.held_bytes
            step = worker.steps.pop(0)
            worker.deadline = now + PATIENCE_S.get(step, 0.0)
            if step is Step.ASK:
                _signal_group(worker.process, signal.SIGTERM)
            elif step is Step.KILL:
                _signal_group(worker.process, signal.SIGKILL)
            else:
                # a process in an uninterruptible call cannot be ended; nobody waits for it
                self._bury(worker)

    def _end_all(self) -> None:
        """End every worker at once, and all that they started."""
        workers, self.workers = list(self.workers.values()), {}
        for worker in workers:
            _signal_group(worker.process, signal.SIGKILL)
        for worker in workers:
            self._end_left(worker)
            if worker.group is not None:
                worker.group.remove()


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
