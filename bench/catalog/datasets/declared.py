"""A table [datasets.NAME] of a suite file: where somebody's data is, and what of it is predicted from what."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from bench.catalog.datasets import idx
from bench.catalog.datasets.reference import COLLECTIONS, is_loader
from bench.core.names import listed, nearest
from bench.core.target import Task

KERAS_SETS = ("cifar10", "cifar100", "imdb", "reuters", "california_housing")
"""Keras's own data sets that are read as Keras's loaders give them; their hashes are not pinned."""
SKLEARN_SETS = ("iris", "wine", "breast_cancer", "diabetes", "digits")
DEFAULT_SPLIT = 0.25
"""The test part of what has none and of which nobody said anything; scikit-learn's own default."""

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(StrEnum):
    """What data is read from; the value is what messages call it."""

    CSV = "a CSV file"
    PARQUET = "a Parquet file"
    NPZ = "an .npz"
    NPY = "a pair of .npy files"
    PICTURES = "a folder of pictures"
    IDX = "a folder of IDX files"
    LOADER = "a loader"
    SKLEARN = "a data set of scikit-learn"
    OPENML = "a data set of OpenML"
    HUGGINGFACE = "a data set of Hugging Face"
    KERAS = "a data set of Keras"


_SUFFIXES = {
    ".csv": Kind.CSV,
    ".tsv": Kind.CSV,
    ".parquet": Kind.PARQUET,
    ".npz": Kind.NPZ,
    ".npy": Kind.NPY,
}
_SAVED = ("dataset_dict.json", "dataset_info.json")
"""Files by which a folder is known that Hugging Face's `save_to_disk` wrote, of several splits or of one."""
Wrong: TypeAlias = tuple[str, str | None, str]
TABLES = frozenset({Kind.CSV, Kind.PARQUET, Kind.OPENML, Kind.HUGGINGFACE})
"""Kinds that have columns with names."""
_SOURCE = frozenset({"path", "loader", "name"})
_ALWAYS = frozenset({"task", "shape"}) | _SOURCE
_COLUMNS = frozenset({"target", "features", "categories", "test_split", "split_column", "weights", "missing", "text"})
_KEYS: dict[Kind, frozenset[str]] = {
    Kind.CSV: _COLUMNS | {"test_path"},
    Kind.PARQUET: _COLUMNS | {"test_path"},
    Kind.NPZ: frozenset({"target", "features", "weights", "test_split"}),
    Kind.NPY: frozenset({"target", "weights", "test_split"}),
    Kind.PICTURES: frozenset({"size", "colour", "test_split", "test_path"}),
    Kind.IDX: frozenset(),
    Kind.LOADER: _COLUMNS,
    Kind.SKLEARN: frozenset({"test_split"}),
    Kind.OPENML: _COLUMNS,
    Kind.HUGGINGFACE: _COLUMNS | {"size", "colour"},
    Kind.KERAS: frozenset({"text"}),
}
"""The keys that each kind reads, beside those that all read."""


class TextKeys(BaseModel):
    """How texts become token ids."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str | None = Field(None, min_length=1, description="the column of the texts")
    vocabulary: int = Field(20_000, ge=3, le=10_000_000, description="the most ids, padding and unknown included")
    length: int = Field(200, ge=1, le=1_000_000, description="ids per text: longer texts are cut, shorter ones padded")


def _names(value: object) -> object:
    """A column, or several."""
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) and name for name in names):
        raise PydanticCustomError("columns", "the name of a column, or a list of names")
    return tuple(names)


def _shape(value: object) -> object:
    """The size of each axis."""
    sizes = value if isinstance(value, list | tuple) else ()
    if not sizes or not all(isinstance(size, int) and not isinstance(size, bool) and size > 0 for size in sizes):
        raise PydanticCustomError("shape", "a list of whole numbers greater than 0, such as [28, 28, 1]")
    return tuple(sizes)


def _size(value: object) -> object:
    """Height and width."""
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004  height and width
        raise PydanticCustomError("size", "two whole numbers greater than 0, [height, width]")
    return _shape(value)


def _task(value: object) -> object:
    valid = tuple(Task)
    if value not in valid:
        guess = nearest(str(value), valid)
        allowed = listed(f'"{task}"' for task in valid) + (f"; did you mean '{guess}'?" if guess else "")
        raise PydanticCustomError("task", "{allowed}", {"allowed": allowed})
    return value


Columns = Annotated[tuple[str, ...], BeforeValidator(_names, json_schema_input_type=str | list[str])]


class DatasetTable(BaseModel):
    """The keys of a table [datasets.NAME]."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    path: str | None = Field(
        None, min_length=1, description="a CSV or Parquet file, an .npz, an .npy, a folder of pictures or of IDX files"
    )
    loader: str | None = Field(None, description="package.module:function")
    name: str | None = Field(None, description="sklearn:NAME, openml:NAME, hf:owner/name, or a data set of Keras")
    target: Columns | None = Field(None, description="the column that is predicted, or several")
    task: Annotated[Task, BeforeValidator(_task)] | None = Field(
        None, description="classes, multilabel or regression; what the targets look like where it is left out"
    )
    features: Columns | None = Field(None, description="the columns that are inputs; default: all others")
    categories: Literal["one-hot", "ordinal"] = Field("one-hot", description="what a column of texts becomes")
    test_split: float | None = Field(None, gt=0, lt=1, description="the fraction of the examples that are tested on")
    test_path: str | None = Field(None, min_length=1, description="the file or folder of the test part")
    split_column: str | None = Field(None, min_length=1, description="the column that says train or test of each row")
    weights: str | None = Field(None, min_length=1, description="the column of sample weights")
    missing: Literal["mean", "drop"] | None = Field(
        None, description="missing values: the mean of the training part, or leave the row out"
    )
    text: TextKeys | None = Field(None, description="turn a column of texts into token ids")
    shape: Annotated[tuple[int, ...], BeforeValidator(_shape)] | None = Field(
        None, description="of one example, such as [28, 28, 1]"
    )
    size: Annotated[tuple[int, int], BeforeValidator(_size)] | None = Field(
        None, description="[height, width] of every picture"
    )
    colour: Literal["grey", "rgb"] | None = Field(None, description="what pictures are converted to")

    @model_validator(mode="after")
    def _one_source(self) -> DatasetTable:
        given = [key for key in ("path", "loader", "name") if getattr(self, key) is not None]
        if len(given) != 1:
            raise PydanticCustomError("source", "one of the keys path, loader and name")
        splits = [key for key in ("test_split", "test_path", "split_column") if getattr(self, key) is not None]
        if len(splits) > 1:
            raise PydanticCustomError("split", "one of the keys test_split, test_path and split_column")
        return self

    @property
    def source(self) -> str:
        """Where the data is, as the suite says it."""
        return self.path or self.loader or self.name or ""

    @property
    def in_worker(self) -> bool:
        """Whether reading it runs code of others, or Keras, and so belongs in a worker process."""
        named = self.name is not None and self.name not in KERAS_SETS
        return named or self.loader is not None or (self.text is not None and self.name is None)


