"""The way between the executor of a cluster and its agents: what a transport has to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.execute.cluster.messages import Answer, Request

BEAT_S = 5.0
"""Seconds between two signs of life, of either side."""

WATCH_S = 30.0
"""Seconds without any after which an agent ends, and after which a node counts as lost."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that an agent has said.

    Attributes:
        at: when it came, by `Transport.now`.
    """

    node: str
    at: float
    answer: Answer


class Transport(Protocol):
    """Brings requests to agents and their answers back, each in the order in which it was sent.

    It sends signs of life to all agents by itself, whatever the executor does meanwhile.
    """

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of all nodes that there were at the beginning."""
        ...

    def now(self) -> float:
        """Seconds of a clock that never goes back."""
        ...

    def send(self, node: str, request: Request) -> None:
        """Send something to an agent; nothing happens where its node is lost, which `receive` tells of."""
        ...

    def receive(self, timeout_s: float) -> Sequence[Delivery]:
        """All that has come; where there is nothing, what comes first within a time, or nothing."""
        ...

    def end(self, node: str) -> None:
        """End the agent of a node as far as that can be reached; harmless when that has happened already."""
        ...

    def close(self) -> None:
        """End all agents, and wait for that; harmless when that has happened already."""
        ...
