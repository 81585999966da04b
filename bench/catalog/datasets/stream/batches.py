"""A batch of a stream in the form that is trained, or what is wrong with it. Pure; knows no TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.core.errors import DataError
from bench.core.formatting import plural
from bench.core.names import listed, nearest
from bench.core.target import Target, Task
from bench.core.trees import leaves, length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bench.core.trees import Inputs

FORM = "(x, y) or (x, y, weights)"
_PAIR, _TRIPLE, _ROWS = 2, 3, 2
_INT32 = 4


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some examples of a stream.

    Attributes:
        x: (b, ...) uint8, int32, int64 or float32; or several inputs by name.
        y: as `Target` stores it: (b,) class numbers, (b, labels) 0 and 1, or (b, values) float32.
        w: (b,) float32, how much each example weighs; None where all weigh the same.
    """

    x: Inputs
    y: NDArray[Any]
    w: NDArray[np.float32] | None

    @property
    def size(self) -> int:
        """How many examples."""
        return len(self.y)

    def head(self, size: int) -> Batch:
        """The first examples."""
        x = {name: array[:size] for name, array in self.x.items()} if isinstance(self.x, dict) else self.x[:size]
        return Batch(x, self.y[:size], None if self.w is None else self.w[:size])


def target_of(task: Task, names: tuple[str, ...], element: object, where: str) -> Target:
    """What is predicted, by what the loader says and, where it gives no names, by the first batch.

    Raises:
        DataError: the classes are neither named nor one-hot.
    """
    if names:
        if task is Task.CLASSES and len(set(names)) < 2:  # noqa: PLR2004  a choice
            raise DataError(f"{where} has {plural(len(names), 'class name')}.", hint="Name two classes or more.")
        return Target(task, names)
    y = np.asarray(_parts(element, where)[1])
    columns = y.shape[1] if y.ndim == _ROWS else 1
    if task is Task.CLASSES and columns == 1:
        raise DataError(
            f"{where} gives classes by their number and does not name them; how many there are is not known.",
            hint='Give their names, such as "names": ["cat", "dog"] or "names": list(range(1000)).',
        )
    return Target(task, tuple(map(str, range(columns))))


def batch_of(element: object, target: Target, where: str, *, finite: bool = True) -> Batch:
    """A batch in the form that is trained.

    uint8 stays uint8, other whole numbers become int32 (int64 stays), floats become float32; truth values are 0 and 1.

    Args:
        element: what the stream gives, as NumPy arrays.
        target: what is predicted.
        where: what it was read from, and which batch it is; every message starts with it.
        finite: whether to look for NaN and infinite inputs.

    Raises:
        DataError: it has another form, or holds what cannot be trained.
    """
    x, y, w = _parts(element, where)
    made = (
        {str(name): _input(array, f"{where}: x[{name!r}]", finite=finite) for name, array in x.items()}
        if isinstance(x, dict)
        else _input(x, f"{where}: x", finite=finite)
    )
    truth = _truth(y, target, f"{where}: y")
    weights = None if w is None else _weights(w, f"{where}: the weights")
    for name, array in [*leaves(made), *([] if weights is None else [("weights", weights)])]:
        if len(array) != len(truth):
            label = f"{name} has" if name else "x has"
            raise DataError(
                f"{where}: {label} {plural(len(array), 'example')} and y {len(truth):,}; each example has one target. "
                "Is it a batch?",
                hint=_BATCH,
            )
    if not length(made):
        raise DataError(f"{where} is empty.", hint="Leave empty batches out.")
    return Batch(made, truth, weights)


_BATCH = "Batch both parts in the loader, such as dataset.batch(32), and write the same batch_size in the suite."


def _parts(element: object, where: str) -> tuple[Any, Any, Any]:
    if not isinstance(element, tuple | list) or len(element) not in {_PAIR, _TRIPLE}:
        kind = type(element).__name__ + (f" of {len(element)}" if isinstance(element, tuple | list) else "")
        raise DataError(
            f"{where} is a {kind}; a batch is {FORM}, and y may not be missing.",
            hint="Give x as an array, or as a dict of arrays for several inputs: "
            "dataset.map(lambda row: (row['image'], row['label'])).",
        )
    x, y, *weights = element
    if isinstance(x, tuple | list):
        raise DataError(
            f"{where} has a {type(x).__name__} of {len(x)} as x.", hint='Name several inputs: {"image": a, "text": b}.'
        )
    if isinstance(y, dict | tuple | list):
        raise DataError(
            f"{where} has a {type(y).__name__} of targets as y, as for a model of several outputs, which this version "
            "does not train.",
            hint="Several values or labels of one kind are the columns of one array, (n, k).",
        )
    return x, y, weights[0] if weights else None


