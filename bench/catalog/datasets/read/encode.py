"""The columns of a table -> a matrix of numbers per part; what is learned of them is of the training part alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from bench.catalog.datasets.tasks import look_measured
from bench.catalog.datasets.written import all_dates, looks_number
from bench.core.errors import DataError
from bench.core.formatting import count, plural
from bench.core.precision import coarse_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bench.catalog.datasets.arrays import AnyArray

MOST_CATEGORIES = 1000
"""One-hot columns that one column of texts may become."""
_STRAY = 0.05
"""A column of which no more than this fraction is no number was meant as numbers."""
_LISTED = 6


class Encoded(NamedTuple):
    """A table as numbers.

    Attributes:
        train: (n, columns) of the smallest dtype of whole numbers, or float32.
        test: (m, columns), likewise.
        names: of the columns; `town=Leeds` for a category.
        filled: columns whose missing values became a mean, each with how many.
        unknown: columns with categories that only the test part has, each with how many of its rows.
    """

    train: AnyArray
    test: AnyArray
    names: tuple[str, ...]
    filled: tuple[tuple[str, int], ...]
    unknown: tuple[tuple[str, int], ...]


class Column(NamedTuple):
    """A column of the table as the columns of the matrix it becomes.

    Attributes:
        names: of the columns that it becomes.
        parts: for the training part and the test part, (n,) or (n, columns).
    """

    names: tuple[str, ...]
    parts: tuple[AnyArray, AnyArray]
    filled: int = 0
    unknown: int = 0


def encoded(
    frame: pd.DataFrame, features: Sequence[str], test: NDArray[np.bool_], *, categories: str, fill: bool, where: str
) -> Encoded:
    """Encode the features of a table.

    Args:
        frame: the rows of both parts, in order.
        features: the columns that are inputs.
        test: (rows,) bool, which rows are tested on.
        categories: what a column of texts becomes: `one-hot` or `ordinal`.
        fill: whether missing numbers become the mean of the training part.
        where: what was read, for messages.

    Raises:
        DataError: a column holds no numbers or categories, or an infinite value; a category is new in the test part
            and has no number.
    """
    rows = np.flatnonzero(~test), np.flatnonzero(test)
    # Texts first: only then the width of the matrix is known, and numbers go straight to their place in it.
    texts = {name: _categories(frame[name], rows, categories, where) for name in features if is_text(frame[name])}
    dtypes = [texts[name].parts[0].dtype if name in texts else _dtype(frame[name]) for name in features]
    dtype = np.result_type(*set(dtypes)) if all(kind.kind in "iub" for kind in dtypes) else np.dtype("<f4")
    width = sum(len(texts[name].names) if name in texts else 1 for name in features)
    parts = [np.empty((len(part), width), dtype) for part in rows]
    names: list[str] = []
    filled: list[tuple[str, int]] = []
    for name in features:
        column = texts.get(name) or _numbers(frame[name], rows, fill=fill, where=where)
        for made, values in zip(parts, column.parts, strict=True):
            made[:, len(names) : len(names) + len(column.names)] = values.reshape(-1, len(column.names))
        names += column.names
        filled += [(str(name), column.filled)] if column.filled else []
    unknown = tuple((str(name), column.unknown) for name, column in texts.items() if column.unknown)
    return Encoded(parts[0], parts[1], tuple(names), tuple(filled), unknown)


def check_missing(frame: pd.DataFrame, columns: Sequence[str], where: str, hint: str) -> None:
    """Refuse missing values, with the columns and how many each has.

    Raises:
        DataError: a value is missing.
    """
    missing = {name: int(many) for name in columns if (many := frame[name].isna().sum())}
    if missing:
        first = next(iter(missing))
        row = row_of(frame, int(np.flatnonzero(frame[first].isna())[0]))
        named = [f"{name} ({count(many)})" for name, many in missing.items()]
        more = f" and {plural(len(named) - _LISTED, 'other column')}" if len(named) > _LISTED else ""
        raise DataError(
            f"{where} has missing values in {', '.join(named[:_LISTED])}{more}, the first in row {row}.", hint=hint
        )


def row_of(table: pd.DataFrame | pd.Series[Any], position: int) -> int:
    """The number of a row in its file, from 1 after the header; rows that were dropped before it count."""
    return int(table.index[position]) + 1


def is_text(values: pd.Series[Any]) -> bool:
    """Whether a column holds texts or categories and not numbers."""
    kind = values.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return not (pd.api.types.is_numeric_dtype(kind.categories) or pd.api.types.is_bool_dtype(kind.categories))
    return bool(pd.api.types.is_string_dtype(kind) or kind.kind == "O") and not _is_truth(values)


def _is_truth(values: pd.Series[Any]) -> bool:
    """Whether a column of objects holds truth values, some of them missing."""
    present = values.dropna()
    return (
        len(present) > 0
        and all(isinstance(value, bool | np.bool_) for value in present.head(100))
        and bool(present.isin([True, False]).all())
    )


def _dtype(values: pd.Series[Any]) -> np.dtype[Any]:
    """What a column of numbers becomes: whole numbers stay whole unless some are missing."""
    kind = values.dtype
    if isinstance(kind, np.dtype):
        return kind if kind.kind in "iub" else np.dtype("<f4")
    plain = getattr(kind, "numpy_dtype", None)  # of pandas's own dtypes, which may lack values
    if isinstance(plain, np.dtype) and plain.kind in "iub" and not values.isna().any():
        return plain
    return np.dtype("<f4")


def _check_told_apart(numbers: AnyArray, name: str, where: str) -> None:
    """Refuse whole numbers that float32, which models compute in, makes one, such as milliseconds since 1970."""
    if numbers.dtype.itemsize < 4 or not len(numbers):  # noqa: PLR2004  smaller ones are exact
        return
    low, high = float(numbers.min()), float(numbers.max())
    if step := coarse_step(low, high):
        raise DataError(
            f"{where}: the column {name} goes from {low:.0f} to {high:.0f}, and float32, which models compute in, "
            f"tells apart only numbers {step:g} apart at that size.",
            hint="Subtract the smallest from all in the file, or leave the column out of features.",
        )


def _numbers(values: pd.Series[Any], rows: tuple[AnyArray, AnyArray], *, fill: bool, where: str) -> Column:
    if pd.api.types.is_datetime64_any_dtype(values.dtype) or pd.api.types.is_timedelta64_dtype(values.dtype):
        raise _dates(values, where)
    dtype = _dtype(values)
    if dtype.kind in "iub":
        numbers = values.to_numpy(dtype)
        _check_told_apart(numbers, str(values.name), where)
        return Column((str(values.name),), (numbers[rows[0]], numbers[rows[1]]))
    try:
        floats: NDArray[Any] = (
            values.to_numpy()
            if isinstance(values.dtype, np.dtype) and values.dtype.kind == "f"
            else values.astype("float64").to_numpy()
        )
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{where}: the column {values.name} holds {values.dtype} values, which are not numbers.",
            hint="Leave it out of features.",
        ) from error
    with np.errstate(over="ignore"):
        infinite = np.isinf(floats.astype(np.float32, copy=False))
    if infinite.any():
        first = int(np.argmax(infinite))
        what = "an infinite value" if np.isinf(floats[first]) else f"{floats[first]:g}, which float32 cannot hold,"
        raise DataError(
            f"{where}: the column {values.name} holds {what} in row {row_of(values, first)}"
            + (f", and {count(int(infinite.sum()) - 1)} more." if infinite.sum() > 1 else "."),
            hint="Replace it in the file, leave that row out, or leave the column out of features.",
        )
    missing = np.isnan(floats)
    filled = int(missing.sum()) if fill else 0
    if filled:
        train = floats[rows[0]]
        if np.isnan(train).all():
            raise DataError(
                f"{where}: the column {values.name} has no value in any training row, so it has no mean.",
                hint="Leave it out of features.",
            )
        floats = np.where(missing, np.nanmean(train, dtype=np.float64), floats).astype(floats.dtype)
    return Column((str(values.name),), (floats[rows[0]], floats[rows[1]]), filled)


def _dates(values: pd.Series[Any], where: str) -> DataError:
    return DataError(
        f"{where}: the column {values.name} holds dates.",
        hint="Turn it into numbers of your choice, such as days since a date, or leave it out of features.",
    )


def _categories(values: pd.Series[Any], rows: tuple[AnyArray, AnyArray], form: str, where: str) -> Column:
    """A column of texts as a column per category, or as the category's number."""
    name = str(values.name)
    column = values.astype("category").cat
    codes = column.codes.to_numpy()
    # blanks around a text say nothing, and a loader's column may hold 1 beside "1"
    different, number_of = np.unique([str(text).strip() for text in column.categories], return_inverse=True)
    codes, texts = number_of[codes], [str(text) for text in different]
    _check_texts(values, codes, texts, where)
    trained = np.zeros(len(texts), np.bool_)
    trained[codes[rows[0]]] = True
    order = sorted(np.flatnonzero(trained).tolist(), key=lambda code: texts[code])
    if form == "one-hot" and (len(order) > MOST_CATEGORIES or look_measured(len(texts), len(codes))):
        raise DataError(
            f"{where}: the column {name} holds {count(len(texts))} different texts in "
            f"{plural(len(codes), 'row')}, such as {texts[0]!r}: too many for a column each.",
            hint='Leave it out of features, write categories = "ordinal", or have it read as text: '
            f'text = {{ column = "{name}", vocabulary = 20000, length = 200 }}.',
        )
    number = np.full(len(texts), -1)
    number[order] = np.arange(len(order))
    numbers = number[codes]
    unseen = numbers[rows[1]] < 0
    if form == "ordinal":
        if unseen.any():
            row = int(rows[1][np.argmax(unseen)])
            raise DataError(
                f"{where}: the column {name} holds {texts[codes[row]]!r} in row {row_of(values, row)}, which is "
                "tested on, and in no row that is trained on, so it has no number.",
                hint='Write categories = "one-hot", where such a row has a 0 for every category, or leave the row out.',
            )
        smallest = np.uint8 if len(order) <= 2**8 else np.int32
        return Column((name,), (numbers[rows[0]].astype(smallest), numbers[rows[1]].astype(smallest)))
    parts = [np.zeros((len(part), len(order)), np.uint8) for part in rows]
    for made, part in zip(parts, rows, strict=True):
        known = np.flatnonzero(numbers[part] >= 0)
        made[known, numbers[part][known]] = 1
    return Column(tuple(f"{name}={texts[code]}" for code in order), (parts[0], parts[1]), unknown=int(unseen.sum()))


