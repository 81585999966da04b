"""True values of unknown form in the form of their task: class numbers, rows of labels, or measured values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.catalog.datasets.tasks import (
    SAY_TASK,
    are_numbers,
    distinct,
    example_count,
    is_binary,
    is_text,
    look_measured,
    plain_parts,
    task_of,
)
from bench.core.errors import DataError
from bench.core.formatting import plural
from bench.core.target import MAX_CLASSES, Task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from bench.catalog.datasets.arrays import AnyArray, Labels


_MOST_LOST = 0.01  # of a target's deviation, by rounding to float32


class Targets(NamedTuple):
    """What is true of the examples of both parts, in the form of a task.

    Attributes:
        train: (n,) uint8 or uint16 class numbers, (n, labels) uint8 of 0 and 1, or (n, values) float32.
        test: (m, ...), likewise.
        task: what they are.
        names: of the classes by number, or of the columns; empty where the numbers from 0 are the names.
    """

    train: Labels
    test: Labels
    task: Task
    names: tuple[str, ...]


def targets(
    y_train: AnyArray, y_test: AnyArray, where: str, task: Task | None = None, names: Sequence[str] = ()
) -> Targets:
    """True values of both parts in the form of their task.

    Whole numbers from 0 without gaps, texts and truth values are classes; other whole numbers are classes too, unless
    they look measured (`look_measured`). Rows of 0 and 1 with a single 1 each are classes, other rows of 0 and 1 are
    labels. Everything else is measured.

    Args:
        y_train: (n,), (n, 1) or (n, k): integers, floats, truth values or texts.
        y_test: (m,), likewise.
        where: what they were read from; every message starts with it.
        task: what they are, where somebody said so; None infers it.
        names: of the classes by number, for class numbers; or of the k columns. Ignored where there are too few.

    Raises:
        DataError: they are of no such form, some are missing or infinite, or all are equal. The hint is right to
            follow: where nothing would be, there is none.
    """
    plain = plain_parts(y_train, y_test, where)
    rows = plain["y_train"].ndim > 1
    width = plain["y_train"].shape[1] if rows else 1
    columns = tuple(names) if len(names) == width else ()
    task = task or task_of(plain, where)
    if task is Task.REGRESSION:
        made = _values(plain, where, columns)
    elif task is Task.MULTILABEL:
        made = _labels(plain, where, columns)
    else:
        made = _one_hot(plain, where, columns) if rows else _classes(plain, where, tuple(names))
    return made


def _as_texts(values: AnyArray) -> AnyArray:
    """Texts; what is no ASCII in the bytes of an older program is read as Latin-1, which every byte is part of."""
    return np.char.decode(values, "latin-1") if values.dtype.kind == "S" else values.astype(np.str_)


def _classes(parts: dict[str, AnyArray], where: str, given: tuple[str, ...]) -> Targets:
    """Classes numbered by sorted value over both parts together."""
    text = any(is_text(values) for values in parts.values())
    if text:
        parts = {name: _as_texts(values) for name, values in parts.items()}
    different = distinct(parts)
    if text and look_measured(len(different), example_count(parts)):
        raise DataError(
            f"{where}: the targets are texts, such as {different[0][:40]!r}, {len(different):,} different ones in "
            f"{plural(example_count(parts), 'example')}, too many to be classes.",
            hint='If they are numbers written as texts, convert both parts with y.astype("float32").'
            if are_numbers(different)
            else "",
        )
    if len(different) > MAX_CLASSES:
        raise DataError(
            f"{where}: there are {len(different):,} different targets; there can be {MAX_CLASSES:,} classes.",
            hint="" if text else f"If they are measured values, say {SAY_TASK}.",
        )
    if len(different) == 1:
        raise DataError(
            f"{where}: every target is {_name(different[0])}, a single class, which leaves nothing to learn.",
            hint="Check that the targets come from the right column.",
        )
    dtype = _class_dtype(len(different))
    numbered = not text and different == list(range(len(different)))
    truth = all(values.dtype.kind == "b" for values in parts.values())
    names = () if numbered and not truth else tuple(_name(value) for value in different)
    if not names and len(given) >= len(different):
        names = given
    if numbered:
        train, test = (np.ascontiguousarray(values, dtype) for values in parts.values())
    else:
        train, test = (_numbers(values, different, dtype) for values in parts.values())
    return Targets(train, test, Task.CLASSES, names)


def _numbers(values: AnyArray, different: Sequence[Any], dtype: str) -> Labels:
    """The number of each value among the different ones."""
    own, inverse = np.unique(values, return_inverse=True)
    number = {value: index for index, value in enumerate(different)}
    return np.array([number[value] for value in own.tolist()], dtype)[inverse]


def _name(value: object) -> str:
    """A class as its value reads: 3 for 3.0."""
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _class_dtype(classes: int) -> str:
    return "|u1" if classes <= 2**8 else "<u2"


def _one_hot(parts: dict[str, AnyArray], where: str, columns: Sequence[str]) -> Targets:
    """Rows with a single 1 as the numbers of its column."""
    for name, values in parts.items():
        if not is_binary(values) or not (values.sum(axis=1) == 1).all():
            raise DataError(
                f"{where}: {name} has shape {values.shape}, and not every row has exactly one 1, so the rows are no "
                "classes.",
                hint='Several labels per row are task = "multilabel", measured values task = "regression".',
            )
    width = parts["y_train"].shape[1]
    train, test = (np.asarray(values.argmax(axis=1), _class_dtype(width)) for values in parts.values())
    if len(np.unique(np.concatenate([train, test]))) == 1:
        raise DataError(
            f"{where}: every row has its 1 in column {int(train[0])}, a single class, which leaves nothing to learn.",
            hint="Check that the targets come from the right columns.",
        )
    highest = 1 + int(max(train.max(), test.max()))
    names = tuple(columns) or (() if highest == width else tuple(map(str, range(width))))
    return Targets(train, test, Task.CLASSES, names)


def _labels(parts: dict[str, AnyArray], where: str, columns: Sequence[str]) -> Targets:
    """Rows of 0 and 1 as they are."""
    for name, values in parts.items():
        if values.ndim == 1 or not is_binary(values):
            received = f"shape {values.shape}" if values.ndim == 1 else f"values such as {values.max()}"
            raise DataError(
                f"{where}: {name} has {received}; several labels per example (multi-label) are a row of 0 and 1 each, "
                "(n, labels).",
                hint="Give each example a row with a column per label.",
            )
    train, test = (np.ascontiguousarray(values, "|u1") for values in parts.values())
    if (train == train[0]).all():
        raise DataError(
            f"{where}: every row of y_train is the same, which leaves nothing to learn.",
            hint="Check that the targets come from the right columns.",
        )
    return Targets(train, test, Task.MULTILABEL, tuple(columns))


def _check_told_apart(values: AnyArray, floats: NDArray[np.float32], where: str) -> None:
    """Refuse values that differ by less than float32 resolves at their size, such as seconds since 1970."""
    if not len(values) or values.dtype == np.float32:
        return
    exact = values.astype(np.float64)
    lost, spread = np.abs(floats - exact).max(axis=0), exact.std(axis=0)
    if (lost > _MOST_LOST * spread).any():
        column = int(np.argmax(lost > _MOST_LOST * spread))
        if spread[column] == 0:
            return
        raise DataError(
            f"{where} holds values that differ by less than float32 resolves, such as {exact[0, column]:.12g}: their "
            f"deviation is {spread[column]:.3g}, and rounding changes them by up to {lost[column]:.3g}.",
            hint="Subtract one number of your choice from the targets of both parts, such as the smallest.",
        )


def _values(parts: dict[str, AnyArray], where: str, columns: Sequence[str]) -> Targets:
    """Measured values, (n, values) float32."""
    made: list[NDArray[np.float32]] = []
    for name, values in parts.items():
        if is_text(values):
            raise DataError(
                f"{where}: {name} holds texts, such as {str(values[0])[:40]!r}; measured values (regression) are "
                "numbers.",
                hint='Convert them to numbers, or train classes: task = "classes".',
            )
        with np.errstate(over="ignore"):
            floats: NDArray[np.float32] = np.ascontiguousarray(values.reshape(len(values), -1), "<f4")
        if not np.isfinite(floats).all():
            row, column = (int(place) for place in np.argwhere(~np.isfinite(floats))[0])
            raise DataError(
                f"{where}: {name} holds values that float32 cannot hold: the first is "
                f"{values.reshape(len(values), -1)[row, column]:g} in example {row}.",
                hint="Divide the targets of both parts by one number of your choice, or take their logarithm.",
            )
        _check_told_apart(values.reshape(len(values), -1), floats, f"{where}: {name}")
        made.append(floats)
    train, test = made
    constant = [index for index, column in enumerate(train.T) if (column == column[0]).all()]
    if constant:
        which = f" in column {columns[constant[0]] if columns else constant[0]}" if train.shape[1] > 1 else ""
        raise DataError(
            f"{where}: every target of the training part{which} is {train[0, constant[0]]:g}, which leaves nothing to "
            "learn.",
            hint="Check that the targets come from the right column.",
        )
    return Targets(train, test, Task.REGRESSION, tuple(columns))
