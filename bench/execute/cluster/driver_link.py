"""The agent's end of the connection to its driver: requests come in, answers and signs of life go out."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from bench.execute.cluster.messages import Beat, Stop
from bench.execute.cluster.transport import BEAT_S, WATCH_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from bench.execute.cluster.messages import Answer, Request

POLL_S = 1.0
"""Seconds between two checks whether the driver is still there."""


class DriverLink:
    """Takes in requests on a thread of its own, whatever the agent is doing.

    Args:
        channel: to the driver.
        stop: ends the process; called on that thread if the driver says so.
        abandon: ends the process quickly; called on that thread if the driver is gone or was silent for too long.
    """

    def __init__(self, channel: Connection, *, stop: Callable[[], None], abandon: Callable[[], None]) -> None:
        self._channel, self._stop, self._abandon = channel, stop, abandon
        self._inbox: queue.Queue[Request] = queue.Queue()
        self._put_back: deque[Request] = deque()
        self._sending = threading.Lock()

    def open(self) -> None:
        """Start to listen."""
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, answer: Answer) -> None:
        """Send an answer; nothing happens if the driver is gone."""
        with self._sending, suppress(OSError):  # the listening thread notices that the driver is gone
            self._channel.send(answer)

    def next(self, *, wait: bool = True) -> Request:
        """The next request.

        Args:
            wait: for a request, if there is none.

        Raises:
            queue.Empty: there is no request, and `wait` is false.
        """
        return self._put_back.popleft() if self._put_back else self._inbox.get(block=wait)

    def put_back(self, request: Request) -> None:
        """Have a request returned by `next` again, before those that come later."""
        self._put_back.append(request)

    def _listen(self) -> None:
        heard = sent = time.monotonic()
        while time.monotonic() - heard < WATCH_S:
            try:
                while self._channel.poll(POLL_S):
                    request = self._channel.recv()
                    heard = time.monotonic()
                    if isinstance(request, Stop):
                        self._stop()
                    if not isinstance(request, Beat):
                        self._inbox.put(request)
            except (EOFError, OSError):
                break
            if time.monotonic() - sent >= BEAT_S:
                self.send(Beat())
                sent = time.monotonic()
        self._abandon()
