"""Files of NumPy as somebody has them: an `.npz` of two parts or of one, and a pair of `.npy`."""

from __future__ import annotations

import tokenize
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from bench.catalog.datasets import npy, npz
from bench.catalog.datasets.parts import Part
from bench.catalog.datasets.read.columns import check_names
from bench.core.errors import DataError
from bench.core.files import open_file

if TYPE_CHECKING:
    from pathlib import Path

    from bench.catalog.datasets.arrays import AnyArray
    from bench.catalog.datasets.declared import DatasetTable

_ARRAY = b"\x93NUMPY"
_INPUTS, _TARGETS = ("x", "X", "data", "images", "inputs"), ("y", "Y", "target", "targets", "label", "labels")


def has_parts(path: Path) -> bool:
    """Whether an archive has a training part and a test part.

    Raises:
        DataError: it cannot be read.
    """
    with npz.opened(path) as archive:
        return {key.partition("/")[0] for key in archive.files} >= set(npz.KEYS)


def read_npz(table: DatasetTable, path: Path) -> Part:
    """The one part in an archive: `x` and `y`, or the arrays that `features` and `target` name.

    Raises:
        DataError: the archive lacks them, or cannot be read.
    """
    with npz.opened(path) as archive:
        keys = archive.files
        target = table.target[0] if table.target else next((key for key in _TARGETS if key in keys), "y")
        inputs = table.features or tuple(key for key in _INPUTS if key in keys)[:1] or ("x",)
        for key, names in (("features", inputs), ("target", table.target or (target,))):
            check_names(names, keys, str(path), key)
        if table.weights:
            check_names((table.weights,), keys, str(path), "weights")
        if table.target and len(table.target) > 1:
            raise DataError(
                f"{path}: target names {len(table.target)} arrays, as for a model of several outputs, which this "
                "version does not train.",
                hint="Several values or labels of one kind are the columns of one array, (n, k).",
            )
        arrays = {key: npz.plain(archive, key, path) for key in inputs}
        return Part(
            x=arrays[inputs[0]] if len(inputs) == 1 else arrays,
            y=npz.plain(archive, target, path),
            w=npz.plain(archive, table.weights, path) if table.weights else None,
        )


def read_npy(path: Path) -> AnyArray:
    """The array of an `.npy`; nothing is ever unpickled.

    Raises:
        DataError: it is none, or holds Python objects.
    """
    try:
        with open_file(path) as file:
            if file.read(len(_ARRAY)) == _ARRAY:
                file.seek(0)
                npy.check_size(file, path.stat().st_size, str(path))
        array = np.load(path, allow_pickle=False)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.", hint="Check the path.") from error
    except (ValueError, TypeError, KeyError, EOFError, SyntaxError, tokenize.TokenError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is not an .npy file, or is damaged.", hint="Save it again with numpy.save.") from error
    if isinstance(array, np.lib.npyio.NpzFile):
        array.close()
        raise DataError(f"{path} is an .npz archive.", hint="Name it .npz.")
    return npy.check_texts(array, str(path))
