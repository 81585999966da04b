"""Standard output and error that outlive their reader: a command's work does not depend on who reads what it prints."""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TextIO

    from _typeshed import ReadableBuffer

NAMES = ("stdout", "stderr")


class StandardStreams:
    """While entered, `sys.stdout` and `sys.stderr` raise no error when they are written to.

    What is written to a pipe that nobody reads, or to a terminal that is gone, is thrown away. Streams that a program
    has put in the place of these two stay as they are.

    Attributes:
        failure: why standard output could not be written, where somebody wants it: the disk is full, for example.
    """

    def __init__(self) -> None:
        self.failure: OSError | None = None
        self._previous: dict[str, TextIO | None] = {}

    def __enter__(self) -> Self:
        _open_standard_descriptors()
        for name in NAMES:
            stream = getattr(sys, name)
            self._previous[name] = stream
            if stream is None:
                setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123  as long as the process
            elif stream is getattr(sys, f"__{name}__") and isinstance(stream, io.TextIOWrapper):
                stream.flush()
                setattr(sys, name, _guarded(stream, self._fail if name == "stdout" else lambda _: None))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()
        for name, stream in self._previous.items():
            setattr(sys, name, stream)

    def flush(self) -> None:
        """Write what is held back, so that `failure` says all."""
        for name in NAMES:
            getattr(sys, name).flush()

    def _fail(self, error: OSError) -> None:
        self.failure = self.failure or error


def _open_standard_descriptors() -> None:
    """See to it that 0, 1 and 2 are taken: else the next file that is opened gets what is printed."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:  # noqa: PLR2004  standard error
        pass
    os.close(descriptor)


def _guarded(stream: io.TextIOWrapper, fail: Callable[[OSError], None]) -> io.TextIOWrapper:
    """A stream on the same descriptor, buffered as the other one is."""
    raw = _Output(stream.fileno(), fail)
    unbuffered = isinstance(stream.buffer, io.RawIOBase)
    return io.TextIOWrapper(
        raw if unbuffered else io.BufferedWriter(raw),  # `python -u` leaves the buffer out as well
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


class _Output(io.FileIO):
    """A descriptor to which writing always succeeds.

    Args:
        descriptor: stays open when this is closed.
        fail: told of an error that is not just a reader who has gone.
    """

    def __init__(self, descriptor: int, fail: Callable[[OSError], None]) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._fail, self._terminal = fail, os.isatty(descriptor)

    def write(self, data: ReadableBuffer, /) -> int:
        """Write, and throw away what cannot be written; see `io.FileIO.write`."""
        try:
            while (written := super().write(data)) is None:
                select.select([], [self], [])  # whoever we share it with has made it non-blocking
        except OSError as error:
            gone = (errno.EPIPE, errno.ECONNRESET, *((errno.EIO,) if self._terminal else ()))
            if error.errno not in gone:
                self._fail(error)
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self.fileno())
            os.close(nothing)
            return memoryview(data).nbytes
        return written
