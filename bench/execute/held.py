"""Data that the warm server reads and verifies once, so that its workers inherit it and read nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bench.catalog import datasets
from bench.core import trees
from bench.core.errors import BenchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.catalog.datasets import Arrays

HELD_SHARE = 0.2
"""Of the machine's memory; data that is larger is read by each worker, which lets go of it again."""

_held: dict[tuple[str, str], Arrays] = {}


def hold(wanted: Sequence[tuple[str, str]]) -> None:
    """Read data sets, and let go of all others; what cannot be read is left to the workers, which say why.

    Args:
        wanted: the file and the SHA-256 of each.
    """
    for gone in _held.keys() - set(wanted):
        del _held[gone]
    left = HELD_SHARE * psutil.virtual_memory().total - sum(map(_size, _held.values()))
    for path, digest in wanted:
        if (path, digest) in _held:
            continue
        try:
            if Path(path).stat().st_size > left:
                continue
            arrays = datasets.load(Path(path), digest)
        except (BenchError, OSError, MemoryError, ValueError):
            continue
        left -= _size(arrays)
        if left >= 0:
            _held[path, digest] = arrays


def load(path: str, digest: str) -> Arrays:
    """A data set that the server holds, or as it is read from its file.

    Raises:
        DataError: the file is missing, damaged, or holds other arrays.
    """
    held = _held.get((path, digest))
    return datasets.load(Path(path), digest) if held is None else held


def _size(arrays: Arrays) -> int:
    parts = (arrays.x_train, arrays.x_test, arrays.y_train, arrays.y_test)
    return sum(map(trees.nbytes, parts))
