"""CSV and Parquet files -> tables of pandas, with no more memory than their values need."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from bench.core import decompress
from bench.core.errors import DataError
from bench.core.files import check_file, open_file

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

CHUNK = 49_152
"""Rows that are read together: texts become categories and floats float32 before the next are read."""

MOST_COLUMNS = 16_384
"""As many as a sheet of a spreadsheet has."""

_BYTES_PER_VALUE = 8
_LONGEST_HEADER_BYTES = 2**24


def column_names(path: Path) -> tuple[str, ...]:
    """The names of a file's columns.

    Raises:
        DataError: it cannot be read, or has none.
    """
    if path.suffix.lower() == ".parquet":
        _check_parquet(path)
        parquet = importlib.import_module("pyarrow.parquet")
        names = _guarded(path, lambda: parquet.read_schema(path).names)
        _check_width(path, len(names))
        return tuple(str(name) for name in names if not str(name).startswith("__index_level_"))
    _check_width(path, _guarded(path, lambda: _first_line(path).count(_separator(path).encode())) + 1)
    header: pd.DataFrame = _guarded(
        path, lambda: pd.read_csv(path, sep=_separator(path), header=None, nrows=1, dtype=str)
    )
    names = header.iloc[0].dropna()
    if names.duplicated().any():
        raise DataError(
            f"{path} has two columns named {names[names.duplicated()].iloc[0]}.",
            hint="Give every column a name of its own.",
        )
    frame: pd.DataFrame = _guarded(path, lambda: pd.read_csv(path, sep=_separator(path), nrows=0))
    return tuple(map(str, frame.columns))


def read_columns(path: Path, columns: Sequence[str], exact: Collection[str]) -> pd.DataFrame:
    """Some columns of a CSV or Parquet file: floats as float32, texts as categories.

    Args:
        path: of the file.
        columns: to read.
        exact: those of which no digit may be lost, such as targets.

    Raises:
        DataError: the file cannot be read, or is no table.
    """
    if path.suffix.lower() == ".parquet":
        _check_parquet(path)
        _check_rows(path, len(columns))
        whole: pd.DataFrame = _guarded(path, lambda: pd.read_parquet(path, columns=list(columns))[list(columns)])
        made = _guarded(path, lambda: _compact(whole.reset_index(drop=True), exact))
        return pd.DataFrame(made, copy=False)
    frame: pd.DataFrame = _guarded(path, lambda: _chunks(path, columns, exact))
    if frame.empty:
        raise DataError(f"{path} has a header and no rows.", hint="Check that this is the right file.")
    return frame


def _chunks(path: Path, columns: Sequence[str], exact: Collection[str]) -> pd.DataFrame:
    # Not `usecols`, with which pandas says nothing of rows that have more values than the header has names.
    options = _options(path)
    with warnings.catch_warnings(), pd.read_csv(path, chunksize=CHUNK, low_memory=False, **options) as reader:
        warnings.simplefilter("error", pd.errors.ParserWarning)
        chunks = [_compact(chunk[list(columns)], exact) for chunk in reader]
    if not chunks:
        return pd.DataFrame(columns=list(columns))
    joined: dict[str, Any] = {}
    for name in columns:
        parts = [chunk.pop(name) for chunk in chunks]  # popped: each column is in memory once, and twice for a moment
        if all(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
            joined[name] = union_categoricals(parts)
        elif any(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
            # numbers in one chunk and texts in another: texts, as they stand in the file
            joined[name] = text_column(path, name).array
        else:
            joined[name] = pd.concat(parts, ignore_index=True).to_numpy() if _plain(parts) else pd.concat(parts).array
        del parts
    return pd.DataFrame(joined, copy=False)


def text_column(path: Path, name: str) -> pd.Series[Any]:
    """A column as texts, as they stand in a CSV file or as the values of a Parquet file read; missing ones stay so.

    Args:
        path: of a file that `read_columns` reads.
        name: of the column.
    """
    if path.suffix.lower() == ".parquet":
        values: pd.Series[Any] = _guarded(path, lambda: pd.read_parquet(path, columns=[name])[name])
        values = values.reset_index(drop=True)
        return values.map(str, na_action="ignore").astype("category")
    texts: pd.DataFrame = _guarded(path, lambda: pd.read_csv(path, **_options(path), usecols=[name], dtype=str))
    return texts[name].astype("category")


def _options(path: Path) -> dict[str, Any]:
    return {"sep": _separator(path), "index_col": False, "skipinitialspace": True}


def _plain(parts: Sequence[pd.Series[Any]]) -> bool:
    return all(isinstance(part.dtype, np.dtype) for part in parts)


def _compact(frame: pd.DataFrame, exact: Collection[str]) -> dict[str, pd.Series[Any]]:
    """Columns by name: floats as float32, whole numbers as small as they may be, texts as categories."""
    made: dict[str, pd.Series[Any]] = {}
    for name, values in frame.items():
        if isinstance(values.dtype, np.dtype) and values.dtype.kind == "f" and name not in exact:
            with np.errstate(over="ignore"):
                narrow = values.astype(np.float32)
            # one that float32 cannot hold stays as it is, so that it can be named
            made[str(name)] = values if np.isinf(narrow).any() else narrow
        elif isinstance(values.dtype, np.dtype) and values.dtype.kind == "i" and name not in exact:
            made[str(name)] = pd.to_numeric(values, downcast="integer")
        elif pd.api.types.is_string_dtype(values.dtype) or values.dtype == object:
            made[str(name)] = values if _holds_truth(values) else _categories(values, str(name))
        else:
            made[str(name)] = values
    return made


def _categories(values: pd.Series[Any], name: str) -> pd.Series[Any]:
    try:
        return values.astype("category")
    except (TypeError, ValueError) as error:  # lists and dicts are equal to nothing
        raise DataError(
            f"The column {name} holds lists or tables, such as {str(values.dropna().iloc[0])[:60]}; columns of "
            "numbers, texts and truth values are read.",
            hint="Make it several columns of numbers, or read the file with a loader of your own.",
        ) from error


def _holds_truth(values: pd.Series[Any]) -> bool:
    present = values.dropna()
    return len(present) > 0 and values.dtype == object and all(isinstance(value, bool) for value in present.head(50))


def _separator(path: Path) -> str:
    """What stands between the names of the header: a comma, or the semicolon or tab that some programs write."""
    header = _first_line(path)
    return max((",", ";", "\t"), key=lambda mark: header.count(mark.encode()))


def _first_line(path: Path) -> bytes:
    with open_file(path) as file:
        return file.readline(_LONGEST_HEADER_BYTES)


def _check_width(path: Path, columns: int) -> None:
    """Refuse a table that is no table: each column of a frame has a cost of its own."""
    if columns > MOST_COLUMNS:
        raise DataError(
            f"{path} has {columns:,} columns; a table has at most {MOST_COLUMNS:,}.",
            hint="Save so many numbers as arrays: numpy.savez(path, x=..., y=...), and name the .npz.",
        )


def _check_parquet(path: Path) -> None:
    if importlib.util.find_spec("pyarrow") is None:
        raise DataError(
            f"{path} is a Parquet file, which pyarrow reads, and pyarrow is not installed.",
            hint="pip install 'keras-bench[parquet]'",
        )


def _check_rows(path: Path, columns: int) -> None:
    """Refuse a Parquet file whose values fill the memory: one value that is repeated takes no space in it."""
    parquet = importlib.import_module("pyarrow.parquet")
    rows = _guarded(path, lambda: parquet.read_metadata(path).num_rows)
    announced, most = rows * columns * _BYTES_PER_VALUE, decompress.most(path.stat().st_size)
    if announced > most:
        raise DataError(
            f"{path} has {announced:,} bytes once it is decompressed, more than the {most:,} that are allowed.",
            hint=decompress.way_out(announced),
        )


def _guarded(path: Path, read: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever is read
    try:
        check_file(path)
        return read()
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not UTF-8: byte {error.start:,} is {error.object[error.start]:#04x}.",
            hint="Save it as UTF-8, for example with iconv -f latin1 -t utf-8.",
        ) from error
    except pd.errors.EmptyDataError as error:
        raise DataError(f"{path} is empty.", hint="Check that this is the right file.") from error
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}.", hint="Check the path and its permissions."
        ) from error
    except DataError:
        raise
    except Exception as error:  # pandas and pyarrow raise whatever damaged bytes lead them to
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DataError(
            f"{path} cannot be read as a table: {reason[:200]}.",
            hint="Every row has as many values as the header has names.",
        ) from error
