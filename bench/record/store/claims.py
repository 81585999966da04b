"""Who trains what: a claim belongs to an owner, who renews it while it lives.

A claim ends with its trial, with its owner's process where that can be seen, or when it has not been renewed for its
lease: an owner that was stopped, or whose machine is gone, blocks nobody for longer. All times are of the database's
clock, which all owners share.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psutil
from sqlalchemy import delete, func, select, update

from bench.core.errors import StoreError
from bench.core.processes import is_running, place
from bench.record import tables
from bench.record.store.dialects import insert_new

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Row

LEASE_S = 60.0
HEARTBEAT_S = 10.0

_ATTEMPTS = 5
"""Claims that may come and go while one is asked for."""


@dataclass(frozen=True, slots=True)
class Lease:
    """How long a claim holds without being renewed, and how often it is renewed.

    Attributes:
        lease_s: seconds.
        heartbeat_s: seconds; several fit into a lease.
    """

    lease_s: float = LEASE_S
    heartbeat_s: float = HEARTBEAT_S


class Claim(Enum):
    """What came of asking for a trial that the store does not hold and that nobody else is training."""

    GRANTED = "granted"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has claimed a trial.

    Attributes:
        since: when it was claimed; None in claims of earlier versions.
    """

    run_id: str
    hostname: str
    process_id: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to who asks for a trial that cannot be claimed now.

    Attributes:
        holder: who has claimed it; None where the store does not work for the moment.
    """

    holder: Holder | None


@dataclass(frozen=True, slots=True)
class Owner:
    """A process with an open store.

    Attributes:
        id: random, never used again.
        place: where its process number names this very process: a system since it was started, and a namespace of
            processes, of which each container has its own. Names of hosts say nothing: containers share them.
        process_started: seconds since 1970; a process number is given out again.
    """

    id: str = field(default_factory=lambda: uuid4().hex)
    hostname: str = field(default_factory=socket.gethostname)
    place: str = field(default_factory=place)
    process_id: int = field(default_factory=os.getpid)
    process_started: float = field(default_factory=lambda: psutil.Process().create_time())


def claim(
    connection: Connection, key: str, run_id: str, owner: Owner, lease_s: float, *, known: bool = False
) -> Claim | Taken:
    """Claim a trial, unless somebody who is still at it has.

    Of any number that ask at once, one is granted it: a claim is inserted where there is none, and takes the place of
    a void one only while that is still the one that was looked at.

    Args:
        connection: in a transaction that may write. Who is granted a claim has waited for the transaction that gave it
            back, and sees the trial that was committed there: ask for the trial again before training it.
        key: of the trial.
        run_id: the run that asks.
        owner: who asks.
        lease_s: seconds for which the claim holds without being renewed.
        known: whether the owner knows of having it; a grant whose answer was lost with the connection is given again.
    """
    table = tables.claims
    held = None
    for _ in range(_ATTEMPTS):
        now = database_time(connection)
        ours = {
            "run_id": run_id,
            "hostname": owner.hostname,
            "process_id": owner.process_id,
            "process_started": owner.process_started,
            "owner": owner.id,
            "place": owner.place,
            "claimed_at": now,
            "expires_at": now + lease_s,
        }
        if insert_new(connection, table, {"key": key, **ours}):
            return Claim.GRANTED
        held = connection.execute(select(table).where(table.c.key == key)).first()
        if held is None:
            continue  # it was given back meanwhile
        if held.owner == owner.id and not known:
            return Claim.GRANTED
        if not _void(held, owner, now):
            return Taken(_holder(held))
        same = table.c.owner.is_(None) if held.owner is None else table.c.owner == held.owner
        unchanged = (table.c.key == key, table.c.run_id == held.run_id, table.c.expires_at == held.expires_at, same)
        if connection.execute(update(table).where(*unchanged).values(ours)).rowcount == 1:
            return Claim.GRANTED
    return Taken(None if held is None else _holder(held))


def renew(connection: Connection, owner: Owner, lease_s: float) -> None:
    """Let all claims of an owner hold for another lease; those that were given to others stay theirs."""
    now = database_time(connection)
    connection.execute(update(tables.claims).where(tables.claims.c.owner == owner.id).values(expires_at=now + lease_s))


def release(connection: Connection, key: str, run_id: str) -> None:
    """Give one claim of a run back."""
    connection.execute(delete(tables.claims).where(tables.claims.c.key == key, tables.claims.c.run_id == run_id))


def release_all(connection: Connection, run_id: str) -> None:
    """Give back whatever a run had claimed."""
    connection.execute(delete(tables.claims).where(tables.claims.c.run_id == run_id))


def database_time(connection: Connection) -> float:
    """Seconds since 1970 by the database's clock, which may tell whole seconds only."""
    now = connection.execute(select(func.current_timestamp())).scalar_one()
    return float((now if now.tzinfo else now.replace(tzinfo=UTC)).timestamp())


class Heartbeat:
    """Renews an owner's claims from a thread of its own until it is stopped.

    Args:
        beat: renews them; a beat that fails is made up for by the next.
        every_s: seconds between two beats.
    """

    def __init__(self, beat: Callable[[], None], every_s: float) -> None:
        self._beat, self._every_s = beat, every_s
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless it has begun."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="bench-heartbeat", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            with suppress(StoreError):
                self._beat()


def _void(held: Row[Any], owner: Owner, now: float) -> bool:
    """Whether a claim counts for nothing: its process is gone, or its lease is over."""
    here = held.place == owner.place if held.place else held.hostname == owner.hostname
    if here and not is_running(held.process_id, held.process_started):
        return True
    if here and held.owner is None:
        return False  # an earlier version, which renews nothing, is at it
    return bool(now >= held.expires_at)


def _holder(held: Row[Any]) -> Holder:
    since = None if held.claimed_at is None else datetime.fromtimestamp(held.claimed_at, UTC)
    return Holder(held.run_id, held.hostname, held.process_id, since)
