"""A table with columns -> two parts of inputs and targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from bench.catalog.datasets.arrays import AnyArray
from bench.catalog.datasets.parts import Part, Parts
from bench.catalog.datasets.preparation import Preparation, Split
from bench.catalog.datasets.read.columns import Roles, check_names, roles
from bench.catalog.datasets.read.encode import check_missing, encoded, is_text
from bench.catalog.datasets.read.files import column_names, read_columns, text_column
from bench.catalog.datasets.read.split import classes_of, marked_rows, test_rows
from bench.core.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from bench.catalog.datasets.declared import DatasetTable
    from bench.core.trees import Inputs

TEXT, NUMBERS = "text", "features"
"""The names of the two inputs of a table with a column of texts and features beside it."""
_MISSING = 'Say missing = "mean" (of the training part) or missing = "drop" (the row) in the table, or fill them.'
_NO_MEAN = 'missing = "mean" fills features that are numbers. Say missing = "drop", or fill these columns in the file.'
_DROP = 'Say missing = "drop" (the row) in the table, or fill them in the file.'


Vectorize: TypeAlias = Callable[[list[str], list[str]], tuple[AnyArray, AnyArray]]


class Table(NamedTuple):
    """Rows of both parts.

    Attributes:
        frame: the columns that are used, rows numbered from 0.
        test: (rows,) bool, which are tested on; None where that is still to be drawn.
        split: how that was said.
    """

    frame: pd.DataFrame
    test: NDArray[np.bool_] | None
    split: Split


class Prepared(NamedTuple):
    """Two parts and what was done to get them."""

    parts: Parts
    preparation: Preparation


def read_files(table: DatasetTable, path: Path, test_path: Path | None, where: str) -> tuple[Table, Roles]:
    """The columns of a CSV or Parquet file, or of two.

    Raises:
        DataError: a file cannot be read, or lacks a column.
    """
    columns = roles(table, column_names(path), where)
    exact = {*columns.target, *filter(None, (columns.weights, columns.split))}
    frame = read_columns(path, columns.used, exact)
    if test_path is None:
        return Table(frame, None, Split.FRACTION), columns
    other = column_names(test_path)
    missing = [name for name in columns.target if name not in other]
    if missing:
        raise DataError(
            f"{test_path} has no column {missing[0]!r}: without its targets no score can be counted on it.",
            hint=f"Use a part of {path.name} instead: test_split = 0.2 in place of test_path.",
        )
    check_names(columns.used, other, str(test_path), f"the table of {path.name}")
    tested = read_columns(test_path, columns.used, exact)
    mask = np.repeat([False, True], [len(frame), len(tested)])
    for name in columns.used:
        if _is_category(frame[name]) != _is_category(tested[name]):
            # numbers in one file and texts in the other: texts in both, as they stand in the files
            frame[name], tested[name] = text_column(path, name), text_column(test_path, name)
    return Table(pd.concat([_plain_texts(frame), _plain_texts(tested)], ignore_index=True), mask, Split.PATH), columns


def _plain_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Categories as texts again: two files have different ones."""
    return frame.astype({name: object for name in frame if _is_category(frame[name])})


def _is_category(values: pd.Series[Any]) -> bool:
    return isinstance(values.dtype, pd.CategoricalDtype)


def prepared(
    table: DatasetTable,
    read: Table,
    columns: Roles,
    where: str,
    vectorize: Vectorize | None = None,
) -> Prepared:
    """Split a table and encode its columns.

    Args:
        table: as declared.
        read: the rows.
        columns: what its columns are.
        where: what was read, for messages.
        vectorize: turns the texts of both parts into token ids.

    Raises:
        DataError: values are missing or infinite, the split is impossible, or a column is of no use.
    """
    frame, test, split = read
    frame, test, dropped = _without_gaps(table, frame, test, columns, where)
    if columns.split is not None:
        test, split = marked_rows(frame[columns.split], where), Split.COLUMN
    y = _targets(frame, columns)
    stratified = False
    if test is None:
        fraction = table.test_split or 0.0
        classes = classes_of(y, table.task, where)
        stratified = classes is not None
        test = test_rows(len(frame), fraction, classes, where)
    preparation = Preparation(
        inferred=table.task is None,
        split=split,
        test_fraction=table.test_split or 0.0 if split is Split.FRACTION else 0.0,
        stratified=stratified,
        dropped=dropped,
        nameless=len(columns.nameless),
    )
    train_x: Inputs
    test_x: Inputs
    names: tuple[str, ...] = ()
    made: dict[str, tuple[AnyArray, AnyArray]] = {}
    if columns.features:
        numbers = encoded(
            frame, columns.features, test, categories=table.categories, fill=table.missing == "mean", where=where
        )
        made[NUMBERS], names = (numbers.train, numbers.test), numbers.names
        preparation = replace(preparation, filled=numbers.filled, unknown=numbers.unknown)
    if columns.text is not None and vectorize is not None:
        texts = frame[columns.text].astype(str)
        made[TEXT] = vectorize(texts[~test].tolist(), texts[test].tolist())
    if len(made) == 1:
        ((train_x, test_x),) = made.values()
    else:
        train_x, test_x = ({name: pair[part] for name, pair in made.items()} for part in range(2))
    w = frame[columns.weights].to_numpy() if columns.weights else None
    train, tested = (
        Part(x, y[rows], None if w is None else w[rows], names, columns.target)
        for x, rows in ((train_x, ~test), (test_x, test))
    )
    return Prepared(Parts(train, tested, where), preparation)


def _without_gaps(
    table: DatasetTable, frame: pd.DataFrame, test: NDArray[np.bool_] | None, columns: Roles, where: str
) -> tuple[pd.DataFrame, NDArray[np.bool_] | None, int]:
    """A table without missing values, but for numbers that are filled later."""
    others = (*columns.target, *filter(None, (columns.text, columns.weights, columns.split)))
    if table.missing == "drop":
        keep = frame.notna().all(axis=1).to_numpy()
        if not keep.any():
            raise DataError(
                f"{where}: every row has a missing value.", hint="Leave the emptiest columns out of features."
            )
        if keep.all():
            return frame, test, 0
        return frame[keep], None if test is None else test[keep], int((~keep).sum())
    unfillable = (*(name for name in columns.features if is_text(frame[name])), *others)
    if table.missing == "mean":
        check_missing(frame, unfillable, where, _NO_MEAN)
    else:
        drop = any(frame[name].isna().any() for name in unfillable)
        check_missing(frame, columns.used, where, _DROP if drop else _MISSING)
    return frame, test, 0


def _targets(frame: pd.DataFrame, columns: Roles) -> AnyArray:
    """(n,) of one column, (n, k) of several."""
    if len(columns.target) > 1:
        return frame[list(columns.target)].to_numpy()
    values: pd.Series[Any] = frame[columns.target[0]]
    if isinstance(values.dtype, pd.CategoricalDtype):
        texts = np.array([str(text) for text in values.cat.categories])
        return np.char.strip(texts)[values.cat.codes.to_numpy()]
    if is_text(values):
        return values.map(lambda value: value.strip() if isinstance(value, str) else value).to_numpy()
    return values.to_numpy()
