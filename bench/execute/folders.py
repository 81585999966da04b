"""The folders for temporary files of warm servers: each is locked, so that one whose server is gone is known."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from bench.execute.marks import end_marked

PREFIX = "keras-bench-"
LOCK = "lock"
END_S = 2.0
"""Seconds in which what a server has left behind must have ended."""


def new_folder() -> Path:
    """A path for the folder of a server, which makes it."""
    return Path(tempfile.gettempdir()).absolute() / f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"


def make_folder(folder: Path) -> int:
    """Make the folder of this process, a server.

    Returns:
        A descriptor that locks it as long as it is open in any process.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    _lock(lock)
    return lock


def sweep() -> None:
    """Remove the folders whose servers were killed together with their harnesses, and end what those have left."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and entry.is_dir(follow_symlinks=False):
                _remove_if_left(Path(entry.path).absolute())


def _remove_if_left(folder: Path) -> None:
    try:
        if folder.stat().st_uid != os.getuid():
            return
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return  # it is being made or removed
    try:
        _lock(lock)
    except OSError:
        return  # its server is at work
    else:
        end_marked(str(folder), within_s=END_S)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _lock(descriptor: int) -> None:
    import fcntl  # noqa: PLC0415  there is none on Windows, where this module is imported and not used

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