def named(reference: str) -> DatasetTable | None:
    """The table that a name of another library's collection stands for: `sklearn:iris`, `hf:owner/name`, `cifar10`."""
    if reference in KERAS_SETS or reference.startswith(COLLECTIONS):
        return DatasetTable(name=reference)
    return None


def kind_of(table: DatasetTable, base: Path) -> Kind | None:
    """What a table's data is read from; None where that is nothing that is read.

    Raises:
        OSError, RuntimeError, ValueError: the path leads nowhere.
    """
    if table.loader is not None:
        return Kind.LOADER
    if table.name is not None:
        prefix = table.name.partition(":")[0]
        kinds = {"sklearn": Kind.SKLEARN, "openml": Kind.OPENML, "hf": Kind.HUGGINGFACE}
        return Kind.KERAS if table.name in KERAS_SETS else kinds.get(prefix) if ":" in table.name else None
    path = located(str(table.path), base)
    if path.is_dir():
        if idx.is_folder(path):
            return Kind.IDX
        saved = any((path / name).is_file() for name in _SAVED)
        return Kind.HUGGINGFACE if saved else Kind.PICTURES
    return _SUFFIXES.get(path.suffix.lower())


def located(path: str, base: Path) -> Path:
    """Where a path of a table leads; a relative one starts from the folder of the suite file.

    Links stay as they are: what a link leads to may have a name that does not say what it is.

    Raises:
        OSError, RuntimeError, ValueError: nowhere: no permission, an unknown ~user, a NUL.
    """
    place = (base / Path(path).expanduser()).absolute()
    place.resolve()  # for what it raises
    return place


def problems(table: DatasetTable, base: Path) -> list[Wrong]:
    """What is wrong with a table, as far as that shows without reading its data.

    Returns:
        Of each problem the key, what was received there (None for nothing), and what may stand there, as the end of the
        sentence "expected ...".
    """
    absent: list[Wrong] = [
        (key, repr(value), reason)
        for key in ("path", "test_path")
        if (value := getattr(table, key)) is not None and (reason := _absent(value, base))
    ]
    if absent:
        return absent
    kind = kind_of(table, base)
    if kind is None:
        readable = "a CSV or Parquet file, an .npz, an .npy, a folder of pictures or of IDX files"
        known = f"sklearn:NAME, openml:NAME, hf:owner/name, {listed(KERAS_SETS)}"
        return [("path", repr(table.path), readable) if table.path else ("name", repr(table.name), known)]
    return [*_wrong_sources(table, kind), *_useless_keys(table, kind), *_missing_keys(table, kind)]


def _wrong_sources(table: DatasetTable, kind: Kind) -> Iterator[Wrong]:
    if kind is Kind.LOADER and not is_loader(str(table.loader)):
        yield "loader", repr(table.loader), "package.module:function"
    if kind is Kind.SKLEARN and str(table.name).partition(":")[2] not in SKLEARN_SETS:
        yield "name", repr(table.name), listed(f"sklearn:{name}" for name in SKLEARN_SETS)


def _useless_keys(table: DatasetTable, kind: Kind) -> Iterator[Wrong]:
    read = _ALWAYS | _KEYS[kind]
    for key in sorted(table.model_fields_set - read):
        yield key, f"a key that {kind} has no use for", f"one of {', '.join(sorted(read - _SOURCE))}"


def _missing_keys(table: DatasetTable, kind: Kind) -> Iterator[Wrong]:
    file = kind in {Kind.CSV, Kind.PARQUET}
    if file and table.target is None:
        yield "target", None, "the column that is predicted"
    if (file or kind is Kind.NPY) and not (table.test_split or table.test_path or table.split_column):
        others = ", or test_path, or split_column" if file else ""
        yield "test_split", None, f"the fraction of the rows that are tested on, such as 0.2{others}"
    if kind is Kind.NPY and table.target is None:
        yield "target", None, 'the .npy of the targets, such as "y.npy"'
    if kind in TABLES and table.text is not None and table.text.column is None:
        yield "text.column", None, "the column of the texts"


def _absent(value: str, base: Path) -> str:
    """Why nothing is at a path; empty where something is."""
    if "://" in value:
        return "a file or folder of this machine: download it first"
    try:
        path = located(value, base)
        return "" if path.exists() else f"a file or folder that exists; {path} does not"
    except (OSError, RuntimeError, ValueError) as error:
        return f"a path: {error}"
