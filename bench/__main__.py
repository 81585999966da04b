"""`python -m bench`, and the command `bench`."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

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
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        _end()
    finally:
        # what is left is Python's own end
        for number in heeded:
            signal.signal(number, signal.SIG_IGN)


def _end() -> NoReturn:
    """End the process after an interruption, as Python would.

    Where it came while a module made its classes from text, Python has noted that, and would end itself by the signal
    and not with the exit code, although everything was put in order.
    """
    atexit._run_exitfuncs()  # noqa: SLF001  it has no public name
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(INTERRUPTED)


def _leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  Python's signature
    os.write(2, b"Interrupted.\n")
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
