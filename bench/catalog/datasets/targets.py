"""True values of unknown form -> classes, labels or measured values, or why they are none and what to do about it."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.catalog.datasets.written import all_dates, looks_number
from bench.core.errors import DataError
from bench.core.formatting import plural
from bench.core.target import MAX_CLASSES, Task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from bench.catalog.datasets.arrays import AnyArray, Labels

SAY_TASK = 'task = "regression" in a table [datasets.NAME]'
"""How a suite says what the form of the values does not."""

_FEW_VALUES, _FEW_EXAMPLES = 20, 5
_MOST_LOST = 0.01  # of a target's deviation, by rounding to float32
_WHOLE, _FLOATS, _TEXTS = "biu", "f", "UST"
_ROWS = 2


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
    parts = {"y_train": _flat(y_train), "y_test": _flat(y_test)}
    for part, values in parts.items():
        _check_there(values, f"{where}: {part}")
    plain = {part: _plain(values, f"{where}: {part}") for part, values in parts.items()}
    _check_alike(plain, where)
    rows = plain["y_train"].ndim > 1
    width = plain["y_train"].shape[1] if rows else 1
    columns = tuple(names) if len(names) == width else ()
    task = task or (_task_of_rows(plain, where) if rows else _task_of_column(plain, where))
    if task is Task.REGRESSION:
        made = _values(plain, where, columns)
    elif task is Task.MULTILABEL:
        made = _labels(plain, where, columns)
    else:
        made = _one_hot(plain, where, columns) if rows else _classes(plain, where, tuple(names))
    return made


def look_measured(different: int, examples: int) -> bool:
    """Whether values have so many different ones, with so few examples each, that they are hardly classes.

    More than 20 different ones with fewer than 5 examples each, on average: of scikit-learn's diabetes, 214 different
    targets in 442 examples.
    """
    return different > _FEW_VALUES and examples < _FEW_EXAMPLES * different


def _flat(values: AnyArray) -> AnyArray:
    """One value per example as (n,): Keras's CIFAR labels are a column, (n, 1)."""
    return values.reshape(-1) if values.ndim > 1 and values.size == len(values) else values


def _check_there(values: AnyArray, where: str) -> None:
    if values.ndim == 0:
        raise DataError(
            f"{where} is a single {type(values.item()).__name__}, of shape (); targets are an entry per example, (n,).",
            hint="Give both parts an array of targets, as long as its inputs.",
        )
    if values.size == 0:
        raise DataError(f"{where} is empty.", hint="Give both parts inputs and targets.")
    if values.ndim > _ROWS:
        raise DataError(
            f"{where} has shape {values.shape}: a target for each pixel or step of an example (segmentation, sequences "
            "as targets), which this version does not train. Targets are (n,), or (n, k) for several labels or values."
        )


def _check_alike(parts: dict[str, AnyArray], where: str) -> None:
    """Refuse parts that are not one kind of thing."""
    shapes = " and ".join(f"{name} has shape {values.shape}" for name, values in parts.items())
    if len({values.shape[1:] for values in parts.values()}) > 1:
        raise DataError(
            f"{where}: {shapes}; the targets of both parts have one form, and equal columns mean the same in both.",
            hint="Prepare the targets of both parts by the same code.",
        )
    texts = {name: values for name, values in parts.items() if _is_text(values)}
    if len(texts) == 1:
        (name, values), other = *texts.items(), next(values for key, values in parts.items() if key not in texts)
        raise DataError(
            f"{where}: {name} holds texts, such as {str(values[0])[:40]!r}; the other part has dtype {other.dtype}.",
            hint="Give both parts targets of one kind.",
        )


# ----------------------------------------------------------------------------------------------------- what they are


