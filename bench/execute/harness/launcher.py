"""The harness's side of a warm server: start it, hand it jobs, read what comes back."""

from __future__ import annotations

import pickle
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bench.core.errors import ExecutionError
from bench.execute.harness.starting import STOP_S, RuntimeSignature, start_server
from bench.execute.protocol import Ended, Following, Hold, Job, Leave, Message, Ready, Rest
from bench.execute.system.logs import last_line, last_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType

    from bench.execute.harness.starting import ServerProcess

OVERDUE_S = 10.0
"""Seconds beyond a job's time limit in which its end must be reported; a server that does not has stopped working."""


class ServerLostError(ExecutionError):
    """A warm server that had been ready is gone, with every worker that it had."""


class WarmServer:
    """A process that has imported a backend, from which workers are forked.

    It starts when it is made and imports while the caller goes on; the first thing asked of it waits.

    Args:
        signature: what its process is to be like.
        started: a process of that signature that has been started already; it is ended where it does not fit.
    """

    def __init__(self, signature: RuntimeSignature | None = None, started: ServerProcess | None = None) -> None:
        if sys.platform == "win32":
            raise ExecutionError(
                "Trials cannot be isolated on Windows: worker processes are handed inherited descriptors.",
                hint="Run under WSL 2, which is also where TensorFlow supports GPUs on Windows.",
            )
        self.signature = signature or RuntimeSignature()
        if started is not None and not started.fits(self.signature):
            started.stop()
            started = None
        self._started = started or start_server(self.signature)
        self.connection, self.folder = self._started.connection, self._started.folder
        self._process = self._started.process
        self._ready: Ready | None = None
        self._job_ids = count(1)
        self._due: dict[int, float] = {}
        self._held: tuple[tuple[str, str], ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def ready(self) -> Ready:
        """Wait until the imports are done.

        Raises:
            ExecutionError: the server ended instead; the message holds what it printed last.
        """
        if self._ready is None:
            try:
                self._ready = self.connection.recv()
            except (EOFError, OSError) as error:
                raise self._died() from error
        return self._ready

    def submit(
        self,
        function: str,
        payload: Any,  # noqa: ANN401  whatever the function takes
        *,
        log: Path | None = None,
        further_logs: Iterable[Path] = (),
        timeout_s: float | None = None,
        memory_limit_bytes: int | None = None,
        lasting: bool = False,
    ) -> int:
        """Have a fresh worker call `function(payload, send)`; `protocol.Job` says what the arguments mean.

        Returns:
            The id under which its messages and its end will be reported.

        Raises:
            ExecutionError: the server is gone.
        """
        self.ready()
        job_id = next(self._job_ids)
        job = Job(
            job_id=job_id,
            function=function,
            payload=payload,
            folder=str(Path.cwd()),
            temporary=str(self.folder / str(job_id)),
            log=str(log.absolute()) if log else None,
            further_logs=tuple(str(path.absolute()) for path in further_logs),
            timeout_s=timeout_s,
            memory_limit_bytes=memory_limit_bytes,
            lasting=lasting,
        )
        self._send(job)
        self._expect(job_id, timeout_s)
        return job_id

    def hold(self, datasets: Iterable[tuple[str, str]]) -> None:
        """Have the server read data sets that its workers inherit, each a file and its SHA-256.

        Raises:
            ExecutionError: the server is gone.
        """
        wanted = tuple(datasets)
        if wanted != self._held:
            self.ready()
            self._send(Hold(wanted))
            self._held = wanted

    def follow(self, job_id: int, payload: object, *, log: Path, timeout_s: float | None) -> None:
        """Give a lasting worker a further payload.

        Raises:
            ExecutionError: the server is gone.
        """
        content = pickle.dumps(payload)
        self._send(Following(job_id=job_id, content=content, log=str(log.absolute()), timeout_s=timeout_s))
        self._expect(job_id, timeout_s)

    def rest(self, job_id: int) -> None:
        """Let a lasting worker wait for a further payload, for as long as it takes.

        Raises:
            ExecutionError: the server is gone.
        """
        self._send(Rest(job_id))
        self._expect(job_id, None)

    def leave(self, job_id: int) -> None:
        """Let a lasting worker end.

        Raises:
            ExecutionError: the server is gone.
        """
        self._send(Leave(job_id))

    def _send(self, wish: Job | Hold | Following | Rest | Leave) -> None:
        try:
            self.connection.send(wish)
        except OSError as error:
            raise self._died() from error

    def _expect(self, job_id: int, timeout_s: float | None) -> None:
        """Note by when the server must report something of a worker."""
        self._due.pop(job_id, None)
        if timeout_s is not None:
            self._due[job_id] = time.monotonic() + timeout_s + OVERDUE_S

    def patience(self) -> float | None:
        """Seconds that it may be waited for; None for as long as it takes."""
        return max(0.0, min(self._due.values()) - time.monotonic()) if self._due else None

    def end_if_overdue(self) -> None:
        """Kill the server if it has not reported what it must have: it was stopped, or is stuck."""
        if self.patience() == 0.0 and not self.connection.poll():
            self._process.kill()

    def receive(self) -> tuple[int, Any]:
        """Wait for the next thing that any worker has to say: its job's id, and what it sent or an `Ended`.

        What cannot be read, because the worker has written to its channel by other means, arrives as None.

        Raises:
            ExecutionError: the server is gone.
        """
        try:
            while not self.connection.poll(self.patience()):
                self.end_if_overdue()
            event: Message | Ended = self.connection.recv()
        except (EOFError, OSError) as error:
            raise self._died() from error
        if isinstance(event, Ended):
            self._due.pop(event.job_id, None)
            return event.job_id, event
        try:
            return event.job_id, pickle.loads(event.content)  # noqa: S301  our own worker's
        except Exception:  # noqa: BLE001  unpickling garbage raises anything
            return event.job_id, None

    def heard(self, job_id: int, welcome: Callable[[], AbstractContextManager[object]] = nullcontext) -> Iterator[Any]:
        """What a worker sends, each as it comes, and last its `Ended`; what others send meanwhile is lost.

        Args:
            job_id: of the worker.
            welcome: entered while it is waited for, so that an interruption is let in.

        Raises:
            ExecutionError: the server is gone.
        """
        event = None
        while not isinstance(event, Ended):
            with welcome():
                spoke = self.connection.poll(self.patience())
            if not spoke:
                self.end_if_overdue()
                continue
            sender, event = self.receive()
            if sender == job_id:
                yield event
            else:
                event = None

    def call(self, function: str, payload: object, *, timeout_s: float) -> Any:  # noqa: ANN401  whatever it sends
        """Call a function in a fresh worker and return the one thing that it sends.

        Raises:
            ExecutionError: it sent nothing before it ended.
        """
        with self.log_file() as log:
            job_id = self.submit(function, payload, log=log, timeout_s=timeout_s)
            *answers, end = self.heard(job_id)
            answer = next((answer for answer in reversed(answers) if answer is not None), None)
            if answer is None:
                raise ExecutionError(f"A worker ended without an answer ({end_of(end)}): {last_line(log)}")
            return answer

    @contextmanager
    def log_file(self) -> Iterator[Path]:
        """A path for a log that nobody needs afterwards, in a folder that does not outlive the server."""
        path = self.folder / f"{secrets.token_hex(4)}.log"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    @property
    def alive(self) -> bool:
        """Whether it can still be asked for anything."""
        return not self.connection.closed and self._process.poll() is None

    def dismiss(self) -> None:
        """Have the server end itself and every worker it has, without waiting for it; `stop` waits."""
        self.connection.close()  # the server ends its workers when this end is gone

    def stop(self, within_s: float = STOP_S) -> None:
        """End the server and every worker it has; harmless when that has happened already.

        Args:
            within_s: seconds after which it is killed.
        """
        self._started.stop(within_s)

    def _died(self) -> ExecutionError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_S)
        code = self._process.returncode
        if self._ready is None and (code is None or code >= 0):
            return ExecutionError(
                f"The warm server ended (exit code {code}): {last_words(self._started.errors.fileno())}",
                hint="`bench doctor` checks the installation of TensorFlow and Keras.",
            )
        how = "closed its connection" if code is None else f"was ended by {how_ended(code)}"
        return ServerLostError(f"The warm server {how}.", hint="Trials need it: it is the parent of their processes.")


def end_of(event: Ended) -> str:
    """How a process ended, in words."""
    return how_ended(event.exit_code)


def how_ended(code: int) -> str:
    """An exit code in words.

    Args:
        code: as `subprocess` gives it: a negative signal number where a signal ended the process.
    """
    return f"exit code {code}" if code >= 0 else f"signal {signal_name(-code)}"


def signal_name(number: int) -> str:
    """The name of a signal; its number where Python knows no name, as of real-time signals."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
