"""What of a machine and a shell leads to errors that nobody expects where they come up: no bugs of ours."""

from __future__ import annotations

import errno
import os
import tempfile

from bench.core.errors import BenchError, OutputError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG}
"""What a disk says that takes nothing more."""

_REFUSED = {
    errno.EACCES,
    errno.EPERM,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOTDIR,
}
"""What a system says that lets a user have no file."""

_EPOCH = "SOURCE_DATE_EPOCH"
_LATEST_EPOCH = 2**33
"""Seconds since 1970: the year 2242."""


def cause_outside(error: Exception) -> BenchError | None:
    """What in a user's surroundings may have led to an error, with what to do; None where nothing is known to be wrong.

    Args:
        error: one that no command expected.
    """
    try:
        os.getcwd()  # noqa: PTH109  nothing but whether there is one
    except OSError:
        return BenchError("The current folder does not exist any more.", hint="cd to a folder that is.")
    epoch = os.environ.get(_EPOCH, "")
    if epoch and not (epoch.isdecimal() and int(epoch[:20]) < _LATEST_EPOCH):
        return BenchError(
            f"{_EPOCH} is {epoch[:40]!r}, which is not a time in seconds since 1970.", hint=f"unset {_EPOCH}"
        )
    if isinstance(error, MemoryError):
        return BenchError("There is not enough memory for this.", hint="Close other programs, or take fewer cells.")
    return _of_system(error) if isinstance(error, OSError) else None


def _of_system(error: OSError) -> BenchError | None:
    try:
        tempfile.gettempdir()
    except OSError:
        return OutputError(
            "No folder for temporary files can be written.", hint="Set TMPDIR to a folder that can, and that has room."
        )
    what = f"{error.filename} cannot be used" if error.filename is not None else "A file cannot be used"
    if error.errno in _FULL:
        return OutputError(f"{what}: {error.strerror}.", hint="Make room, or name a folder on another disk.")
    if error.errno in _REFUSED:
        return BenchError(f"{what}: {error.strerror}.", hint="Check the path and its permissions.")
    return None
