"""The header of NumPy's `.npy`: what it announces is checked before any memory is asked for."""

from __future__ import annotations

import math
import sys
from typing import IO, TYPE_CHECKING

import numpy as np

from bench.core.errors import DataError

if TYPE_CHECKING:
    from bench.catalog.datasets.arrays import AnyArray

MOST_AXES = 32
"""Of an array; NumPy itself has at most 64, and a picture 3."""

_HALVES = range(0xD800, 0xE000)


def check_size(file: IO[bytes], size: int, where: str) -> None:
    """Refuse an array of Python objects, and one that announces another size than it has.

    Args:
        file: at the beginning of an `.npy`; its header is read.
        size: bytes of the `.npy`.
        where: what is read, for messages.

    Raises:
        DataError: see above.
        ValueError, EOFError, SyntaxError and what else NumPy raises: the header is none.
    """
    version = np.lib.format.read_magic(file)
    # 3.0 differs from 2.0 in the names of fields, and arrays with fields are no data set
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read_header(file)
    if dtype.hasobject:
        raise DataError(
            f"{where} is an array of Python objects (dtype object), such as lists of different lengths, or texts "
            "beside numbers. Only arrays of numbers are read.",
            hint="Give every array one dtype of numbers before saving it: numpy.asarray(x).dtype must not be object.",
        )
    announced, present = math.prod(shape) * dtype.itemsize, size - file.tell()
    if any(length < 0 for length in shape) or len(shape) > MOST_AXES or announced != present:
        raise DataError(
            f"{where} announces {' x '.join(map(str, shape[:MOST_AXES])) or 'one'} of {dtype.itemsize} bytes and holds "
            f"{present:,} bytes.",
            hint="Save it again with numpy.savez or numpy.save.",
        )


def check_texts(array: AnyArray, where: str) -> AnyArray:
    """The array; an array of texts only if its numbers are those of characters.

    Raises:
        DataError: one is none, or half a character.
    """
    if array.dtype.kind == "U" and array.size:
        codes = np.ascontiguousarray(array).view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
        if (codes > sys.maxunicode).any() or ((codes >= _HALVES.start) & (codes < _HALVES.stop)).any():
            raise DataError(f"{where} holds texts that are damaged.", hint="Save it again with numpy.save.")
    return array
