"""The user's cache: one uncompressed `.npz` per data set, named by its hash, written whole or not at all.

<cache>/mnist-5dcefeb1042d.npz                        what trials read
<cache>/mnist-5dcefeb1042d.npz.part                   being written; renamed when it has been read back
<cache>/mnist-5dcefeb1042d.npz.lock                   held by the one process that writes
<cache>/quarantine/mnist-20260131T120000000000Z.npz   what had another hash than its name says
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from bench.catalog.datasets import npz
from bench.catalog.datasets.arrays import Arrays, sha256, well_formed
from bench.core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Longer than all sources together may take (Keras and npm have deadlines), so that whoever waits is served.
LOCK_TIMEOUT_S = 2_400.0
_HASH_IN_NAME = 12
_AGAIN = "Run the same command again: a damaged file is put aside and fetched anew."
_ELSEWHERE = "Set BENCH_CACHE to a folder you may write to."


def cache_dir() -> Path:
    """Where data sets are kept: the folder BENCH_CACHE names, else the platform's place for caches."""
    named = os.environ.get("BENCH_CACHE")
    return Path(named).expanduser().absolute() if named else user_cache_path("keras-bench", appauthor=False)


def file_of(name: str, digest: str) -> Path:
    """Where the data set of this name and SHA-256 is kept, whether or not it is there."""
    safe = re.sub(r"[^\w.-]", "_", name).lstrip(".") or "dataset"
    return cache_dir() / f"{safe}-{digest[:_HASH_IN_NAME]}.npz"


def load(path: Path, digest: str) -> Arrays:
    """Reads a data set back and checks its hash; what a trial trains on comes through here.

    Args:
        path: a file of the cache, or one embedded in this package.
        digest: the SHA-256 its arrays must have. Equal hashes mean arrays that were checked when they were stored.

    Raises:
        DataError: the file is missing, damaged, or holds other arrays.
    """
    arrays = Arrays(**npz.read(path))
    if not well_formed(arrays):
        raise DataError(f"{path} holds arrays of another form than the ones stored there.", hint=_AGAIN)
    actual = sha256(arrays)
    if actual != digest:
        raise DataError(
            f"{path} holds arrays with SHA-256 {actual[:_HASH_IN_NAME]}..., expected {digest[:_HASH_IN_NAME]}....",
            hint=_AGAIN,
        )
    return arrays


def write(path: Path, arrays: Arrays, digest: str, source: str) -> None:
    """Puts a data set at `path` under its hash; the caller holds `locked(path)`.

    It is written beside its place, flushed to the disk, read back, and only then renamed, so that a reader sees a whole
    file or none, whatever is killed when.

    Raises:
        DataError: the file cannot be written, or does not read back as what was written.
    """
    part = path.with_name(f"{path.name}.part")  # one name: a part left by a killed process is overwritten by the next
    try:
        with part.open("wb") as file:
            npz.write(file, arrays, source)
            file.flush()
            os.fsync(file.fileno())
        load(part, digest)
        part.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}.", hint=_ELSEWHERE) from error
    finally:
        part.unlink(missing_ok=True)


def quarantine(path: Path) -> Path:
    """Moves a file that is not what its name says to `quarantine/`, where nothing reads it; returns its new place.

    Raises:
        DataError: it cannot be moved.
    """
    name = path.stem.rpartition("-")[0] or path.stem
    target = path.parent / "quarantine" / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.npz"
    try:
        target.parent.mkdir(exist_ok=True)
        path.replace(target)
    except OSError as error:
        raise DataError(
            f"{path} is damaged and cannot be put aside: {error.strerror or error}.", hint="Delete it by hand."
        ) from error
    return target


@contextmanager
def locked(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the one lock of a file of the cache; the system lets go of it when its holder dies.

    Args:
        path: the file that is about to be made.
        waiting: called once if another process holds the lock.

    Raises:
        DataError: the cache cannot be written, or the other process holds the lock for `LOCK_TIMEOUT_S`.
    """
    lock = FileLock(f"{path}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire(timeout=LOCK_TIMEOUT_S)
    except Timeout as error:
        raise DataError(
            f"Another process has been fetching {path.name} for more than {LOCK_TIMEOUT_S:.0f} s.",
            hint="See what it is doing and end it, or set BENCH_CACHE to another folder.",
        ) from error
    except OSError as error:
        raise DataError(
            f"The cache {path.parent} cannot be written: {error.strerror or error}.", hint=_ELSEWHERE
        ) from error
    try:
        yield
    finally:
        lock.release()
