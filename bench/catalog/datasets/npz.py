"""NumPy's archive of arrays, `.npz`: read with suspicion, written plainly."""

from __future__ import annotations

import json
import tokenize
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from bench.catalog.datasets import npy
from bench.core import decompress
from bench.core.documents import json_value
from bench.core.errors import DataError
from bench.core.files import open_file
from bench.core.target import Task
from bench.core.trees import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.catalog.datasets.arrays import AnyArray, Arrays
    from bench.core.trees import Inputs

KEYS = ("x_train", "y_train", "x_test", "y_test")
WEIGHTS = ("w_train", "w_test")
ABOUT = "about"
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
    NotImplementedError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


def read(path: Path) -> dict[str, Any]:
    """The data set in an archive, as the arguments of `Arrays` and of `checked`; nothing is ever unpickled.

    Returns:
        `x_train`, `y_train`, `x_test` and `y_test` as they are, inputs as a dict of arrays where the keys are
        `x_train/NAME`; `w_train` and `w_test` where there are weights; and, of an archive that `write` made, `task`,
        `names` and `features`.

    Raises:
        DataError: the file cannot be read, is damaged, lacks a key, holds Python objects, or is no archive at all.
    """
    with opened(path) as archive:
        keys = {key.partition("/")[0] for key in archive.files}
        missing = [key for key in KEYS if key not in keys]
        if missing:
            raise DataError(
                f"{path} lacks {', '.join(missing)}; it holds {', '.join(archive.files) or 'nothing'}.",
                hint=_SAVE,
            )
        contents: dict[str, Any] = {key: _inputs(archive, key, path) for key in KEYS}
        contents |= {key: plain(archive, key, path) for key in WEIGHTS if key in archive.files}
        return contents | _about(archive, path)


@contextmanager
def opened(path: Path) -> Iterator[np.lib.npyio.NpzFile]:
    """An archive whose arrays may be read, with every damage as a `DataError`.

    Raises:
        DataError: the file cannot be read, is damaged, or is no archive at all.
    """
    try:
        # Opened here, so that the file is closed even when numpy refuses it.
        with open_file(path) as file, _opened(file, path) as archive:
            yield archive
    except MemoryError as error:
        raise DataError(f"{path} is larger than the memory that is left.", hint="Close other programs.") from error
    except _DAMAGE as error:
        raise DataError(
            f"{path} is a damaged .npz: {error or type(error).__name__}.", hint="Save it again with numpy.savez."
        ) from error
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}.", hint="Check the path and its permissions."
        ) from error


def _inputs(archive: np.lib.npyio.NpzFile, key: str, path: Path) -> Inputs:
    """An array, or the arrays `key/NAME` by name."""
    if key in archive.files:
        return plain(archive, key, path)
    prefix = f"{key}/"
    return {name.removeprefix(prefix): plain(archive, name, path) for name in archive.files if name.startswith(prefix)}


def _about(archive: np.lib.npyio.NpzFile, path: Path) -> dict[str, Any]:
    """What `write` noted about task and names; a foreign archive, and one of an earlier version, has no such note."""
    note = plain(archive, ABOUT, path) if ABOUT in archive.files else None
    if note is None or note.dtype.kind != "U":
        return {}
    about = json_value(str(note))
    return {"task": Task(about["task"]), **{key: tuple(about[key]) for key in ("names", "features")}}


def read_source(path: Path) -> str:
    """The words about its origin that `write` left in an archive, under `source`; empty where there are none."""
    try:
        with open_file(path) as file, _opened(file, path) as archive:
            return str(plain(archive, "source", path)) if "source" in archive.files else ""
    except (*_DAMAGE, MemoryError, OSError, DataError):
        return ""


def write(file: IO[bytes], arrays: Arrays, source: str) -> None:
    """Writes a data set and where it came from, uncompressed: trials read it far more often than it is written.

    Raises:
        OSError: the file cannot be written, for example because the disk is full.
    """
    arrays_by_key: dict[str, Any] = {}
    for part in ("train", "test"):
        for name, array in leaves(getattr(arrays, f"x_{part}")):
            arrays_by_key[f"x_{part}/{name}" if name else f"x_{part}"] = array
        arrays_by_key[f"y_{part}"] = getattr(arrays, f"y_{part}")
        if (weights := getattr(arrays, f"w_{part}")) is not None:
            arrays_by_key[f"w_{part}"] = weights
    about = json.dumps({"task": arrays.task, "names": arrays.names, "features": arrays.features})
    np.savez(file, **arrays_by_key, source=np.array(source), about=np.array(about))


def plain(archive: np.lib.npyio.NpzFile, key: str, path: Path) -> AnyArray:
    """One array of an archive, once its header and the archive agree on its size.

    Raises:
        DataError: it is no array, holds Python objects, or announces another size than it has.
    """
    files = _members(archive)
    if f"{key}.npy" not in files.namelist():
        raise DataError(f"{path}: {key} is not a NumPy array; every member of an .npz is an .npy.", hint=_SAVE)
    with files.open(f"{key}.npy") as member:
        npy.check_size(member, files.getinfo(f"{key}.npy").file_size, f"{path}: {key}")
    return npy.check_texts(archive[key], f"{path}: {key}")


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
    _check_grown(archive, path)
    return archive


def _members(archive: np.lib.npyio.NpzFile) -> zipfile.ZipFile:
    if archive.zip is None:
        raise ValueError("the archive is closed")
    return archive.zip


def _check_grown(archive: np.lib.npyio.NpzFile, path: Path) -> None:
    """Refuse an archive that fills the memory once it is decompressed."""
    announced, most = (
        sum(member.file_size for member in _members(archive).infolist()),
        decompress.most(path.stat().st_size),
    )
    if announced > most:
        archive.close()
        raise DataError(
            f"{path} has {announced:,} bytes once it is decompressed, more than the {most:,} that are allowed.",
            hint=decompress.way_out(announced),
        )
