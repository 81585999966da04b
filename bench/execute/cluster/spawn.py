"""Starting an agent as a process of its own, and talking to it: whoever starts it is its parent."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from bench.execute.harness.launcher import how_ended
from bench.execute.system.logs import last_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.execute.cluster.messages import Answer, Request

MODULE = "bench.execute.cluster.agent_process"

END_S = 10.0
"""Seconds that an agent may take to end itself and its servers."""


class AgentProcess:
    """An agent that this process has started. It ends when this process ends, however that happens.

    Args:
        node: its name.
        environment: of the process.
    """

    def __init__(self, node: str, environment: Mapping[str, str]) -> None:
        self.node = node
        self.connection, theirs = multiprocessing.Pipe(duplex=True)
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the agent
        self._process = subprocess.Popen(  # noqa: S603  our own module
            # -P: what lies in the current folder is no module of the agent's
            [sys.executable, "-P", "-m", MODULE, str(theirs.fileno()), node],
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            cwd=tempfile.gettempdir(),
            env=dict(environment),
        )
        theirs.close()

    @property
    def process_id(self) -> int:
        """Of the agent."""
        return self._process.pid

    def send(self, request: Request) -> None:
        """Send a request.

        Raises:
            OSError: the agent is gone.
        """
        self.connection.send(request)

    def receive(self) -> Answer:
        """Wait for the next answer.

        Raises:
            EOFError: the agent is gone.
        """
        try:
            answer: Answer = self.connection.recv()
        except OSError as error:
            raise EOFError from error
        return answer

    def end(self) -> None:
        """End the agent at once; its servers notice."""
        self._process.kill()

    def wait(self) -> None:
        """Wait until the agent has ended; one that does not end in time is ended."""
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.end()
            self._process.wait()

    def last_words(self) -> str:
        """How the agent ended, as a clause."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        code = self._process.returncode
        how = "closed its connection" if code is None else f"was ended by {how_ended(code)}"
        said = last_words(self._errors.fileno())
        return f"its agent {how}" + ("" if said.startswith("it printed nothing") else f", and said: {said}")

    def close(self) -> None:
        """Forget a process that has ended."""
        self.connection.close()
        self._errors.close()


def path_of_this_process() -> str:
    """The search path of this process, for an agent that is to import the same."""
    return os.pathsep.join(entry for entry in sys.path if entry and not entry.endswith(".zip"))
