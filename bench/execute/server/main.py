"""The warm server: a process that has imported a backend and Keras, and forks a worker for every job.

Importing the two costs seconds, forking a process that has done so costs milliseconds. The server itself runs no
operation of theirs, since a process in which a backend has run must not be forked. It is the ancestor of all workers,
so it is here that deadlines, memory and logs are kept within their limits, and that workers end with all that they
started, also when the harness is gone, however it went.
"""

from __future__ import annotations

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
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.temporary import make_folder
from bench.execute.backends import BACKENDS, TENSORFLOW
from bench.execute.protocol import Ready
from bench.execute.server.jobs import Server
from bench.execute.server.preload import preload
from bench.execute.system.processes import adopt_orphans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

PRELOADED = BACKENDS.get(os.environ.get("KERAS_BACKEND", ""), TENSORFLOW).preloaded


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
    lock = make_folder(folder)
    try:
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        adopt_orphans()
        started = time.perf_counter()
        method = start_method()
        if method == "fork":
            with _leaving_with(connection, folder):
                preload(PRELOADED)
        # numerical libraries hold idle threads, none of which is inside a lock while the server waits
        warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
        with suppress(ConnectionError):
            connection.send(Ready(method, time.perf_counter() - started))
            Server(connection, folder, lock, method).serve()
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


if __name__ == "__main__":
    main()
