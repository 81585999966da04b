"""The IDX format of MNIST and its siblings: bytes -> array, and a folder of four files -> a data set.

A file is two zero bytes, one byte for the type of its elements (8: unsigned byte), one for the number of dimensions,
each dimension as a big-endian 32-bit number, and then the elements.
"""

from __future__ import annotations

import gzip
import io
import math
import re
import zlib
from typing import TYPE_CHECKING

import numpy as np

from bench.catalog.datasets.arrays import Arrays, checked
from bench.catalog.datasets.npy import MOST_AXES
from bench.core import decompress
from bench.core.errors import DataError
from bench.core.files import open_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_UNSIGNED_BYTE = 8
_TYPES = {8: "uint8", 9: "int8", 11: "int16", 12: "int32", 13: "float32", 14: "float64"}
_MAGIC_BYTES, _DIMENSION_BYTES = 4, 4
_GZIP_MAGIC = b"\x1f\x8b"

_FILE = re.compile(r"(train|t10k)-(images|labels)[-.]idx[13]-ubyte(\.gz)?")
PARTS = (("train", "images"), ("train", "labels"), ("t10k", "images"), ("t10k", "labels"))


def decode(data: bytes, where: str) -> NDArray[np.uint8]:
    """The array in the bytes of an IDX file, plain or gzipped; a view of those bytes, so read-only.

    Args:
        data: the whole file.
        where: its name, for messages.

    Raises:
        DataError: the bytes are not exactly one IDX array of unsigned bytes.
    """
    if data.startswith(_GZIP_MAGIC):
        return _unzipped(data, where)
    shape, start = _header(data, where)
    return _shaped(memoryview(data)[start:], shape, where)


def _header(data: bytes, where: str) -> tuple[tuple[int, ...], int]:
    """The shape that a file announces, and where its elements begin."""
    if len(data) < _MAGIC_BYTES or data[0] or data[1]:
        raise DataError(
            f"{where} starts with {data[:_MAGIC_BYTES].hex(' ') or 'nothing'}; an IDX file starts with two zero bytes.",
            hint="Check that this is the file itself and not a web page saved under its name.",
        )
    kind, dimensions = data[2], data[3]
    if kind != _UNSIGNED_BYTE:
        raise DataError(
            f"{where} holds elements of type {_TYPES.get(kind, f'{kind:#04x}, which IDX does not know')}; only uint8 "
            "is read.",
            hint="Save the data as an .npz with the keys x_train, y_train, x_test and y_test instead.",
        )
    if dimensions > MOST_AXES:
        raise DataError(
            f"{where} has {dimensions} dimensions; at most {MOST_AXES} are read.",
            hint="Check that this is the file that you mean: pictures have 3 dimensions, labels 1.",
        )
    start = _MAGIC_BYTES + _DIMENSION_BYTES * dimensions
    if not dimensions or len(data) < start:
        raise DataError(
            f"{where} ends within its header: {len(data)} bytes, {dimensions} dimensions.",
            hint="Fetch the file again.",
        )
    shape = tuple(int(size) for size in np.frombuffer(data, dtype=">u4", count=dimensions, offset=_MAGIC_BYTES))
    return shape, start


def _shaped(elements: bytes | memoryview, shape: tuple[int, ...], where: str) -> NDArray[np.uint8]:
    expected, present = math.prod(shape), len(elements)
    if expected != present:
        raise _of_other_size(shape, f"{present:,}", where)
    if not expected:
        raise DataError(f"{where} holds no element: {' x '.join(map(str, shape))}.", hint="Fetch the file again.")
    return np.frombuffer(elements, dtype=np.uint8).reshape(shape)


def _of_other_size(shape: tuple[int, ...], present: str, where: str) -> DataError:
    return DataError(
        f"{where} announces {' x '.join(map(str, shape))} = {math.prod(shape):,} elements but holds {present}.",
        hint="Fetch the file again: it was cut off or something was appended to it.",
    )


def chosen(names: Iterable[str]) -> dict[tuple[str, str], str]:
    """Which of these file names is which part of a data set; a plain file is chosen over its gzipped twin."""
    parts: dict[tuple[str, str], str] = {}
    for name in sorted(names, reverse=True):  # reverse: the plain file comes after `.gz` and replaces it
        match = _FILE.fullmatch(name)
        if match:
            parts[match[1], match[2]] = name
    return parts


def is_folder(path: Path) -> bool:
    """Whether a path is a folder that holds any file named as IDX files are."""
    return path.is_dir() and bool(chosen(entry.name for entry in path.iterdir()))


def read_folder(folder: Path) -> Arrays:
    """The data set in a folder's four IDX files.

    They are named `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
    `t10k-labels-idx1-ubyte`, with `-` or `.` before `idx` and with or without `.gz`.

    Raises:
        DataError: a file is missing or cannot be read, is not IDX, or the four do not make a data set.
    """
    try:
        parts = chosen(entry.name for entry in folder.iterdir())
        return assemble(parts, lambda name: _bytes(folder / name), str(folder))
    except OSError as error:
        raise DataError(
            f"{folder} cannot be read: {error.strerror or error}.", hint="Check its permissions."
        ) from error


def _bytes(path: Path) -> bytes:
    with open_file(path) as file:
        return file.read()


def assemble(parts: Mapping[tuple[str, str], str], read: Callable[[str], bytes], where: str) -> Arrays:
    """The data set made of four IDX files, wherever their bytes come from.

    Args:
        parts: the name of each part, as `chosen` finds them.
        read: gives the bytes of a named file.
        where: the folder or archive, for messages.

    Raises:
        DataError: a part is missing, is not IDX, or the four do not make a data set.
    """
    missing = [f"{split}-{kind}" for split, kind in PARTS if (split, kind) not in parts]
    if missing:
        raise DataError(
            f"{where} has no IDX file for {', '.join(missing)}.",
            hint="The four files are named like train-images-idx3-ubyte and t10k-labels-idx1-ubyte(.gz).",
        )
    decoded = (decode(read(parts[part]), f"{where}/{parts[part]}") for part in PARTS)
    return checked(*decoded, where=where)


def _unzipped(data: bytes, where: str) -> NDArray[np.uint8]:
    """The array in a gzipped file; no more of it is decompressed than its header announces."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            head = file.read(_MAGIC_BYTES)
            if len(head) == _MAGIC_BYTES:
                head += file.read(_DIMENSION_BYTES * min(head[3], MOST_AXES))
            shape, _ = _header(head, where)
            announced, most = math.prod(shape), decompress.most(len(data))
            if announced > most:
                raise DataError(
                    f"{where} announces {' x '.join(map(str, shape))} = {announced:,} elements, more than the "
                    f"{most:,} that so small a file may hold.",
                    hint=decompress.way_out(announced),
                )
            elements = file.read(announced)
            if len(elements) == announced and file.read(1):
                raise _of_other_size(shape, "more", where)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{where} is not a whole gzip file: {error}.", hint="Fetch the file again.") from error
    return _shaped(elements, shape, where)
