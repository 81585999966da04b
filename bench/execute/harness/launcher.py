"""The harness's side of the warm servers: start them, hand them jobs, read what comes back."""

from __future__ import annotations

import atexit
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
from bench.execute.backends import BACKENDS
from bench.execute.harness.starting import STOP_S, RuntimeSignature, start_server
from bench.execute.protocol import Ended, Following, Hold, Job, Leave, Message, Ready, Rest
from bench.execute.system.logs import last_line, last_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from multiprocessing.connection import Connection
    from types import TracebackType

    from bench.declare.cell import Cell
    from bench.execute.harness.starting import ServerProcess

OVERDUE_S = 10.0
"""Seconds beyond a job's time limit in which its end must be reported; a server that does not has stopped working."""

MOST_RESTARTS = 20
"""How often a run starts warm servers again that somebody ended; one that always ends is not started for ever."""


class ServerLostError(ExecutionError):
    """A warm server that had been ready is gone, with every worker that it had."""


def runtime_signatures(cells: Iterable[Cell]) -> tuple[RuntimeSignature, ...]:
    """The signatures that cells need, each once.

    Raises:
        ExecutionError: a backend is not installed.
    """
    cells = tuple(cells)
    backends = tuple(dict.fromkeys(cell.backend for cell in cells))
    for backend in dict.fromkeys((*backends, *(cell.follows for cell in cells if cell.follows))):
        if not BACKENDS[backend].installed:
            raise ExecutionError(
                f"The suite asks for the Keras backend {backend!r}, which is not installed here.",
                hint=BACKENDS[backend].install,
            )
    return tuple(RuntimeSignature(backend) for backend in backends)


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

    def stop(self) -> None:
        """End the server and every worker it has; harmless when that has happened already."""
        self._started.stop()

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


class Servers:
    """The warm servers of a run, one per runtime signature; each starts when it is first asked for.

    Args:
        main: whose server also runs errands.
        started: the process of one of them that was started already, if any.
    """

    def __init__(self, main: RuntimeSignature, started: ServerProcess | None = None) -> None:
        self._main, self._started = main, started
        self._servers: dict[RuntimeSignature, WarmServer] = {}
        self._restarts, self._keep = 0, False

    @property
    def main(self) -> WarmServer:
        """The server for whatever is no trial."""
        return self.start(self._main)

    @property
    def connections(self) -> list[Connection]:
        """Of every server; the one that has something to say becomes ready to be read."""
        return [server.connection for server in self._servers.values()]

    @property
    def alive(self) -> bool:
        """Whether every server can still be asked for anything."""
        return all(server.alive for server in self._servers.values())

    def start(self, signature: RuntimeSignature) -> WarmServer:
        """The server of a signature, started if it is not there."""
        if signature not in self._servers:
            started, self._started = self._started, None
            self._servers[signature] = WarmServer(signature, started)
        return self._servers[signature]

    def begin_run(self, main: RuntimeSignature, *, keep: bool) -> None:
        """Begin another run: its errands are its own, and how often servers were lost is counted for each."""
        self._main, self._restarts, self._keep = main, 0, keep

    def restart(self, server: WarmServer, lost: ServerLostError) -> None:
        """Start a server in the place of one that is gone.

        Raises:
            ServerLostError: that has happened too often in this run.
        """
        server.stop()
        self._restarts += 1
        if self._restarts > MOST_RESTARTS:
            raise lost
        self._servers[server.signature] = WarmServer(server.signature)

    def call(
        self,
        function: str,
        payload: object,
        *,
        timeout_s: float,
        signature: RuntimeSignature | None = None,
    ) -> Any:  # noqa: ANN401  whatever it sends
        """Call a function as `WarmServer.call` does, once more where the server is lost meanwhile.

        Args:
            function: `package.module:function`.
            payload: its argument.
            timeout_s: seconds until its worker is ended.
            signature: whose server forks the worker; the main one where none is named.

        Raises:
            ExecutionError: it sent nothing before it ended, or the server is gone.
        """
        server = self.start(signature or self._main)
        try:
            return server.call(function, payload, timeout_s=timeout_s)
        except ServerLostError as lost:
            self.restart(server, lost)
            return self.start(server.signature).call(function, payload, timeout_s=timeout_s)

    def patience(self) -> float | None:
        """Seconds that the servers may be waited for; None for as long as it takes."""
        known = [left for server in self._servers.values() if (left := server.patience()) is not None]
        return min(known, default=None)

    def end_overdue(self) -> None:
        """Kill every server that has not reported what it must have; whoever waits for it hears that it is gone."""
        for server in self._servers.values():
            server.end_if_overdue()

    def of(self, connection: Connection) -> WarmServer | None:
        """The server at the other end of a connection; None where another has taken its place."""
        return next((server for server in self._servers.values() if server.connection is connection), None)

    def ready(self) -> dict[str, float]:
        """Wait until all imports are done; the seconds each took, by backend.

        Raises:
            ExecutionError: a server ended instead.
        """
        return {signature.backend: server.ready().import_time_s for signature, server in self._servers.items()}

    def dismiss(self) -> None:
        """Have every server end, without waiting for it, unless the next run is to use it."""
        if not self._keep:
            for server in self._servers.values():
                server.dismiss()

    def stop(self) -> None:
        """End every server and every worker; harmless when that has happened already."""
        for server in self._servers.values():
            server.stop()


_kept: list[Servers] = []


@contextmanager
def warm_servers(
    signatures: Sequence[RuntimeSignature], *, keep: bool, now: bool = True, started: ServerProcess | None = None
) -> Iterator[Servers]:
    """Warm servers for as long as the context lasts.

    Args:
        signatures: of the trials to come; at least one, the first of which also runs errands.
        keep: let them live until this process ends, for the next run to use; a notebook then waits for imports once.
        now: start them at once. Otherwise each starts when it is first asked for.
        started: a process that was started before it was known which are needed; whoever started it ends it where no
            server is made of it.
    """
    servers = _kept.pop() if keep and _kept else Servers(signatures[0], started)
    servers.begin_run(signatures[0], keep=keep)
    for signature in signatures if now else ():
        servers.start(signature)
    try:
        yield servers
    except BaseException:
        servers.stop()
        raise
    if not (keep and servers.alive):
        servers.stop()
        return
    if not _kept:
        atexit.register(_stop_kept)
    _kept.append(servers)


def _stop_kept() -> None:
    while _kept:
        _kept.pop().stop()


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
