"""The process of a warm server: started, and ended with its workers.

A command starts one before it has imported what else it needs, so nothing is imported here that takes a while.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from bench.core.cache import cache_dir
from bench.core.temporary import new_folder
from bench.execute.backends import BACKENDS, usual_backend
from bench.execute.environment import environment_signature
from bench.execute.system.folders import sweep
from bench.execute.system.marks import MARK, end_marked

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

STOP_S = 5.0
"""Seconds a server may take to end its workers and itself."""


@dataclass(frozen=True, slots=True)
class RuntimeSignature:
    """What must be settled before Keras is imported; each signature has a warm server of its own.

    Attributes:
        backend: what Keras computes with, a name of `BACKENDS`; the first that is installed where none is named.
    """

    backend: str = field(default_factory=lambda: usual_backend().name)

    def variables(self) -> dict[str, str]:
        """The environment variables that settle it.

        Programs that XLA has compiled are kept in the user's cache, in a folder of this processor and these versions,
        so that the seeds of a cell compile once. XLA compares the whole program before it takes one.
        """
        folder = cache_dir() / "xla" / environment_signature(self.backend)[:16]
        return BACKENDS[self.backend].server_variables(os.environ, folder)


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """The process of a warm server, in a session of its own: a Ctrl-C in the terminal reaches the harness alone.

    Attributes:
        connection: our end; the process ends itself and its workers when it is closed, by whatever.
        errors: what it prints.
        folder: for its temporary files; it makes and removes it, also when this process has gone first.
        variables: its environment.
    """

    signature: RuntimeSignature
    connection: Connection
    process: subprocess.Popen[bytes]
    errors: IO[bytes]
    folder: Path
    variables: dict[str, str]

    def fits(self, signature: RuntimeSignature) -> bool:
        """Whether a process that is started now would have the same signature and environment, and this one runs."""
        alike = signature == self.signature and self.variables == _variables(signature, self.folder)
        return alike and self.process.poll() is None

    def stop(self, within_s: float = STOP_S) -> None:
        """End it and every worker it has; harmless when that has happened already.

        Args:
            within_s: seconds after which it is killed.
        """
        self.connection.close()
        try:
            self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.returncode < 0:
            # it was killed: its workers ended with it, and what they had started is nobody's child
            end_marked(str(self.folder), within_s=STOP_S)
        shutil.rmtree(self.folder, ignore_errors=True)  # still there where the server was killed
        self.errors.close()


def start_server(signature: RuntimeSignature) -> ServerProcess:
    """Start the process of a warm server; it imports while the caller goes on.

    Raises:
        OSError: it cannot be started.
    """
    folder = new_folder()
    variables = _variables(signature, folder)
    with ExitStack() as opened:
        errors: IO[bytes] = opened.enter_context(tempfile.TemporaryFile())
        ours, theirs = map(opened.enter_context, multiprocessing.Pipe(duplex=True))
        process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "bench.execute.server.main", str(theirs.fileno()), str(folder)],
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            env=variables,
        )
        # from here on they live as long as the server
        opened.pop_all()
    theirs.close()
    sweep()
    return ServerProcess(signature, ours, process, errors, folder, variables)


def _variables(signature: RuntimeSignature, folder: Path) -> dict[str, str]:
    """The environment of a server: ours, what settles its signature, and our own search path for the same `bench`."""
    return {**os.environ, "PYTHONPATH": _python_path(), MARK: str(folder), **signature.variables()}


def _python_path() -> str:
    return os.pathsep.join(entry for entry in sys.path if entry and not entry.endswith(".zip"))
