"""Files that are read only where they are files, and written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.errors import OutputError

if TYPE_CHECKING:
    from typing import BinaryIO

_KINDS = {
    stat.S_IFIFO: "it is a pipe",
    stat.S_IFSOCK: "it is a socket",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
}


def open_file(path: Path) -> BinaryIO:
    """Open a regular file to read its bytes; a link is followed.

    A pipe may have no end, and some devices have none: whoever reads one waits for ever.

    Raises:
        OSError: it cannot be opened, or is a pipe, a device, a socket or a folder; `strerror` says which.
    """
    check_file(path)
    # between the look and the opening, a pipe may have taken the file's place: opening it does not wait
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _check_kind(os.fstat(descriptor).st_mode, path)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of a regular file.

    Raises:
        OSError: as `open_file`.
    """
    digest = hashlib.sha256()
    with open_file(path) as file:
        while part := file.read(2**20):
            digest.update(part)
    return digest.hexdigest()


def check_file(path: Path) -> None:
    """Refuse what is no regular file, for a reader that opens the path itself.

    Raises:
        OSError: nothing is there, or a pipe, a device, a socket or a folder; `strerror` says which.
    """
    _check_kind(path.stat().st_mode, path)


def _check_kind(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        why = f"{_KINDS.get(stat.S_IFMT(mode), 'it is something else')}, and not a file"
        raise OSError(errno.EINVAL, why, str(path))


def write_text(path: Path, text: str, *, durable: bool = False) -> Path:
    """Write UTF-8 text as `write_bytes` does."""
    return write_bytes(path, text.encode("utf-8"), durable=durable)


def write_bytes(path: Path, content: bytes, *, durable: bool = False) -> Path:
    """Write bytes under a temporary name and rename them, so that no reader ever sees half of them.

    A link is followed; a device or pipe is written to and stays what it is.

    Args:
        path: of the file; its folder is made where it is missing.
        content: of the file.
        durable: whether the file, and its place in its folder, is on the disk before this returns.

    Raises:
        OutputError: the file or its folder cannot be written.
    """
    try:
        target = path.resolve() if path.is_symlink() else path
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(content)
            return path
        make_folder(target.parent)
        _replace(target, content, durable=durable)
    except (OSError, RuntimeError) as error:  # the second where a link leads to itself
        why = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            f"{path} cannot be written: {why}.", hint="Name another file, or repair its folder."
        ) from error
    return path


def make_folder(folder: Path) -> None:
    """Make a folder, and those that it is in, where they are missing.

    Raises:
        OSError: it cannot be made; `NotADirectoryError` where a file stands in its place.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from error


def _replace(target: Path, content: bytes, *, durable: bool) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        # mkstemp makes files for their owner alone
        Path(temporary).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    if durable:
        # the folder may be as new as the file
        for folder in (target.parent, target.absolute().parent.parent):
            _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder written to the disk, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # a file system that keeps no log of names
            raise
    finally:
        os.close(descriptor)
