"""A table [datasets.NAME] -> a checked data set, and what was decided and done on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.catalog.datasets import idx, loaders, npz
from bench.catalog.datasets.arrays import checked
from bench.catalog.datasets.declared import DEFAULT_SPLIT, DatasetTable, Kind, kind_of, located
from bench.catalog.datasets.parts import Part, Parts, is_unsplit, parts_of, unsplit_part
from bench.catalog.datasets.preparation import Preparation, Read, Split
from bench.catalog.datasets.read import archives, collections, folders, images
from bench.catalog.datasets.read.columns import listed_columns, roles
from bench.catalog.datasets.read.split import classes_of, test_rows
from bench.catalog.datasets.read.tables import Table, prepared, read_files
from bench.core.errors import DataError
from bench.core.trees import leaves, length
from bench.core.trees import rows as rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.catalog.datasets.arrays import AnyArray
    from bench.catalog.datasets.read.tables import Vectorize
    from bench.core.target import Task


def read(table: DatasetTable, base: Path, sys_path: Sequence[str] = ()) -> Read:
    """Read what a table declares. In a worker process where `table.in_worker`.

    Args:
        table: without `declared.problems`.
        base: what relative paths are relative to.
        sys_path: folders that a loader may be imported from.

    Raises:
        DataError: the data cannot be read, or is no data set.
    """
    kind = kind_of(table, base)
    reader = _READERS.get(kind) if kind else None
    if reader is None:
        raise DataError(f"{table.source} is nothing that is read.", hint="Check the path or name.")
    return reader(table, base, sys_path)


def _done(parts: Parts, table: DatasetTable, preparation: Preparation, task: Task | None = None) -> Read:
    return Read(parts.checked(task or table.task, table.shape), preparation)


def _parts(parts: Parts, table: DatasetTable) -> Read:
    return _done(parts, table, Preparation(inferred=table.task is None))


def _split(part: Part, table: DatasetTable, where: str, task: Task | None = None) -> Read:
    """One part, split by the declared fraction."""
    if any(array.ndim == 0 for _, array in leaves(part.x)):
        raise DataError(
            f"{where}: an input is a single number and not one for each example.", hint="Save an array of (n, ...)."
        )
    fraction, task = table.test_split or DEFAULT_SPLIT, task or table.task
    if part.y.ndim == 0 or len(part.y) != length(part.x):
        raise DataError(
            f"{where}: there are {length(part.x):,} examples and {part.y.size:,} targets; each example has one target.",
            hint="Check that both come from the same part.",
        )
    classes = classes_of(part.y, task, where)
    test = test_rows(len(part.y), fraction, classes, where)
    train, tested = (
        replace(part, x=rows_of(part.x, rows), y=part.y[rows], w=None if part.w is None else part.w[rows])
        for rows in (~test, test)
    )
    preparation = Preparation(
        inferred=task is None, split=Split.FRACTION, test_fraction=fraction, stratified=classes is not None
    )
    parts = Parts(train, tested, where)
    return _done(_with_ids(parts, table) if table.text else parts, table, preparation, task)


# ------------------------------------------------------------------------------------------------------------- tables


def _openml(table: DatasetTable, _: Path, __: Sequence[str]) -> Read:
    frame, targets = collections.openml_frame(table.source.partition(":")[2])
    return _frame(table if table.target else table.model_copy(update={"target": targets}), frame, str(table.name))


def _sklearn(table: DatasetTable, _: Path, __: Sequence[str]) -> Read:
    part, task = collections.sklearn_part(table.source.partition(":")[2])
    return _split(part, table, str(table.name), table.task or task)


def _idx(table: DatasetTable, base: Path, _: Sequence[str]) -> Read:
    arrays = idx.read_folder(located(str(table.path), base))
    train, test = Part(arrays.x_train, arrays.y_train), Part(arrays.x_test, arrays.y_test)
    return _parts(Parts(train, test, str(table.path)), table)


def _files(table: DatasetTable, base: Path, _: Sequence[str]) -> Read:
    path = located(str(table.path), base)
    test_path = located(table.test_path, base) if table.test_path else None
    where = str(table.path) if test_path is None else f"{table.path} and {table.test_path}"
    rows, columns = read_files(table, path, test_path, where)
    made = prepared(table, rows, columns, where, _vectorizer(table))
    return _done(made.parts, table, made.preparation)


def _frame(table: DatasetTable, frame: pd.DataFrame, where: str) -> Read:
    """A table of pandas that is not split."""
    if table.target is None:
        raise DataError(
            f"{where} is a table, and nothing says which of its columns is predicted. It has "
            f"{listed_columns(tuple(map(str, frame.columns)))}.",
            hint='Say target = "COLUMN" in its table.',
        )
    frame = frame.rename(columns=str).reset_index(drop=True)
    if table.test_split is None and table.split_column is None:
        table = table.model_copy(update={"test_split": DEFAULT_SPLIT})
    columns = roles(table, tuple(frame.columns), where)
    made = prepared(table, Table(frame, None, Split.FRACTION), columns, where, _vectorizer(table))
    return _done(made.parts, table, made.preparation)


def _vectorizer(table: DatasetTable) -> Vectorize | None:
    if table.text is None:
        return None
    keys = table.text

    def vectorize(train: list[str], test: list[str]) -> tuple[AnyArray, AnyArray]:
        from bench.catalog.datasets.read.text import token_ids  # noqa: PLC0415  imports Keras, in a worker process

        return token_ids(train, test, keys)

    return vectorize


def _huggingface(table: DatasetTable, base: Path, _: Sequence[str]) -> Read:
    name = table.name.partition(":")[2] if table.name else None
    frames = collections.huggingface_frames(name, None if name else located(str(table.path), base), table)
    where = table.source
    train = frames.get("train", next(iter(frames.values())))
    if table.target is None:
        guess = next((column for column in ("label", "labels", "target") if column in train), None)
        if guess is None:
            raise DataError(
                f"{where} has the columns {listed_columns(tuple(train.columns))}, and nothing says which is predicted.",
                hint='Say target = "COLUMN" in its table.',
            )
        table = table.model_copy(update={"target": (guess,)})
    columns = roles(table, tuple(map(str, train.columns)), where)
    test = None if table.test_split or table.split_column else frames.get("test", frames.get("validation"))
    if len(columns.features) == 1 and collections.is_pictures(train[columns.features[0]]):
        return _picture_column(table, train, test, columns.features[0], where)
    if test is None:
        return _frame(table, train, where)
    mask = np.repeat([False, True], [len(train), len(test)])
    both = pd.concat([train.astype(_objects(train)), test.astype(_objects(test))], ignore_index=True)
    made = prepared(table, Table(both, mask, Split.GIVEN), columns, where, _vectorizer(table))
    return _done(made.parts, table, made.preparation)


def _objects(frame: pd.DataFrame) -> dict[str, type]:
    return {str(name): object for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)}


def _picture_column(
    table: DatasetTable, train: pd.DataFrame, test: pd.DataFrame | None, column: str, where: str
) -> Read:
    target = (table.target or ("label",))[0]
    frames = [frame for frame in (train, test) if frame is not None]
    stacks = collections.pictures([frame[column] for frame in frames], table.size, table.colour, where)
    parts = [Part(stack, np.asarray(frame[target].astype(str))) for stack, frame in zip(stacks, frames, strict=True)]
    if test is None:
        return _split(parts[0], table, where)
    return _parts(Parts(parts[0], parts[1], where), table)


# ------------------------------------------------------------------------------------------------- loaders and arrays


def _loader(table: DatasetTable, _: Path, sys_path: Sequence[str]) -> Read:
    reference = str(table.loader)
    result = loaders.called(reference, sys_path)
    if isinstance(result, pd.DataFrame):
        return _frame(table, result, reference)
    named = [key for key in ("target", "features", "weights", "split_column", "missing") if getattr(table, key)]
    if named:
        raise DataError(
            f"The loader {reference} returned arrays, and {named[0]} is about the columns of a table.",
            hint=f"Return a pandas.DataFrame, or leave {named[0]} out.",
        )
    if not is_unsplit(result):
        if table.test_split is not None:
            raise DataError(
                f"The loader {reference} returned two parts, and test_split would split one.",
                hint="Leave test_split out, or return (x, y).",
            )
        parts = parts_of(result, reference)
        return _parts(_with_ids(parts, table) if table.text else parts, table)
    if table.test_split is None:
        parts_of(result, reference)  # says that it is one part, and what to do
    part = unsplit_part(result, reference)
    return _split(part, table, reference)


def _with_ids(parts: Parts, table: DatasetTable) -> Parts:
    """Two parts whose texts have become token ids."""
    for name, part in (("x_train", parts.train), ("x_test", parts.test)):
        if isinstance(part.x, dict) or part.x.size != len(part.x) or part.x.dtype.kind not in "UTO":
            shape = "several inputs" if isinstance(part.x, dict) else f"shape {part.x.shape} and dtype {part.x.dtype}"
            raise DataError(
                f"{parts.where}: {name} has {shape}; text = {{...}} reads one text per example, (n,).",
                hint="Return an array of texts, or leave text out.",
            )
    vectorize = _vectorizer(table)
    texts = [
        [str(text) for _, array in leaves(part.x) for text in array.reshape(-1).tolist()]
        for part in (parts.train, parts.test)
    ]
    train, test = vectorize(*texts) if vectorize else (parts.train.x, parts.test.x)
    return replace(parts, train=replace(parts.train, x=train), test=replace(parts.test, x=test))


def _archive(table: DatasetTable, base: Path, _: Sequence[str]) -> Read:
    path = located(str(table.path), base)
    if path.suffix.lower() == ".npy":
        x, y = archives.read_npy(path), archives.read_npy(located(str((table.target or ("",))[0]), base))
        w = archives.read_npy(located(table.weights, base)) if table.weights else None
        return _split(Part(x, y, w), table, str(table.path))
    if archives.has_parts(path):
        if table.test_split is not None:
            raise DataError(
                f"{path} has a training part and a test part, and test_split would split one.", hint="Leave it out."
            )
        contents = npz.read(path)
        task = table.task or contents.pop("task", None)
        contents.pop("task", None)
        arrays = checked(**contents, where=str(table.path), task=task, shape=table.shape)
        return Read(arrays, Preparation(inferred=task is None))
    if table.test_split is None:
        raise DataError(
            f"{path} has no two parts: x_train, y_train, x_test and y_test.",
            hint="Say test_split = 0.2 in its table, or save four arrays.",
        )
    return _split(archives.read_npz(table, path), table, str(table.path))


def _pictures(table: DatasetTable, base: Path, _: Sequence[str]) -> Read:
    path, where = located(str(table.path), base), str(table.path)
    pair = folders.parts_of(path)
    if table.test_path is not None:
        pair = (path, located(table.test_path, base))
    if pair is not None and table.test_split is None:
        train, test = images.read_folder(pair, table.size, table.colour)
        made = _parts(Parts(Part(*train), Part(*test), where), table)
        return made._replace(
            preparation=replace(made.preparation, split=Split.PATH if table.test_path else Split.GIVEN)
        )
    if table.test_split is None:
        raise DataError(
            f"{path} has no folders train and test, so it is one part.",
            hint="Say test_split = 0.2 in its table, or test_path.",
        )
    if pair is not None:
        raise DataError(
            f"{path} has folders train and test, and test_split would split one part.", hint="Leave it out."
        )
    (pictures,) = images.read_folder([path], table.size, table.colour)
    return _split(Part(*pictures), table, where)


_READERS: dict[Kind, Callable[[DatasetTable, Path, Sequence[str]], Read]] = {
    Kind.CSV: _files,
    Kind.PARQUET: _files,
    Kind.NPZ: _archive,
    Kind.NPY: _archive,
    Kind.PICTURES: _pictures,
    Kind.IDX: _idx,
    Kind.LOADER: _loader,
    Kind.SKLEARN: _sklearn,
    Kind.OPENML: _openml,
    Kind.HUGGINGFACE: _huggingface,
}
