"""Decompression within bounds: what a file may grow to is known before it grows.

Every compressed part announces how large it is (a header says n x shape, an archive lists its members); a part that
holds more or less is refused. What all parts announce together is bounded by `most`: a small file that would fill the
memory is most likely no data at all.
"""

from __future__ import annotations

import os
import re
import zlib

from bench.core.errors import BenchError

VARIABLE = "BENCH_MAX_DECOMPRESSED"
DEFAULT_BYTES = 256 * 2**20
USUAL_RATIO = 50
"""Photographs, digits and tables shrink to a third or a tenth, not to less than a fiftieth."""

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SIZE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,6})?)\s*([KMGT]?)(?:i?B)?\s*", re.IGNORECASE)


def most(packed_bytes: int = 0) -> int:
    """How many bytes a file of so many bytes may hold once it is decompressed.

    Args:
        packed_bytes: of the file; 50 times as much is always allowed.

    Raises:
        BenchError: BENCH_MAX_DECOMPRESSED is set and no size.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return max(DEFAULT_BYTES, USUAL_RATIO * packed_bytes)
    size = _SIZE.fullmatch(named)
    if size is None:
        raise BenchError(
            f"{VARIABLE} is {named[:40]!r}, which is not a size.", hint=f"Write a size such as {VARIABLE}='2 GiB'."
        )
    return max(int(float(size[1]) * _UNITS[size[2].upper()]), USUAL_RATIO * packed_bytes)


def way_out(announced_bytes: int) -> str:
    """What to type to have so many bytes decompressed all the same."""
    gib = -(-announced_bytes // 2**30)
    return f"If you trust the file and the memory is there: {VARIABLE}='{gib} GiB'."


def inflate(packed: bytes, size: int) -> bytes:
    """What zlib compressed, if it is exactly as large as announced.

    Args:
        packed: a whole zlib stream.
        size: bytes it must hold.

    Raises:
        zlib.error: it is no such stream.
        ValueError: it holds more or less, or something follows it.
    """
    stream = zlib.decompressobj()
    content = stream.decompress(packed, size + 1)
    if len(content) != size or not stream.eof or stream.unused_data:
        raise ValueError(f"they have other than the announced {size:,} bytes")
    return content
