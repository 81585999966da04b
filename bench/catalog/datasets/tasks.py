"""Which task true values of unknown form are of: classes, labels or measured values, or why they are of none."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING

import numpy as np

from bench.catalog.datasets.written import all_dates, looks_number
from bench.core.errors import DataError
from bench.core.formatting import plural
from bench.core.target import MAX_CLASSES, Task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bench.catalog.datasets.arrays import AnyArray

SAY_TASK = 'task = "regression" in a table [datasets.NAME]'
"""How a suite says what the form of the values does not."""

_FEW_VALUES, _FEW_EXAMPLES = 20, 5
_WHOLE, _FLOATS, _TEXTS = "biu", "f", "UST"
_ROWS = 2


def look_measured(different: int, examples: int) -> bool:
    """Whether values have so many different ones, with so few examples each, that they are hardly classes.

    More than 20 different ones with fewer than 5 examples each, on average: of scikit-learn's diabetes, 214 different
    targets in 442 examples.
    """
    return different > _FEW_VALUES and examples < _FEW_EXAMPLES * different


def plain_parts(y_train: AnyArray, y_test: AnyArray, where: str) -> dict[str, AnyArray]:
    """True values of both parts as arrays of numbers or texts: a value, or a row of values, per example.

    Args:
        y_train: (n,), (n, 1) or (n, k): integers, floats, truth values, texts, or Python objects that are these.
        y_test: (m,), likewise.
        where: what they were read from; every message starts with it.

    Returns:
        By `y_train` and `y_test`: (n,) or (n, k).

    Raises:
        DataError: the values have no such form, some are missing or infinite, or the parts differ in kind.
    """
    parts = {"y_train": _flat(y_train), "y_test": _flat(y_test)}
    for part, values in parts.items():
        _check_there(values, f"{where}: {part}")
    plain = {part: _plain(values, f"{where}: {part}") for part, values in parts.items()}
    _check_alike(plain, where)
    return plain


def task_of(parts: dict[str, AnyArray], where: str) -> Task:
    """The task that the values of both parts are of, by their form.

    Raises:
        DataError: they are of none, or of one that is not trained.
    """
    return (_task_of_rows if parts["y_train"].ndim > 1 else _task_of_column)(parts, where)


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
    texts = {name: values for name, values in parts.items() if is_text(values)}
    if len(texts) == 1:
        (name, values), other = *texts.items(), next(values for key, values in parts.items() if key not in texts)
        raise DataError(
            f"{where}: {name} holds texts, such as {str(values[0])[:40]!r}; the other part has dtype {other.dtype}.",
            hint="Give both parts targets of one kind.",
        )


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


def is_text(values: AnyArray) -> bool:
    """Whether values are texts, or the bytes of texts."""
    return values.dtype.kind in _TEXTS


def is_binary(values: AnyArray) -> bool:
    """Whether all values are 0 or 1."""
    return not is_text(values) and bool(((values == 0) | (values == 1)).all())


def distinct(parts: dict[str, AnyArray]) -> list[Any]:
    """The different values of both parts, as Python's, since NumPy has no dtype that holds both uint64 and int64."""
    return sorted({value for values in parts.values() for value in np.unique(values).tolist()})


def example_count(parts: dict[str, AnyArray]) -> int:
    """How many examples both parts have together."""
    return sum(len(values) for values in parts.values())


def _task_of_column(parts: dict[str, AnyArray], where: str) -> Task:
    """Classes or measured values, by the values of one column."""
    if any(values.dtype.kind in _TEXTS + "b" for values in parts.values()):
        if any(is_text(values) for values in parts.values()):
            _check_words(parts, where)
        return Task.CLASSES
    if any(values.dtype.kind == _FLOATS and bool((np.rint(values) != values).any()) for values in parts.values()):
        return Task.REGRESSION
    different, total = distinct(parts), example_count(parts)
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
    if written and all(text in written or are_numbers([text]) for text in different):
        raise DataError(
            f"{where}: the targets are numbers that are written as texts, such as {written[0]!r}.",
            hint='Write them as 1234.5; if each is the name of a class, say task = "classes".',
        )


def _task_of_rows(parts: dict[str, AnyArray], where: str) -> Task:
    """Classes (one-hot), labels or measured values, by rows of several columns."""
    if all(is_binary(values) for values in parts.values()):
        single = all(bool((values.sum(axis=1) == 1).all()) for values in parts.values())
        return Task.CLASSES if single else Task.MULTILABEL
    if any(values.dtype.kind == _FLOATS for values in parts.values()):
        return Task.REGRESSION
    different, total = distinct(parts), example_count(parts)
    if look_measured(len(different), total):
        return Task.REGRESSION
    width = next(iter(parts.values())).shape[1]
    raise DataError(
        f"{where}: targets are rows of {width} whole numbers from {different[0]:,} to {different[-1]:,}. As a class in "
        "each column (several outputs) they are not trained in this version.",
        hint=f"If they are measured values, say {SAY_TASK}, or return them as floats.",
    )


def are_numbers(texts: Sequence[str]) -> bool:
    """Whether NumPy reads all of these texts as numbers."""
    try:
        np.array(texts).astype(np.float64)
    except ValueError:
        return False
    return True
