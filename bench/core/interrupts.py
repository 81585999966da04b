"""Ctrl-C, SIGTERM and SIGHUP: never overlooked, and never between a trial's end and its commit."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What ends a command: Ctrl-C, `kill`, and a terminal that is closed."""


class _Handlers:
    """Handles `SIGNALS` while entered, but those that are ignored (by `nohup`, or a shell's `&`), which stay so.

    Outside the main thread, where Python delivers no signals, this does nothing.
    """

    def __init__(self) -> None:
        self.requested = False
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                previous = signal.getsignal(number)
                if previous is not signal.SIG_IGN:
                    self._previous[number] = previous
                    signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        raise NotImplementedError


class Interruptible(_Handlers):
    """While entered, an interruption is raised at once and remembered.

    It has to be remembered: what is written in C, and what catches everything, turns a `KeyboardInterrupt` into another
    error or swallows it.

    Attributes:
        requested: whether there was an interruption.
    """

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  Python's signature
        self.requested = True
        raise KeyboardInterrupt


class Interrupts(_Handlers):
    """While entered, an interruption is kept until the program says that it is welcome.

    A second one, from a user who will not wait, is raised at once. One that an `Interruptible` around it has seen, and
    that was swallowed, counts as the first.
    """

    def __init__(self) -> None:
        super().__init__()
        self._welcome = False

    def __enter__(self) -> Self:
        super().__enter__()
        around = (getattr(handler, "__self__", None) for handler in self._previous.values())
        self.requested = any(isinstance(handlers, Interruptible) and handlers.requested for handlers in around)
        return self

    @contextmanager
    def welcome(self) -> Iterator[None]:
        """Let an interruption in, one that came before included.

        Raises:
            KeyboardInterrupt: there was one, or one comes while inside.
        """
        self._welcome = True
        try:
            if self.requested:
                raise KeyboardInterrupt
            yield
        finally:
            self._welcome = False

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  Python's signature
        insisting, self.requested = self.requested, True
        if self._welcome or insisting:
            raise KeyboardInterrupt
