"""Labels of unknown form -> class numbers, or why they are none and what to do about it."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING

import numpy as np

from bench.core.errors import DataError
from bench.core.formatting import plural

if TYPE_CHECKING:
    from bench.catalog.datasets.arrays import AnyArray, Labels

MAX_CLASSES = 256
TOGETHER = (
    "classes, y = numpy.unique(numpy.concatenate([y_train, y_test]), return_inverse=True), and then "
    "y_train, y_test = numpy.split(y, [len(y_train)])"
)
"""Numbers the classes of both parts at once: a class that one part lacks would shift the numbers of the others."""

_FEW_VALUES, _FEW_EXAMPLES = 20, 5
_WHOLE, _FLOATS, _TEXTS = "biu", "f", "UST"
_ONE_PER_EXAMPLE = "labels are one class number per example, (n,)"


def class_numbers(y_train: AnyArray, y_test: AnyArray, where: str) -> tuple[Labels, Labels]:
    """The labels of both parts as class numbers, (n,) and (m,) uint8.

    Args:
        y_train: (n,) or (n, 1), any integer dtype or bool, which counts as 0 and 1.
        y_test: (m,) or (m, 1), likewise.
        where: what the labels were read from; every message starts with it.

    Raises:
        DataError: the labels have another form, or are not the numbers from 0 to k - 1 with k from 2 to 256 over both
            parts. Its hint is right to follow: where nothing would be, there is none.
    """
    parts = {"y_train": _flat(y_train), "y_test": _flat(y_test)}
    for name, labels in parts.items():
        _check_there(labels, f"{where}: {name}")
    _check_one_per_example(parts, where)
    plain = {name: _numbers(labels, name, parts, where) for name, labels in parts.items()}
    _check_numbering(plain, where)
    train, test = (np.ascontiguousarray(labels, dtype=np.uint8) for labels in plain.values())
    return train, test


def look_measured(different: int, examples: int) -> bool:
    """Whether labels have so many different values, with so few examples each, that they are hardly classes.

    More than 20 different ones with fewer than 5 examples each, on average: of scikit-learn's diabetes, 214 different
    targets in 442 examples.
    """
    return different > _FEW_VALUES and examples < _FEW_EXAMPLES * different


def _flat(labels: AnyArray) -> AnyArray:
    """One label per example as (n,): Keras's CIFAR labels are a column, (n, 1)."""
    return labels.reshape(-1) if labels.ndim > 1 and labels.size == len(labels) else labels


def _check_there(labels: AnyArray, where: str) -> None:
    if labels.ndim == 0:
        raise DataError(
            f"{where} is a single {type(labels.item()).__name__}, of shape (); {_ONE_PER_EXAMPLE}.",
            hint="Give both parts an array of labels, as long as its inputs.",
        )
    if labels.size == 0:
        raise DataError(f"{where} is empty.", hint="Give both parts inputs and labels.")


# ----------------------------------------------------------------------------------------------- several per example


def _check_one_per_example(parts: dict[str, AnyArray], where: str) -> None:
    """Refuse rows of labels; `argmax` is right for them only where each has exactly one 1."""
    rows = {name: labels for name, labels in parts.items() if labels.ndim > 1}
    if not rows:
        return
    shapes = " and ".join(f"{name} has shape {labels.shape}" for name, labels in rows.items())
    if len({labels.shape[1:] for labels in rows.values()}) > 1:
        raise DataError(
            f"{where}: {shapes}; equal columns must mean the same in both parts, and {_ONE_PER_EXAMPLE}.",
            hint="Go back to the labels as they were, and number those: " + TOGETHER + ".",
        )
    if not all(_is_binary(labels) for labels in rows.values()):
        raise DataError(
            f"{where}: {shapes}, so there are several targets per example; {_ONE_PER_EXAMPLE}. Several targets are not "
            "trained in this version."
        )
    ones = np.concatenate([labels.sum(axis=1) for labels in rows.values()])
    if (ones == 1).all():
        raise DataError(
            f"{where}: {shapes}, one column per class (one-hot); {_ONE_PER_EXAMPLE}.",
            hint="Turn them into class numbers with "
            + " and ".join(f"{name}.argmax(axis=1)" for name in rows)
            + ": every row has exactly one 1.",
        )
    raise DataError(
        f"{where}: {shapes}, and a row holds from {int(ones.min())} to {int(ones.max())} ones, so there are several "
        "labels per example (multi-label). Multi-label data is not trained in this version.",
        hint="Each column by itself is a problem with two classes: a loader may return y[:, 0] in both parts.",
    )


def _is_binary(labels: AnyArray) -> bool:
    return (
        labels.ndim == 2  # noqa: PLR2004  rows of one value per class
        and labels.dtype.kind in _WHOLE + _FLOATS
        and bool(((labels == 0) | (labels == 1)).all())
    )


# ----------------------------------------------------------------------------------------------------- what they are


