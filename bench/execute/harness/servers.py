"""The warm servers of a run: one per runtime signature, started when it is needed and again where it is lost."""

from __future__ import annotations

import atexit
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench.core.errors import ExecutionError
from bench.execute.backends import BACKENDS
from bench.execute.harness.launcher import ServerLostError, WarmServer
from bench.execute.harness.starting import STOP_S, RuntimeSignature

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from bench.declare.cell import Cell
    from bench.execute.harness.starting import ServerProcess

MOST_RESTARTS = 20
"""How often a run starts warm servers again that somebody ended; one that always ends is not started for ever."""


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

    def stop(self, within_s: float = STOP_S) -> None:
        """End every server and every worker; harmless when that has happened already.

        Args:
            within_s: seconds after which a server is killed.
        """
        for server in self._servers.values():
            server.stop(within_s)


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
