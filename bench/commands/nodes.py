"""The machines that a user asks for."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bench.core.errors import BenchError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from bench.execute.cluster.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """The machines that a user asks for.

    Attributes:
        reach: starts their agents, and ends them at the end of the context.
        kind: the beginning of the name of the kind to use; empty for all kinds.
        words: what to type to ask for the same again.
    """

    reach: Callable[[], AbstractContextManager[Transport]]
    kind: str = ""
    words: tuple[str, ...] = ()


EXECUTORS = ("local", "ray")


def nodes_for(executor: str, address: str | None, kind: str) -> Nodes | None:
    """The machines that the flags of a command ask for; None for this one.

    Args:
        executor: one of `EXECUTORS`.
        address: of a cluster.
        kind: the beginning of a kind's name; empty for all kinds.

    Raises:
        BenchError: flags contradict each other, or Ray is not installed.
    """
    if executor == "local":
        if address or kind:
            flag = "--address" if address else "--nodes"
            raise BenchError(f"{flag} names other machines, and this one is to train.", hint="Add --executor ray.")
        return None
    words = ["--executor", executor, *(["--address", address] if address else []), *(["--nodes", kind] if kind else [])]
    return Nodes(reach=partial(_ray(), address), kind=kind, words=tuple(words))


def show_nodes(address: str | None) -> ExitCode:
    """Print the nodes of a cluster: kinds, versions, and who cannot train.

    Args:
        address: of a Ray cluster; None for this machine, as it would be a node.

    Returns:
        `TRIALS_FAILED` where a node cannot train.

    Raises:
        BenchError: there is no cluster at the address, or Ray is not installed.
    """
    from bench.execute.cluster.fleet import described  # noqa: PLC0415
    from bench.render.nodes import described_table  # noqa: PLC0415
    from bench.render.terminal import make_console  # noqa: PLC0415

    with _this_machine() if address is None else _ray()(address) as transport:
        records = described(transport, (), ("keras", "numpy"))
    make_console().print(described_table(records))
    return ExitCode.TRIALS_FAILED if any(record.refused for record in records) else ExitCode.OK


@contextmanager
def _this_machine() -> Iterator[Transport]:
    from bench.execute.cluster.transports.processes import ProcessTransport  # noqa: PLC0415

    transport = ProcessTransport({socket.gethostname(): {}})
    try:
        yield transport
    finally:
        transport.close()


def _ray() -> Callable[[str | None], AbstractContextManager[Transport]]:
    try:
        from bench.execute.cluster.transports.ray import reach  # noqa: PLC0415  an extra, and slow to import
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "ray":
            raise
        raise BenchError(
            "Ray is not installed here.", hint="Type: python3 -m pip install 'keras-bench[ray]'"
        ) from error
    return reach