def _check_texts(values: pd.Series[Any], codes: AnyArray, texts: Sequence[str], where: str) -> None:
    """Refuse dates, and numbers that are written as texts or among which a few texts stand, such as `?`."""
    if all_dates(texts):
        raise _dates(values, where)
    numeric = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").notna().to_numpy()
    written = np.array([looks_number(text) for text in texts])
    if written.any() and not (~(numeric | written))[codes].mean() > _STRAY:
        row = int(np.argmax(written[codes]))
        raise DataError(
            f"{where}: the column {values.name} holds numbers that are written as texts, such as "
            f"{texts[codes[row]]!r} in row {row_of(values, row)}.",
            hint="Write them as 1234.5 in the file, read them by a loader that returns pandas.read_csv(FILE, "
            'thousands=",") or (FILE, decimal=","), or leave the column out of features.',
        )
    stray = ~numeric[codes]
    if numeric.any() and stray.mean() <= _STRAY:
        if not stray.any():
            raise DataError(
                f"{where}: the column {values.name} holds numbers written as texts, such as {texts[0]!r}.",
                hint="Write them as numbers, or leave the column out of features.",
            )
        row = int(np.argmax(stray))
        raise DataError(
            f"{where}: the column {values.name} holds numbers, but {plural(int(stray.sum()), 'row')} with a text: "
            f"the first is row {row_of(values, row)}, with {texts[codes[row]]!r}.",
            hint='Leave such a value empty and say missing = "mean" or "drop", or leave the column out of features.',
        )
