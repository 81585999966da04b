"""The agent's end of its connection: the order of requests, signs of life, and its end."""

from __future__ import annotations

import queue
import threading
from multiprocessing import Pipe
from typing import TYPE_CHECKING

import pytest

from bench.execute.cluster.driver_link import DriverLink
from bench.execute.cluster.messages import Beat, Has, Stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

PATIENCE_S = 30.0


@pytest.fixture
def stopped() -> threading.Event:
    """Set when the link stops the process because the driver says so."""
    return threading.Event()


@pytest.fixture
def abandoned() -> threading.Event:
    """Set when the link ends the process because the driver is gone."""
    return threading.Event()


@pytest.fixture
def driver(stopped: threading.Event, abandoned: threading.Event) -> Iterator[tuple[Connection, DriverLink]]:
    """The driver's end of the connection, and a link that listens."""
    ours, theirs = Pipe()
    link = DriverLink(theirs, stop=stopped.set, abandon=abandoned.set)
    link.open()
    yield ours, link
    ours.close()
    assert abandoned.wait(PATIENCE_S)


def test_a_request_that_was_put_back_is_the_next(driver: tuple[Connection, DriverLink]) -> None:
    """It comes before those that have come since; beats are no requests."""
    connection, link = driver
    first, second = Has(("a",)), Has(("b",))
    for message in (first, Beat(), second):
        connection.send(message)
    assert first == link.next()
    link.put_back(first)
    assert [first, second] == [link.next(), link.next()]
    with pytest.raises(queue.Empty):
        link.next(wait=False)


def test_the_driver_says_that_the_agent_ends(
    driver: tuple[Connection, DriverLink], stopped: threading.Event, abandoned: threading.Event
) -> None:
    """A request to stop ends the process while nobody waits for a request."""
    connection, _ = driver
    connection.send(Stop())
    assert stopped.wait(PATIENCE_S)
    assert not abandoned.is_set()


def test_an_answer_to_a_driver_that_is_gone_is_dropped(
    driver: tuple[Connection, DriverLink], stopped: threading.Event, abandoned: threading.Event
) -> None:
    """The listening thread ends the process; whoever sends does not fail before that."""
    connection, link = driver
    connection.close()
    assert abandoned.wait(PATIENCE_S)
    assert not stopped.is_set()
    link.send(Beat())
