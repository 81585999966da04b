"""The nodes of a kind that have nothing to do, and how a request with its files gets to a node."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from bench.execute.cluster.fleet import Pending
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
        begin: what they are told first; each node is idle as many times as it has slots.
    """

    def __init__(self, fleet: Fleet, parcels: Parcels, begin: Begin) -> None:
        self._transport, self._parcels, self.fleet = fleet.transport, parcels, fleet
        self.alive = Counter(member.kind for member in fleet.alive)
        self.idle: dict[str, deque[Member]] = {kind: deque() for kind in fleet.kinds}
        self._watched_at = now = self._transport.now()
        for member in fleet.alive:
            member.heard_at = now
            self._transport.send(member.name, begin)
        for _ in range(begin.slots):  # all nodes get a trial before any gets its second
            for member in fleet.alive:
                self.idle[member.kind].append(member)

    def free(self, kind: str) -> Member | None:
        """A node of a kind that has nothing to do in one of its slots, which is taken."""
        idle = self.idle[kind]
        while idle:
            member = idle.popleft()
            if member.alive:
                return member
        return None

    def release(self, member: Member) -> None:
        """A slot of a node has nothing to do."""
        self.idle[member.kind].append(member)

    def put_back(self, member: Member) -> None:
        """A node that was taken got nothing: it is the next."""
        self.idle[member.kind].appendleft(member)

    def send(self, member: Member, request: Train | Look | Draw, parcels: Sequence[Parcel]) -> None:
        """Send a request, once it is known which of its files are there already."""
        wanted = dict.fromkeys(digest for parcel in parcels for digest in parcel.digests)
        coming = {digest for pending in member.pending for digest in pending.asked}
        asked = tuple(digest for digest in wanted if digest not in member.files and digest not in coming)
        if asked:
            self._transport.send(member.name, Has(asked))
        member.pending.append(Pending(request, asked))
        self._send_ready(member)

    def supply(self, member: Member, there: frozenset[str]) -> None:
        """Send the files that are missing on a node, and then the requests that waited for them."""
        if not member.pending:
            return
        first = member.pending[0]
        for digest in first.asked:
            for part in () if digest in there else self._parcels.parts(digest):
                self._transport.send(member.name, part)
        member.files.update(first.asked)
        member.pending[0] = Pending(first.request, ())
        self._send_ready(member)

    def _send_ready(self, member: Member) -> None:
        """Send what waits for no answer; requests keep their order, since one may need files that come for another."""
        while member.pending and not member.pending[0].asked:
            self._transport.send(member.name, member.pending.popleft().request)

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
        member.pending.clear()
