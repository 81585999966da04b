"""The logs of workers: opened safely, bounded in size, and read for the line that says why a worker ended."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.execute.failures import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LONGEST_LOG_BYTES = 64 * 2**20
"""A log that is longer loses its middle."""

KEPT_BYTES = 16 * 2**20
"""What is kept of the beginning and of the end of such a log."""

TAIL_BYTES = 64 * 2**10
"""How much of a log's end is read for its last line."""

SILENT = "it printed nothing"

_STARTUP = re.compile(
    r"""
    \d{4}-\d\d-\d\d\ \d\d:\d\d:\d\d[.,]\d+:\ [IW]\ |                      # TensorFlow's own log: information, warnings
    [IW]\d{4}\ \d\d:\d\d:\d+[.:]\d+(:\d+)?[.\d]*\s+\d+\ |                 # the same by absl
    WARNING:\ All\ log\ messages\ before\ absl::InitializeLog |
    To\ enable\ the\ following\ instructions |
    .*(cuInit|This\ TensorFlow\ binary\ is\ optimized|oneDNN\ custom\ operations|Unable\ to\ register\ cu|
       cuda_platform\.cc|cuda_dnn\.cc|cuda_fft\.cc|cuda_blas\.cc|computation_placer|No\ GPU/TPU\ found)
    """,
    re.VERBOSE,
)
"""Lines that TensorFlow and its libraries print when they start, on machines where all is well."""


def open_log(path: str | None) -> int:
    """A descriptor that appends to a log; to nothing where there is none or it cannot be opened.

    What stands at its place and is no regular file (a pipe that nobody reads, a link to a device) is not written to.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
    if path is not None:
        with suppress(OSError):
            descriptor = os.open(path, flags, 0o644)
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return descriptor
            os.close(descriptor)
    return os.open(os.devnull, os.O_WRONLY)


def last_line(log: Path) -> str:
    """The last line of a log that says anything; what a process printed last is most often why it ended.

    Args:
        log: read as far as its last 64 KiB, and only if it is a regular file.

    Returns:
        At most 400 characters; what TensorFlow prints when it starts is passed over.
    """
    try:
        descriptor = os.open(log, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return SILENT
    try:
        return last_words(descriptor) if stat.S_ISREG(os.fstat(descriptor).st_mode) else SILENT
    finally:
        os.close(descriptor)


def last_words(descriptor: int) -> str:
    """The last line of an open regular file that says anything, as `last_line` gives it."""
    size = os.fstat(descriptor).st_size
    text = os.pread(descriptor, TAIL_BYTES, max(0, size - TAIL_BYTES)).decode(errors="replace")
    lines = (line.strip() for line in reversed(text.splitlines()))
    return next((shortened(line) for line in lines if line and not _STARTUP.match(line)), SILENT)


@dataclass(slots=True)
class LogLimit:
    """Keeps logs from filling the disk while a worker writes to them.

    Attributes:
        paths: of the logs; those that are not there, or are no regular files, are left alone.
        left_out: bytes taken out of the middle, by path.
    """

    paths: Sequence[str]
    left_out: dict[str, int] = field(default_factory=dict)

    def keep(self) -> None:
        """Take out the middle of every log that is too long, and say so in it."""
        for path in self.paths:
            with suppress(OSError):
                status = os.lstat(path)
                if stat.S_ISREG(status.st_mode) and status.st_size > LONGEST_LOG_BYTES:
                    self._shorten(path, status.st_size)

    def _shorten(self, path: str, size: int) -> None:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK), "r+b", buffering=0) as file:
            tail = os.pread(file.fileno(), KEPT_BYTES, size - KEPT_BYTES)
            self.left_out[path] = self.left_out.get(path, 0) + size - 2 * KEPT_BYTES
            note = (
                f"\n[{self.left_out[path]:,} bytes were left out here: a log is kept to {LONGEST_LOG_BYTES:,} bytes.]\n"
            )
            # whoever appends meanwhile appends to what is left
            os.pwrite(file.fileno(), note.encode() + tail, KEPT_BYTES)
            os.ftruncate(file.fileno(), KEPT_BYTES + len(note) + len(tail))
