"""Folders for temporary files, each locked by the process that made it: one that is left behind is known, and removed.

What a process that was killed leaves is removed by the next start of a warm server; see `bench.execute.system.folders`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "keras-bench-"
LOCK = "lock"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder of this process, removed at the end.

    Raises:
        OutputError: no folder for temporary files can be written.
    """
    try:
        folder = new_folder()
        lock = make_folder(folder)
    except OSError as error:
        raise OutputError(
            f"No folder for temporary files can be made: {error.strerror or error}.",
            hint="Set TMPDIR to a folder that can be written and has room.",
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def new_folder() -> Path:
    """A path for a folder that `make_folder` makes.

    Raises:
        FileNotFoundError: the system has no folder for temporary files.
    """
    return Path(tempfile.gettempdir()).absolute() / f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"


def make_folder(folder: Path) -> int:
    """Make a folder, and lock it.

    Returns:
        A descriptor that locks it as long as it is open in any process.

    Raises:
        OSError: the folder cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unlocked = folder / f"{LOCK}.new"
    lock = os.open(unlocked, os.O_RDWR | os.O_CREAT, 0o600)
    _lock(lock)
    # under its name the file is locked from the beginning: a folder whose lock is free was left behind
    unlocked.replace(folder / LOCK)
    return lock


def left_folders() -> Iterator[Path]:
    """The folders whose makers are gone, each locked by this process while it is looked at."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if not entry.name.startswith(PREFIX) or not entry.is_dir(follow_symlinks=False):
                continue
            lock = _locked(Path(entry.path))
            if lock is not None:
                try:
                    yield Path(entry.path).absolute()
                finally:
                    os.close(lock)


def _locked(folder: Path) -> int | None:
    """A descriptor that locks a folder of this user whose maker is gone; None for any other."""
    lock = None
    try:
        if folder.stat().st_uid == os.getuid():
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
            _lock(lock)
    except OSError:  # it is being made or removed, or its maker is at work
        if lock is not None:
            os.close(lock)
        return None
    return lock


def _lock(descriptor: int) -> None:
    try:
        import fcntl  # noqa: PLC0415  there is none on Windows, where nothing is left to be removed by others
    except ImportError:
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
