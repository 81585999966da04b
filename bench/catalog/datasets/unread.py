"""Files and folders that people keep data in and that are not read, each with the way to bring it all the same."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from bench.catalog.datasets import idx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READ = (
    "What is read: an .npz with x_train, y_train, x_test and y_test, a folder of the four IDX files, or what a loader "
    "returns"
)
_LOADER = 'Write a loader, for example in my_data.py beside the suite, and then dataset = "my_data:load":'
_ANY_LOADER = (
    "Write a loader, package.module:function, a function that reads it and returns ((x_train, y_train), (x_test, "
    "y_test)) as NumPy arrays; labels are class numbers from 0."
)

PICTURES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
_TABLES = {
    ".csv": "read_csv({path!r})",
    ".tsv": "read_csv({path!r}, sep='\\t')",
    ".parquet": "read_parquet({path!r})",
    ".feather": "read_feather({path!r})",
    ".xls": "read_excel({path!r})",
    ".xlsx": "read_excel({path!r})",
}
_KINDS = {
    **dict.fromkeys(_TABLES, "a table"),
    **dict.fromkeys(PICTURES, "a picture"),
    ".npy": "a single array",
    ".json": "a JSON file",
    ".jsonl": "a JSON file",
    ".txt": "a text file",
    ".arff": "a table",
    ".h5": "an HDF5 file",
    ".hdf5": "an HDF5 file",
    ".mat": "a MATLAB file",
    ".pickle": "a file of Python objects",
    ".pkl": "a file of Python objects",
    ".joblib": "a file of Python objects",
    ".pt": "a file of Python objects",
    ".tfrecord": "a file of TensorFlow records",
    ".gz": "a packed file",
    ".tar": "a packed file",
    ".tgz": "a packed file",
    ".zip": "a packed file",
    ".db": "a database",
    ".sqlite": "a database",
}
SUFFIXES = frozenset(_KINDS)
"""How files end that hold data but are not read."""

_PARTS = frozenset({"train", "test", "val", "valid", "validation", "images", "labels"})
"""Names of folders that are no classes."""

_LOOKED_AT = 64
"""Entries of a folder that are looked at, at most; a folder of pictures has thousands."""


def kind_of_file(path: Path) -> str | None:
    """What a file is by its ending, in words; None where that says nothing, or it is an `.npz`."""
    return _KINDS.get(path.suffix.lower())


def way_for_file(path: Path) -> str:
    """What to type to have the data of a file trained that is not read itself."""
    suffix = path.suffix.lower()
    if suffix in _TABLES:
        return code(
            "import pandas",
            "def load():  # CLASS is the column of the classes",
            f"    table = pandas.{_TABLES[suffix].format(path=str(path))}.sample(frac=1, random_state=0)",
            "    x, y, cut = table.drop(columns='CLASS').to_numpy(), table['CLASS'].to_numpy(), len(table) * 4 // 5",
            "    return (x[:cut], y[:cut]), (x[cut:], y[cut:])",
        )
    if suffix == ".npy":
        return (
            "Put four arrays into one file: numpy.savez('data.npz', x_train=..., y_train=..., x_test=..., y_test=...)."
        )
    return _ANY_LOADER


def folder_problem(folder: Path) -> tuple[str, str] | None:
    """What a folder holds instead of IDX files, and what to do about it.

    Returns:
        None where it holds IDX files, or nothing.

    Raises:
        OSError: it may not be looked into.
    """
    entries = sorted(islice(folder.iterdir(), _LOOKED_AT))
    if not entries or idx.is_folder(folder):
        return None
    archive = next((entry for entry in entries if entry.suffix == ".npz"), None)
    if archive is not None:
        return f"is a folder with {archive.name} in it, and no IDX files", f"Name the file: {str(archive)!r}."
    picture = next(_pictures(folder), None)
    if picture is not None:
        return f"is a folder of pictures, such as {picture.relative_to(folder)}", _way_for_pictures(folder)
    return f"is a folder without IDX files; it holds {entries[0].name}", _ANY_LOADER


def _pictures(folder: Path, deeper: int = 2) -> Iterator[Path]:
    entries = sorted(islice(folder.iterdir(), _LOOKED_AT))
    yield from (entry for entry in entries if entry.suffix.lower() in PICTURES)
    if deeper:
        for entry in entries:
            if entry.is_dir():
                yield from _pictures(entry, deeper - 1)


def _way_for_pictures(folder: Path) -> str:
    """Code for one folder per class, the two layouts that Keras reads; words for any other."""
    folders = {entry.name for entry in islice(folder.iterdir(), _LOOKED_AT) if entry.is_dir()}
    where = str(folder)
    # without a seed the order would differ from call to call
    options = "image_size=(64, 64), batch_size=None, seed=0"
    if {"train", "test"} <= folders:
        parts = f"[directory({where!r} + part, {options}) for part in ('/train', '/test')]"
    elif len(folders) > 1 and not folders & _PARTS:
        parts = f"directory({where!r}, {options}, validation_split=0.2, subset='both')"
    else:
        return _ANY_LOADER
    return code(
        "import numpy",
        "from keras.utils import image_dataset_from_directory as directory",
        "def load():  # every picture is brought to 64 x 64",
        f"    parts = [list(part) for part in {parts}]",
        "    return [(numpy.array([x for x, _ in part], 'uint8'), [int(y) for _, y in part]) for part in parts]",
    )


def code(*lines: str) -> str:
    """A loader to copy, after the words that say where it goes."""
    return "\n".join((_LOADER, *(f"      {line}" for line in lines)))
