"""The warm server that `bench run` starts before anything else: it and the command import at the same time.

What a command imports takes a second, and a backend two. Which backend a suite needs is read off its file unchecked; a
server that turns out not to be the one that is wanted is ended.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench.core.errors import BenchError
from bench.declare.source import find_suite
from bench.execute.backends import BACKENDS, TENSORFLOW
from bench.execute.harness.starting import RuntimeSignature, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.commands.workspace import Workspace
    from bench.execute.harness.starting import ServerProcess

LARGEST_BYTES = 2**15
"""Of a suite file that is read twice: larger ones take too long."""


@contextmanager
def early_server(
    suite: str | None, overrides: Sequence[str], workspace: Workspace, *, fresh: bool
) -> Iterator[ServerProcess | None]:
    """The process of the warm server that a run will need; it is over when the context is left.

    Args:
        suite: as on the command line.
        overrides: of --set.
        workspace: of the run.
        fresh: train what the store holds.

    Yields:
        None where it is not sure that anything is to be trained: there is a store, which may hold all of it. None too
        where the suite is not plainly one of one backend, or where no process can be started.
    """
    started = None
    # whoever has a database on a server has a store
    if sys.platform != "win32" and (fresh or not workspace.has_file()):
        backend = plain_backend(suite, overrides)
        if backend is not None and BACKENDS[backend].installed:
            started = _start(RuntimeSignature(backend))
    try:
        yield started
    finally:
        if started is not None:
            started.stop()


def plain_backend(reference: str | None, overrides: Sequence[str]) -> str | None:
    """The backend that every cell of a suite seems to have; None where there may be several, or no suite.

    Args:
        reference: of the suite, as on the command line.
        overrides: of --set, each `key=value`.
    """
    parts = [text.partition("=") for text in overrides]
    named = [value.strip().strip("\"'") for key, _, value in parts if key.strip() == "backend"]
    try:
        source = find_suite(reference)
        document = source.document() if len(source.text) <= LARGEST_BYTES else None
    except (BenchError, ValueError):
        return None  # what is wrong is said by whoever reads it in earnest
    if document is None or any("backend" in table for table in _cell_tables(document)):
        return None
    keys = document.get("suite")
    backend = named[-1] if named else keys.get("backend", TENSORFLOW.name) if isinstance(keys, dict) else None
    return backend if isinstance(backend, str) and backend in BACKENDS else None


def _cell_tables(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The tables of a suite, beside [suite], that may say something of its cells."""
    architectures = document.get("architectures")
    tables = [*architectures.values()] if isinstance(architectures, dict) else []
    for name in ("grid", "include"):
        some = document.get(name)
        tables += some if isinstance(some, list) else [some]
    yield from (table for table in tables if isinstance(table, dict))


def _start(signature: RuntimeSignature) -> ServerProcess | None:
    try:
        return start_server(signature)
    except (BenchError, OSError):
        return None  # the run tries again, and says why it cannot