def _numbers(labels: AnyArray, name: str, parts: dict[str, AnyArray], where: str) -> AnyArray:
    """Labels of a dtype of numbers; texts, missing labels and anything else are refused."""
    if labels.dtype.kind == "O":
        labels = _objects(labels, f"{where}: {name}")
    if labels.dtype.kind in _TEXTS + "O":  # what is still an array of objects now holds texts
        raise _texts(labels, name, parts, where)
    if labels.dtype.kind in _WHOLE:
        return labels
    if labels.dtype.kind != _FLOATS:
        raise DataError(
            f"{where}: {name} has dtype {labels.dtype}; {_ONE_PER_EXAMPLE}.",
            hint="Return the class of each example as a whole number from 0.",
        )
    finite = np.isfinite(labels)
    if not finite.all():
        raise _missing(f"{where}: {name}", labels, int(np.argmin(finite)), int((~finite).sum()))
    return labels


def _objects(labels: AnyArray, where: str) -> AnyArray:
    """An array of Python objects as the array of numbers or texts that it is."""
    missing = [index for index, label in enumerate(labels) if _is_missing(label)]
    if missing:
        raise _missing(where, labels, missing[0], len(missing))
    if any(isinstance(label, list | tuple | set | np.ndarray) for label in labels):
        raise DataError(
            f"{where} holds a list of labels per example (multi-label), which this version does not train; "
            f"{_ONE_PER_EXAMPLE}."
        )
    if all(isinstance(label, str | bytes) for label in labels):
        return labels
    if all(isinstance(label, numbers.Integral | np.bool_) for label in labels):
        raise DataError(
            f"{where} holds whole numbers as Python objects (dtype object).",
            hint='Convert both parts with y.astype("int64"), which keeps every label.',
        )
    if all(isinstance(label, numbers.Real | np.bool_) for label in labels):
        return labels.astype(np.float64)
    kinds = sorted({type(label).__name__ for label in labels})
    raise DataError(
        f"{where} mixes labels of the types {', '.join(kinds)}; {_ONE_PER_EXAMPLE}.",
        hint="Give every example of both parts a label of one type.",
    )


def _is_missing(label: object) -> bool:
    """Whether a label says that there is none; pandas has an NA of its own, known here by its name."""
    return label is None or type(label).__name__ == "NAType" or (isinstance(label, float) and bool(np.isnan(label)))


def _missing(where: str, labels: AnyArray, first: int, many: int) -> DataError:
    return DataError(
        f"{where} has no label for {plural(many, 'example')}: the first is example {first}, with {labels[first]}.",
        hint="Leave those examples out, of the inputs and of the labels.",
    )


def _texts(labels: AnyArray, name: str, parts: dict[str, AnyArray], where: str) -> DataError:
    example = str(labels[0])[:40]
    head = f"{where}: {name} holds texts, such as {example!r}; {_ONE_PER_EXAMPLE}."
    others = [other for other in parts.values() if other.dtype.kind not in _TEXTS + "O"]
    if others:
        return DataError(
            f"{head} The other part has dtype {others[0].dtype}.", hint="Give both parts labels of one kind."
        )
    values = {str(label) for other in parts.values() for label in other}
    total = sum(len(other) for other in parts.values())
    if look_measured(len(values), total):
        return DataError(
            f"{head} There are {len(values):,} different ones in {plural(total, 'example')}, too many to be classes. "
            "Texts are not predicted in this version."
        )
    if len(values) > MAX_CLASSES:
        return _too_many(len(values), where)
    return DataError(head, hint=f"Number the classes of both parts together: {TOGETHER}.")


# ------------------------------------------------------------------------------------------------------- their values


def _check_numbering(parts: dict[str, AnyArray], where: str) -> None:
    """Refuse what are no classes, or no classes numbered from 0 without gaps over both parts."""
    # As Python's numbers, since NumPy has no dtype that holds both uint64 and int64.
    found = sorted({value for labels in parts.values() for value in np.unique(labels).tolist()})
    total = sum(len(labels) for labels in parts.values())
    floats = [name for name, labels in parts.items() if labels.dtype.kind == _FLOATS]
    broken = next((value for value in found if value != int(value)), None)
    numbered = [int(value) for value in found] == list(range(len(found)))
    low, high, many = found[0], found[-1], len(found)
    if broken is not None or ((floats or not numbered) and look_measured(many, total)):
        such = f"numbers such as {broken:g}" if broken is not None else f"numbers from {low:g} to {high:g}"
        raise DataError(
            f"{where}: the labels are {such}, {many:,} different ones in {plural(total, 'example')}. They look like "
            "measured values (regression), which this version does not train."
        )
    if many > MAX_CLASSES:
        raise _too_many(many, where)
    if many == 1:
        raise DataError(
            f"{where}: every label is {int(low)}, which leaves nothing to learn.",
            hint="Check that the labels come from the right column.",
        )
    if not numbered:
        raise DataError(
            f"{where}: the {many} different labels go from {int(low)} to {int(high)}; {many} classes are numbered from "
            f"0 to {many - 1}, without gaps.",
            hint=f"If they are classes, number those of both parts together: {TOGETHER}.",
        )
    if floats:
        dtypes = " and ".join(f"{name} has dtype {parts[name].dtype}" for name in floats)
        raise DataError(
            f"{where}: {dtypes}; class numbers are integers.",
            hint='If they are class numbers, convert both parts with y.astype("int64"): every label is a whole number.',
        )


def _too_many(different: int, where: str) -> DataError:
    return DataError(
        f"{where}: there are {different:,} different labels; this version trains up to {MAX_CLASSES} classes."
    )
