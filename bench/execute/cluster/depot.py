"""Files that are sent by their hash: data sets, references, code. A node keeps them from one run to the next."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import zipfile
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from bench.core.errors import ExecutionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.execute.cluster.messages import Put

CHUNK_BYTES = 4 * 2**20


class Depot:
    """The files of a node, each in a folder of its hash, under its own name.

    Args:
        folder: of this user; other agents of the machine may use it at the same time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._coming: dict[str, tuple[Path, IO[bytes]]] = {}

    def having(self, digests: Iterable[str]) -> frozenset[str]:
        """Which of the files are stored here."""
        return frozenset(digest for digest in digests if self._stored(digest) is not None)

    def path(self, digest: str) -> Path:
        """The path of a file.

        Raises:
            ExecutionError: it is not there.
        """
        path = self._stored(digest)
        if path is None:
            raise ExecutionError(f"A file with SHA-256 {digest[:12]}... was to be here, and is not.")
        return path

    def take(self, put: Put) -> bool:
        """Store a part of a file; whether the file is complete now.

        Raises:
            ExecutionError: the complete file has another hash, or cannot be written.
        """
        try:
            if put.digest not in self._coming:
                place = self._folder / f"coming-{secrets.token_hex(8)}"
                place.mkdir(parents=True)
                self._coming[put.digest] = place, (place / PurePosixPath(put.name).name).open("wb")
            place, file = self._coming[put.digest]
            file.write(put.content)
            if not put.last:
                return False
            file.close()
            del self._coming[put.digest]
            whole = next(place.iterdir())
            if digest_of(whole) != put.digest:
                shutil.rmtree(place)
                raise ExecutionError(f"The file {put.name} was damaged on its way.")
            _settle(place, self._folder / put.digest)
        except OSError as error:
            raise ExecutionError(f"The file {put.name} cannot be written: {error.strerror or error}.") from error
        return True

    def unpacked(self, digest: str) -> Path:
        """The folder that an archive holds.

        Raises:
            ExecutionError: the archive is not there, or cannot be unpacked.
        """
        folder = self._folder / f"{digest}-unpacked"
        if folder.is_dir():
            return folder
        place = self._folder / f"coming-{secrets.token_hex(8)}"
        try:
            with zipfile.ZipFile(self.path(digest)) as archive:
                archive.extractall(place)
            _settle(place, folder)
        except (OSError, zipfile.BadZipFile) as error:
            raise ExecutionError(f"The code of the suite cannot be unpacked: {error}.") from error
        return folder

    def _stored(self, digest: str) -> Path | None:
        folder = self._folder / digest
        return next(folder.iterdir(), None) if folder.is_dir() else None


def _settle(place: Path, folder: Path) -> None:
    """Give a folder its name; if it was received twice, the first copy stays."""
    with suppress(OSError):
        place.rename(folder)
    shutil.rmtree(place, ignore_errors=True)


def digest_of(path: Path) -> str:
    """SHA-256 (hex) of a file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    """The parts of a file, and of each whether it is the last; an empty file has one.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        part = file.read(CHUNK_BYTES)
        while True:
            following = file.read(CHUNK_BYTES)
            yield part, not following
            if not following:
                return
            part = following
