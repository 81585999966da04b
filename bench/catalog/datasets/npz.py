"""NumPy's archive of arrays, `.npz`: read with suspicion, written plainly."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

import numpy as np

from bench.core.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from bench.catalog.datasets.arrays import AnyArray, Arrays

KEYS = ("x_train", "y_train", "x_test", "y_test")
_SAVE = "Save it with numpy.savez(path, x_train=..., y_train=..., x_test=..., y_test=...)."
_ARCHIVE, _ARRAY = b"PK", b"\x93NUMPY"
"""What files of numpy.savez and of numpy.save begin with."""

# All that zipfile, zlib and numpy's header parser are known to raise on bytes that are not what they seem.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
    EOFError,
    KeyError,
    MemoryError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


def read(path: Path) -> tuple[AnyArray, AnyArray, AnyArray, AnyArray]:
    """The arrays `x_train`, `y_train`, `x_test`, `y_test` of an archive, as they are; nothing is ever unpickled.

    Raises:
        DataError: the file cannot be read, is damaged, lacks a key, holds Python objects, or is no archive at all.
    """
    try:
        # Opened here, so that the file is closed even when numpy refuses it.
        with path.open("rb") as file, _opened(file, path) as archive:
            missing = [key for key in KEYS if key not in archive.files]
            if missing:
                raise DataError(
                    f"{path} lacks {', '.join(missing)}; it holds {', '.join(archive.files) or 'nothing'}.",
                    hint=_SAVE,
                )
            x_train, y_train, x_test, y_test = (_plain(archive, key, path) for key in KEYS)
            return x_train, y_train, x_test, y_test
    except _DAMAGE as error:
        raise DataError(
            f"{path} is a damaged .npz: {error or type(error).__name__}.", hint="Save it again with numpy.savez."
        ) from error
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}.", hint="Check the path and its permissions."
        ) from error


def read_source(path: Path) -> str:
    """The words about its origin that `write` left in an archive, under `source`; empty where there are none."""
    try:
        with path.open("rb") as file, _opened(file, path) as archive:
            return str(archive["source"]) if "source" in archive.files else ""
    except (*_DAMAGE, OSError, DataError):
        return ""


def write(file: IO[bytes], arrays: Arrays, source: str) -> None:
    """Writes a data set and where it came from, uncompressed: trials read it far more often than it is written.

    Raises:
        OSError: the file cannot be written, for example because the disk is full.
    """
    np.savez(
        file,
        x_train=arrays.x_train,
        y_train=arrays.y_train,
        x_test=arrays.x_test,
        y_test=arrays.y_test,
        source=np.array(source),
    )


def _plain(archive: np.lib.npyio.NpzFile, key: str, path: Path) -> AnyArray:
    try:
        array: AnyArray = archive[key]
    except ValueError as error:
        if "Object arrays" not in str(error):
            raise
        raise DataError(
            f"{path}: {key} is an array of Python objects (dtype object), such as lists of different lengths, or texts "
            "beside numbers. Only arrays of numbers are read.",
            hint="Give every array one dtype of numbers before saving it: numpy.asarray(x).dtype must not be object.",
        ) from error
    return array


def _opened(file: IO[bytes], path: Path) -> np.lib.npyio.NpzFile:
    start = file.read(len(_ARRAY))
    file.seek(0)
    if not start.startswith(_ARCHIVE) and start != _ARRAY:
        raise DataError(
            f"{path} is {'empty' if not start else 'no .npz file'}; an .npz holds the arrays {', '.join(KEYS)}.",
            hint=_SAVE,
        )
    archive = np.load(file, allow_pickle=False)
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise DataError(
            f"{path} holds one bare array; a data set is an archive of four.",
            hint=_SAVE,
        )
    return archive
