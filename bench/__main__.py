"""`python -m bench`, and the command `bench`."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
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

    code: object = 0
    try:
        command_line(early=True)
    except SystemExit as end:
        code = end.code
    finally:
        # what is left is the end of the process
        for number in heeded:
            signal.signal(number, signal.SIG_IGN)
    _end(code)


def _end(code: object) -> NoReturn:
    """End the process as Python would, but for the memory that it would free piece by piece.

    After an interruption that came while a module made its classes from text, Python would also end itself by the
    signal and not with the exit code, although everything was put in order.
    """
    if not isinstance(code, int):
        raise SystemExit(code)
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  it has no public name, as the next
    atexit._run_exitfuncs()  # noqa: SLF001
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  Python's signature
    os.write(2, b"Interrupted.\n")
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