def _plain(values: AnyArray, where: str) -> AnyArray:
    """Values of a dtype of numbers or texts, none of them missing."""
    if values.dtype.kind == "O":
        values = _objects(values, where)
    if values.dtype.kind in _TEXTS:
        if values.ndim > 1:
            raise DataError(
                f"{where} holds rows of texts, such as {str(values.flat[0])[:40]!r}: several targets per example "
                "are numbers.",
                hint="Give each example a row of 0 and 1 with a column per label, "
                "as sklearn.preprocessing.MultiLabelBinarizer does.",
            )
        return values
    if values.dtype.kind in _WHOLE:
        return values
    if values.dtype.kind != _FLOATS:
        raise DataError(
            f"{where} has dtype {values.dtype}; targets are numbers or texts.",
            hint="Return the class of each example as a whole number from 0, or what was measured as a number.",
        )
    finite = np.isfinite(values)
    if not finite.all():
        rows = finite if finite.ndim == 1 else finite.all(axis=1)
        raise _missing(where, values, int(np.argmin(rows)), int((~rows).sum()))
    return values


def _objects(values: AnyArray, where: str) -> AnyArray:
    """An array of Python objects as the array of numbers or texts that it is."""
    flat = values.reshape(-1)
    missing = [index for index, value in enumerate(flat) if _is_missing(value)]
    if missing:
        width = flat.size // len(values)
        raise _missing(where, values, missing[0] // width, len({index // width for index in missing}))
    if any(isinstance(value, list | tuple | set | frozenset | np.ndarray) for value in flat):
        raise DataError(
            f"{where} holds a list of labels per example (multi-label); several labels per example are a row of 0 and "
            "1 each.",
            hint="Give each example a row with a column per label, as sklearn.preprocessing.MultiLabelBinarizer does, "
            "fitted on both parts.",
        )
    if any(isinstance(value, dict) for value in flat):
        raise DataError(
            f"{where} holds a dict per example, as for object detection or several outputs, which this version does "
            "not train."
        )
    if all(isinstance(value, str | bytes) for value in flat):
        texts: AnyArray = np.array([v.decode(errors="replace") if isinstance(v, bytes) else v for v in flat])
        return texts.reshape(values.shape)
    if all(isinstance(value, bool | np.bool_) for value in flat):
        return values.astype(np.bool_)
    if all(isinstance(value, numbers.Integral | np.bool_) for value in flat):
        try:
            return values.astype(np.int64)
        except OverflowError as error:
            raise DataError(f"{where} holds whole numbers beyond 64 bits.") from error
    if all(isinstance(value, numbers.Real | np.bool_) or type(value).__name__ == "Decimal" for value in flat):
        return values.astype(np.float64)
    kinds = sorted({type(value).__name__ for value in flat})
    raise DataError(
        f"{where} mixes values of the types {', '.join(kinds)}.",
        hint="Give every example of both parts a target of one type.",
    )


def _is_missing(value: object) -> bool:
    """Whether a value says that there is none; pandas has an NA of its own, known here by its name."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _missing(where: str, values: AnyArray, first: int, many: int) -> DataError:
    value = values[first]
    return DataError(
        f"{where} has no finite value for {plural(many, 'example')}: the first is example {first}, with {value}.",
        hint="Leave those examples out, of the inputs and of the targets.",
    )


def _is_text(values: AnyArray) -> bool:
    return values.dtype.kind in _TEXTS


def _is_binary(values: AnyArray) -> bool:
    return not _is_text(values) and bool(((values == 0) | (values == 1)).all())


def _distinct(parts: dict[str, AnyArray]) -> list[Any]:
    """The different values of both parts, as Python's, since NumPy has no dtype that holds both uint64 and int64."""
    return sorted({value for values in parts.values() for value in np.unique(values).tolist()})


def _total(parts: dict[str, AnyArray]) -> int:
    return sum(len(values) for values in parts.values())


def _task_of_column(parts: dict[str, AnyArray], where: str) -> Task:
    """Classes or measured values, by the values of one column."""
    if any(values.dtype.kind in _TEXTS + "b" for values in parts.values()):
        if any(_is_text(values) for values in parts.values()):
            _check_words(parts, where)
        return Task.CLASSES
    if any(values.dtype.kind == _FLOATS and bool((np.rint(values) != values).any()) for values in parts.values()):
        return Task.REGRESSION
    different, total = _distinct(parts), _total(parts)
    floats = any(values.dtype.kind == _FLOATS for values in parts.values())
    numbered = [int(value) for value in different] == list(range(len(different)))
    if look_measured(len(different), total) and (floats or not numbered):
        return Task.REGRESSION
    if len(different) > MAX_CLASSES:
        raise DataError(
            f"{where}: there are {len(different):,} different targets; there can be {MAX_CLASSES:,} classes.",
            hint=f"If they are measured values, say {SAY_TASK}.",
        )
    return Task.CLASSES


def _check_words(parts: dict[str, AnyArray], where: str) -> None:
    """Refuse texts that are dates, or numbers as nobody reads them: neither was meant as a name."""
    different = sorted({str(value) for values in parts.values() for value in np.unique(values)})
    if all_dates(different):
        raise DataError(
            f"{where}: the targets are dates, such as {different[0]!r}.",
            hint='Turn them into numbers, such as days since a date; if each is a class, say task = "classes".',
        )
    written = [text for text in different if looks_number(text)]
    if written and all(text in written or _are_numbers([text]) for text in different):
        raise DataError(
            f"{where}: the targets are numbers that are written as texts, such as {written[0]!r}.",
            hint='Write them as 1234.5; if each is the name of a class, say task = "classes".',
        )


def _task_of_rows(parts: dict[str, AnyArray], where: str) -> Task:
    """Classes (one-hot), labels or measured values, by rows of several columns."""
    if all(_is_binary(values) for values in parts.values()):
        single = all(bool((values.sum(axis=1) == 1).all()) for values in parts.values())
        return Task.CLASSES if single else Task.MULTILABEL
    if any(values.dtype.kind == _FLOATS for values in parts.values()):
        return Task.REGRESSION
    different, total = _distinct(parts), _total(parts)
    if look_measured(len(different), total):
        return Task.REGRESSION
    width = next(iter(parts.values())).shape[1]
    raise DataError(
        f"{where}: targets are rows of {width} whole numbers from {different[0]:,} to {different[-1]:,}. As a class in "
        "each column (several outputs) they are not trained in this version.",
        hint=f"If they are measured values, say {SAY_TASK}, or return them as floats.",
    )


# ------------------------------------------------------------------------------------------------------ in their form


def _as_texts(values: AnyArray) -> AnyArray:
    """Texts; what is no ASCII in the bytes of an older program is read as Latin-1, which every byte is part of."""
    return np.char.decode(values, "latin-1") if values.dtype.kind == "S" else values.astype(np.str_)


def _classes(parts: dict[str, AnyArray], where: str, given: tuple[str, ...]) -> Targets:
    """Classes numbered by sorted value over both parts together."""
    text = any(_is_text(values) for values in parts.values())
    if text:
        parts = {name: _as_texts(values) for name, values in parts.items()}
    different = _distinct(parts)
    if text and look_measured(len(different), _total(parts)):
        raise DataError(
            f"{where}: the targets are texts, such as {different[0][:40]!r}, {len(different):,} different ones in "
            f"{plural(_total(parts), 'example')}, too many to be classes.",
            hint='If they are numbers written as texts, convert both parts with y.astype("float32").'
            if _are_numbers(different)
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


def _are_numbers(texts: Sequence[str]) -> bool:
    try:
        np.array(texts).astype(np.float64)
    except ValueError:
        return False
    return True


def _class_dtype(classes: int) -> str:
    return "|u1" if classes <= 2**8 else "<u2"


def _one_hot(parts: dict[str, AnyArray], where: str, columns: Sequence[str]) -> Targets:
    """Rows with a single 1 as the numbers of its column."""
    for name, values in parts.items():
        if not _is_binary(values) or not (values.sum(axis=1) == 1).all():
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
        if values.ndim == 1 or not _is_binary(values):
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
        if _is_text(values):
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
