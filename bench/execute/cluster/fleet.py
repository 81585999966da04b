"""The nodes of a run as the driver knows them, from their description to the end of the run."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.core.errors import ExecutionError
from bench.core.text import storable
from bench.execute.cluster.describe import describe
from bench.execute.cluster.kinds import chosen, refusal
from bench.execute.cluster.messages import Describe, Described, Lost
from bench.record.fleet import NodeRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.execute.cluster.messages import Request
    from bench.execute.cluster.transport import Transport
    from bench.execute.messages import TrialTask

DESCRIBE_S = 120.0
"""Seconds that agents may take to start and to describe their nodes."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that waits.

    Attributes:
        asked: hashes of the files that the node was asked for.
    """

    request: Request
    asked: tuple[str, ...]


@dataclass(slots=True)
class Member:
    """A node that trains.

    Attributes:
        heard_at: when it said something last, by the transport's clock.
        files: hashes of the files that are there.
        tasks: that it trains, by trial; each names the attempt.
        surveying: the trials that it measures the engines for.
        pending: requests that wait until it is known which of their files are there.
        errands: numbers of what else it is at.
    """

    record: NodeRecord
    heard_at: float
    alive: bool = True
    files: set[str] = field(default_factory=set)
    tasks: dict[str, TrialTask] = field(default_factory=dict)
    surveying: set[str] = field(default_factory=set)
    pending: deque[Pending] = field(default_factory=deque)
    errands: set[int] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Of the node."""
        return self.record.node

    @property
    def kind(self) -> str:
        """Of the node."""
        return self.record.kind


class Fleet:
    """All nodes: those that train, those that were refused, those that were lost.

    Args:
        transport: to their agents.
        records: of all of them.
        wanted: the beginning of a kind's name; empty for all kinds.

    Raises:
        ExecutionError: no node can train.
    """

    def __init__(self, transport: Transport, records: Sequence[NodeRecord], wanted: str = "") -> None:
        self.transport = transport
        self.kinds = chosen(records, wanted)
        self._records = {record.node: record for record in records}
        now = transport.now()
        self.members = {record.node: Member(record, now) for theirs in self.kinds.values() for record in theirs}

    @property
    def alive(self) -> list[Member]:
        """The nodes that can be given something."""
        return [member for member in self.members.values() if member.alive]

    @property
    def records(self) -> tuple[NodeRecord, ...]:
        """All nodes, and what became of them, in the order of the transport."""
        return tuple(
            self.members[name].record if name in self.members else record for name, record in self._records.items()
        )

    def lose(self, member: Member, reason: str) -> None:
        """Give a node up; what it says from now on is not heard."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        member.alive = False
        member.record = storable(replace(member.record, lost_at=now, lost=reason))
        self.transport.end(member.name)

    def ended(self, member: Member) -> None:
        """Count a trial that has ended on a node."""
        member.record = replace(member.record, trained=member.record.trained + 1)


def described(
    transport: Transport, environments: Sequence[tuple[tuple[str, ...], bool]], packages: Iterable[str]
) -> tuple[NodeRecord, ...]:
    """What all nodes are, those that cannot train with the reason.

    Args:
        transport: to their agents, which may be starting still.
        environments: for which signatures are wanted; see `messages.Describe`.
        packages: that have to be installed.
    """
    packages = tuple(packages)
    for name in transport.nodes:
        transport.send(name, Describe(tuple(environments)))
    here = describe("", ())
    records: dict[str, NodeRecord] = {}
    until = transport.now() + DESCRIBE_S
    while len(records) < len(transport.nodes) and (left := until - transport.now()) > 0:
        for delivery in transport.receive(left):
            match delivery.answer:
                case Described(node=node):
                    # the name is the transport's: what a node calls itself could be another's
                    node = storable(replace(node, node=delivery.node))
                    records[delivery.node] = replace(node, refused=refusal(node, here, packages))
                case Lost(reason=reason):
                    records[delivery.node] = storable(NodeRecord(node=delivery.node, refused=reason))
    late = f"it did not describe itself within {DESCRIBE_S:.0f} seconds"
    return tuple(records.get(name, NodeRecord(node=name, refused=late)) for name in transport.nodes)


def none_left(fleet: Fleet) -> ExecutionError:
    """The error of a run whose last node is lost."""
    lost = [f"{record.node} ({record.lost})" for record in fleet.records if record.lost_at]
    return ExecutionError(
        f"All nodes were lost: {', '.join(lost[:5])}{', ...' if len(lost) > 5 else ''}.",  # noqa: PLR2004
        hint="Start nodes again and repeat the command: what is in the store is not trained again.",
    )
