"""`python -m bench`, and the command `bench`."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Run the command line; an interruption while it is imported ends the process as one at any other time does."""
    ended_by = [number for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", None)) if number]
    heeded = [number for number in ended_by if signal.getsignal(number) is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, _leave)
    from bench.cli import main as command_line  # noqa: PLC0415  after the handlers are there

    try:
        command_line()
    finally:
        # what is left is Python's own end
        for number in heeded:
            signal.signal(number, signal.SIG_IGN)


def _leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  Python's signature
    os.write(2, b"Interrupted.\n")
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
