"""The nodes of a kind that have nothing to do, and how a request with its files gets to a node."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from bench.execute.cluster.messages import Draw, Has, Look, Train
from bench.execute.cluster.transport import WATCH_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.execute.cluster.fleet import Fleet, Member
    from bench.execute.cluster.messages import Begin, Parcel
    from bench.execute.cluster.parcels import Parcels

WAIT_S = 0.5
"""Seconds between two looks at work that another run is doing, and at nodes that say nothing."""


class Crew:
    """The nodes of a fleet at work for one run.

    Args:
        fleet: its nodes.
        parcels: of what travels.
        begin: what they are told first.
    """

    def __init__(self, fleet: Fleet, parcels: Parcels, begin: Begin) -> None:
        self._transport, self._parcels, self.fleet = fleet.transport, parcels, fleet
        self.alive = Counter(member.kind for member in fleet.alive)
        self.idle: dict[str, deque[Member]] = {kind: deque() for kind in fleet.kinds}
        self._watched_at = now = self._transport.now()
        for member in fleet.alive:
            member.heard_at = now
            self._transport.send(member.name, begin)
            self.idle[member.kind].append(member)

    def free(self, kind: str) -> Member | None:
        """A node of a kind that has nothing to do, which is taken."""
        idle = self.idle[kind]
        while idle:
            member = idle.popleft()
            if member.alive:
                return member
        return None

    def release(self, member: Member) -> None:
        """A node has nothing to do."""
        self.idle[member.kind].append(member)

    def send(self, member: Member, request: Train | Look | Draw, parcels: Sequence[Parcel]) -> None:
        """Send a request, once it is known which of its files are there already."""
        asked = tuple(dict.fromkeys(digest for parcel in parcels for digest in parcel.digests))
        asked = tuple(digest for digest in asked if digest not in member.files)
        if not asked:
            self._transport.send(member.name, request)
            return
        member.request, member.asked = request, asked
        self._transport.send(member.name, Has(asked))

    def supply(self, member: Member, found: frozenset[str]) -> None:
        """Send the files that are missing on a node, and then the request that needs them."""
        if member.request is None:
            return
        for digest in member.asked:
            for part in () if digest in found else self._parcels.parts(digest):
                self._transport.send(member.name, part)
        member.files.update(member.asked)
        self._transport.send(member.name, member.request)
        member.request, member.asked = None, ()

    def silent(self) -> Iterator[Member]:
        """The nodes that have said nothing for too long, looked for every now and then."""
        now = self._transport.now()
        if now - self._watched_at < WAIT_S:
            return
        self._watched_at = now
        yield from [member for member in self.fleet.alive if now - member.heard_at > WATCH_S]

    def lose(self, member: Member, reason: str) -> None:
        """Give a node up."""
        self.fleet.lose(member, reason)
        self.alive[member.kind] -= 1
        member.request = None
