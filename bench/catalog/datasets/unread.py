"""Files and folders that people keep data in and that are not read, each with the way to bring it all the same."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from bench.catalog.datasets import idx
from bench.catalog.datasets.read.columns import listed_columns
from bench.catalog.datasets.read.folders import SUFFIXES as SUFFIXES_READ
from bench.catalog.datasets.read.folders import class_folders, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

READ = (
    "What is read: a CSV or Parquet file, a folder of pictures or of IDX files, an .npz, a pair of .npy, or what a "
    "loader returns"
)
_ANY_LOADER = (
    "Write a loader, package.module:function, a function that reads it and returns ((x_train, y_train), (x_test, "
    "y_test)) as NumPy arrays."
)
_TABLE_LOADER = (
    "Write a loader, package.module:function, that returns {what} as a pandas.DataFrame, and name it in a table:"
)

PICTURES = frozenset({*SUFFIXES_READ, ".tif", ".tiff", ".webp"})
_FRAMES = {
    ".feather": "pandas.read_feather(...)",
    ".xls": "pandas.read_excel(...)",
    ".xlsx": "pandas.read_excel(...)",
    ".json": "pandas.read_json(...)",
    ".jsonl": "pandas.read_json(..., lines=True)",
}
DECLARED = frozenset({".csv", ".tsv", ".parquet", ".npy"})
"""How files end that are read where a table says which of their columns is what."""
_KINDS = {
    **dict.fromkeys((".csv", ".tsv", ".parquet", ".feather", ".xls", ".xlsx"), "a table"),
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

_TARGETS = frozenset({"label", "labels", "target", "class", "y", "price", "outcome"})
"""What columns are called that are predicted, in lower case."""

_LOOKED_AT = 64
"""Entries of a folder that are looked at, at most; a folder of pictures has thousands."""


def kind_of_file(path: Path) -> str | None:
    """What a file is by its ending, in words; None where that says nothing, or it is an `.npz`."""
    return _KINDS.get(path.suffix.lower())


def way_for_file(path: Path) -> str:
    """What to type to have the data of a file trained that is not read itself."""
    call = _FRAMES.get(path.suffix.lower())
    if call is None:
        return _ANY_LOADER
    return "\n".join((_TABLE_LOADER.format(what=call), *_table("loader", "my_data:load", path.stem, target="COLUMN")))


def way_for_table(path: Path, reference: str) -> str:
    """The table of a suite that has a file read which is not read without one.

    Raises:
        DataError: the file cannot be read.
    """
    name = _name(path)
    if path.suffix.lower() == ".npy":
        lines = _table("path", reference, name, target="y.npy")
    else:
        from bench.catalog.datasets.read.files import column_names  # noqa: PLC0415  pandas takes a while to import

        columns = column_names(path)
        usual = (column for column in columns if column.lower() in _TARGETS)
        target = next(usual, columns[-1] if columns else "COLUMN")
        lines = _table("path", reference, name, target=target, columns=columns)
    return "\n".join((f'Say in a table of the suite what is predicted, and write dataset = "{name}":', *lines))


def _name(path: Path) -> str:
    """A table's name for a file or folder."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_") or "mine"


def _table(key: str, source: str, name: str, *, target: str = "", columns: Sequence[str] = ()) -> list[str]:
    """The lines of a table to copy."""
    comment = f"  # or another of: {listed_columns(columns)}" if columns else ""
    lines = [f"[datasets.{name}]", f'{key} = "{source}"']
    lines += [f'target = "{target}"{comment}'] if target else []
    return [f"      {line}" for line in (*lines, "test_split = 0.2")]


def folder_problem(folder: Path, reference: str) -> tuple[str, str] | None:
    """What a folder holds that is not read by its path alone, and what to do about it.

    Returns:
        None where it holds IDX files, pictures in `train` and `test`, or nothing.

    Raises:
        OSError: it may not be looked into.
    """
    entries = sorted(islice(folder.iterdir(), _LOOKED_AT))
    if not entries or idx.is_folder(folder):
        return None
    archive = next((entry for entry in entries if entry.suffix == ".npz"), None)
    if archive is not None:
        return f"is a folder with {archive.name} in it, and no IDX files", f"Name the file: {str(archive)!r}."
    if next((picture for part in class_folders(folder) for picture in _pictures(part, 1)), None) is not None:
        if parts_of(folder) is not None:
            return None
        return (
            "is a folder of pictures without the folders train and test",
            "\n".join(
                (
                    f'Have a part of them tested on, and write dataset = "{_name(folder)}":',
                    *_table("path", reference, _name(folder)),
                )
            ),
        )
    picture = next(_pictures(folder), None)
    if picture is not None:
        return (
            f"is a folder of pictures, such as {picture.relative_to(folder)}, without a subfolder for each class",
            f"Put the pictures of each class into a folder of its name: {folder.name}/CLASS/{picture.name}.",
        )
    return f"is a folder without IDX files or pictures; it holds {entries[0].name}", _ANY_LOADER


def _pictures(folder: Path, deeper: int = 2) -> Iterator[Path]:
    entries = sorted(islice(folder.iterdir(), _LOOKED_AT))
    yield from (entry for entry in entries if entry.suffix.lower() in SUFFIXES_READ)
    if deeper:
        for entry in entries:
            if entry.is_dir():
                yield from _pictures(entry, deeper - 1)
