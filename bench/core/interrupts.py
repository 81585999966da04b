"""Ctrl-C and SIGTERM at a moment of our choosing: never between a trial's end and its commit."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """While entered, an interruption is kept until the program says that it is welcome.

    A second one, from a user who will not wait, is raised at once. Outside the main thread, where Python delivers no
    signals, this does nothing.
    """

    def __init__(self) -> None:
        self._requested = self._welcome = False
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupts:  # noqa: PYI034  there are no subclasses
        if threading.current_thread() is threading.main_thread():
            self._previous = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    @contextmanager
    def welcome(self) -> Iterator[None]:
        """Let an interruption in, one that came before included.

        Raises:
            KeyboardInterrupt: there was one, or one comes while inside.
        """
        self._welcome = True
        try:
            if self._requested:
                raise KeyboardInterrupt
            yield
        finally:
            self._welcome = False

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  Python's signature
        insisting, self._requested = self._requested, True
        if self._welcome or insisting:
            raise KeyboardInterrupt