def _input(value: object, where: str, *, finite: bool) -> NDArray[Any]:
    array = _array(value, where)
    if array.ndim < _ROWS:
        raise DataError(f"{where} has shape {array.shape}; a batch has an axis of examples in front.", hint=_BATCH)
    kind = array.dtype.kind
    if kind not in "biuf":
        raise DataError(
            f"{where} has dtype {array.dtype}; inputs are numbers, and the examples of a batch have one size.",
            hint="Turn texts into ids in the loader, such as with keras.layers.TextVectorization; bring sequences to "
            "one length, such as with dataset.padded_batch(32).",
        )
    if kind == "f":
        with np.errstate(over="ignore"):
            floats: NDArray[Any] = np.ascontiguousarray(array, np.float32)
        if finite and not np.isfinite(floats).all():
            broken = ~np.isfinite(floats).reshape(len(floats), -1).all(axis=1)
            what = "NaN" if np.isnan(floats).any() else "infinite values"
            raise DataError(
                f"{where} holds {what} in {plural(int(broken.sum()), 'example')}, the first of them number "
                f"{int(np.argmax(broken))} of the batch. No training survives that.",
                hint="Leave those examples out in the loader, or fill the gaps.",
            )
        return floats
    if kind == "b" or array.dtype == np.uint8:
        return np.ascontiguousarray(array, np.uint8)
    wide = array.dtype.itemsize > _INT32 or array.dtype == np.uint32
    return np.ascontiguousarray(array, np.int64 if wide else np.int32)


def _array(value: object, where: str) -> NDArray[Any]:
    try:
        return np.asarray(value)
    except Exception as error:
        raise DataError(
            f"{where} is a {type(value).__name__} that is not an array: {error}.",
            hint="Bring all examples to one size, such as dataset.padded_batch(32).",
        ) from error


def _weights(value: object, where: str) -> NDArray[np.float32]:
    array = _array(value, where)
    if array.ndim == _ROWS and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.dtype.kind not in "biuf":
        raise DataError(f"{where} have shape {array.shape}; each example has one number.", hint="Give (b,) weights.")
    weights: NDArray[np.float32] = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(weights).all() or bool((weights < 0).any()):
        raise DataError(f"{where} are not all finite and 0 or more.", hint="Weigh each example by a number >= 0.")
    return weights


def _truth(value: object, target: Target, where: str) -> NDArray[Any]:
    y = _array(value, where)
    if y.ndim == 0:
        raise DataError(f"{where} is a single value; a batch has an axis of examples in front.", hint=_BATCH)
    if target.task is Task.CLASSES:
        return np.asarray(_class_numbers(y, target.names, where), target.dtype)
    if y.ndim == 1 and target.width == 1:
        y = y[:, np.newaxis]
    if y.shape[1:] != (target.width,) or y.dtype.kind not in "biuf":
        raise DataError(
            f"{where} has shape {y.shape} and dtype {y.dtype}; the task is {target.task} with "
            f"{plural(target.width, 'name')}, so it is (b, {target.width}) numbers.",
            hint='Give a column for each of "names", and batch both parts.',
        )
    if target.task is Task.MULTILABEL:
        if not np.isin(y, (0, 1)).all():
            raise DataError(f"{where} holds {_first(y, ~np.isin(y, (0, 1)))}; labels are 0 and 1.", hint="Give 0 or 1.")
        return y.astype(target.dtype)
    values = np.ascontiguousarray(y, target.dtype)
    if not np.isfinite(values).all():
        raise DataError(
            f"{where} holds {_first(y, ~np.isfinite(values))}; values are finite.",
            hint="Leave those examples out in the loader.",
        )
    return values


def _class_numbers(y: NDArray[Any], names: Sequence[str], where: str) -> NDArray[np.int64]:
    if y.ndim == _ROWS and y.shape[1] == 1:
        y = y[:, 0]
    if y.dtype.kind in "OSU" and y.ndim == 1:
        return _by_name(y, names, where)
    if y.ndim == _ROWS and y.shape[1] == len(names) and y.dtype.kind in "biuf":
        rows = np.isin(y, (0, 1)).all(axis=1) & (y.sum(axis=1) == 1)
        if not rows.all():
            raise DataError(
                f"{where} has rows that are not one-hot, such as {y[int(np.argmin(rows))].tolist()[:8]}.",
                hint='Give class numbers; or write "task": "multilabel" if an example may have several labels.',
            )
        return np.asarray(y.argmax(axis=1), np.int64)
    if y.ndim != 1 or y.dtype.kind not in "biuf":
        raise DataError(
            f"{where} has shape {y.shape} and dtype {y.dtype}; of {len(names):,} classes it is (b,) class numbers or "
            f"names, or (b, {len(names)}) one-hot.",
            hint="Give one of these for every batch, and a name for every class.",
        )
    wrong = (y != np.rint(y)) | (y < 0) | (y >= len(names)) if y.dtype.kind == "f" else (y < 0) | (y >= len(names))
    if wrong.any():
        raise DataError(
            f"{where} holds {_first(y, wrong)}; the {len(names):,} classes have the numbers 0 to {len(names) - 1}.",
            hint='Give "names" one name for every class, in the order of their numbers.',
        )
    return y.astype(np.int64)


def _by_name(y: NDArray[Any], names: Sequence[str], where: str) -> NDArray[np.int64]:
    numbers = {name: number for number, name in enumerate(names)}
    texts = [label.decode("utf-8", "replace") if isinstance(label, bytes) else str(label) for label in y]
    unknown = next((text for text in texts if text not in numbers), None)
    if unknown is not None:
        guess = nearest(unknown, names)
        raise DataError(
            f"{where} holds the class {unknown!r}; the classes are {listed(names[:20])}"
            + (f"; did you mean {guess!r}?" if guess else "."),
            hint='Name every class in "names".',
        )
    return np.array([numbers[text] for text in texts], np.int64)


def _first(y: NDArray[Any], wrong: NDArray[np.bool_]) -> str:
    """The first wrong value."""
    return f"{y[wrong][0]:g}"
