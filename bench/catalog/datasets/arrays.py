"""A data set in memory: arrays of fixed forms, the checks that give them such a form, and their hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.catalog.datasets.inputs import inputs
from bench.catalog.datasets.targets import targets
from bench.core.errors import DataError
from bench.core.target import Target, Task
from bench.core.trees import Inputs, Shape, Shapes, leaves, length, shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Images: TypeAlias = NDArray[np.uint8] | NDArray[np.float32]
Labels: TypeAlias = NDArray[Any]
Weights: TypeAlias = NDArray[np.float32]
AnyArray: TypeAlias = NDArray[Any]

# By name, byte order included: the hash covers the bytes, and they must not depend on the machine.
_INPUT_TYPES = frozenset({"|u1", "<i4", "<i8", "<f4"})
_CLASS_TYPES = frozenset({"|u1", "<u2"})
_ROWS = 2
PARTS = ("train", "test")


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """A data set as trials read it; `checked` makes one from arrays of unknown form.

    Attributes:
        x_train: (n, ...) uint8, or little-endian int32, int64 or float32; or several inputs by name, each such an
            array.
        y_train: what is true of each training example, in the form and dtype of `target`: (n,) class numbers from 0,
            (n, labels) 0 and 1, or (n, values) float32.
        x_test: (m, ...), of the shapes and dtypes of `x_train`.
        y_test: as `y_train`, for each test example.
        task: what is predicted.
        names: of the classes by number, of the labels or of the values by column; empty for numbers.
        w_train: (n,) float32, how much each training example weighs in the loss; None where all weigh the same.
        w_test: (m,) float32, likewise in the test loss.
        features: the names of a table's columns, in the order of the inputs; empty for anything else.
    """

    x_train: Inputs
    y_train: Labels
    x_test: Inputs
    y_test: Labels
    task: Task = Task.CLASSES
    names: tuple[str, ...] = ()
    w_train: Weights | None = None
    w_test: Weights | None = None
    features: tuple[str, ...] = ()

    @property
    def target(self) -> Target:
        """What is predicted; classes that only the test part holds included."""
        if self.names:
            return Target(self.task, self.names)
        classes = self.task is Task.CLASSES
        width = 1 + max(int(self.y_train.max()), int(self.y_test.max())) if classes else self.y_train.shape[1]
        return Target(self.task, tuple(str(number) for number in range(width)))

    @property
    def input_shape(self) -> Shapes:
        """The shape of one example; of several inputs, of each by its name."""
        return shapes(self.x_train)


def checked(
    x_train: Inputs,
    y_train: AnyArray,
    x_test: Inputs,
    y_test: AnyArray,
    *,
    where: str,
    w_train: AnyArray | None = None,
    w_test: AnyArray | None = None,
    task: Task | None = None,
    shape: Shape | None = None,
    features: Sequence[str] = (),
    names: Sequence[str] = (),
) -> Arrays:
    """Brings arrays into a form of `Arrays`, or says why they cannot be a data set.

    What is done to inputs is told at `inputs.inputs`, what to targets at `targets.targets`. Equal data has one hash,
    whatever dtype it came in.

    Args:
        x_train: (n, ...) of any dtype of numbers; or several inputs by name.
        y_train: (n,), (n, 1) or (n, k): integers, floats, truth values or texts.
        x_test: as `x_train`, with examples of the same shape.
        y_test: as `y_train`.
        where: what the arrays were read from; every message starts with it.
        w_train: (n,), the weight of each training example; None where all weigh the same.
        w_test: (m,), likewise.
        task: what is predicted; None infers it.
        shape: of one example; None takes it as it is.
        features: the names of a table's columns, in the order of the inputs.
        names: of the classes by number, where the targets are class numbers already, or of the columns of rows of
            targets.

    Raises:
        DataError: the arrays have another form, do not fit together, are empty, hold NaN or infinite values, or there
            is nothing to learn.
    """
    true = targets(y_train, y_test, where, task, names)
    made_train, made_test = inputs(x_train, x_test, where, shape)
    weights = _weights(w_train, w_test, where)
    arrays = Arrays(
        x_train=made_train,
        y_train=true.train,
        x_test=made_test,
        y_test=true.test,
        task=true.task,
        names=true.names,
        w_train=weights[0],
        w_test=weights[1],
        features=tuple(features),
    )
    _check_lengths(arrays, where)
    return arrays


def well_formed(arrays: Arrays) -> bool:
    """Whether arrays read from a file have a form that `checked` gives, as far as that shows without reading them."""
    return all(
        all(_is_input(array, len(y)) for _, array in leaves(x)) and _is_target(y, arrays.task) and _is_weight(w, len(y))
        for x, y, w in (
            (arrays.x_train, arrays.y_train, arrays.w_train),
            (arrays.x_test, arrays.y_test, arrays.w_test),
        )
    )


def sha256(arrays: Arrays) -> str:
    """SHA-256 (hex) over name, dtype, shape and bytes of every array, in a fixed order, and the task.

    Classes add nothing for their task, and neither do weights that are not there: the hashes of data sets that were
    pinned before there were other tasks hold. The arrays are hashed where they lie: nothing is copied as long as they
    are contiguous, which `checked` sees to.
    """
    digest = hashlib.sha256()
    for name, array in _named(arrays):
        plain = np.ascontiguousarray(array)
        digest.update(f"{name} {plain.dtype.str} {plain.shape}\n".encode())
        digest.update(plain.data.cast("B"))
    if arrays.task is not Task.CLASSES:
        digest.update(f"task {arrays.task}\n".encode())
    return digest.hexdigest()


def _named(arrays: Arrays) -> Iterator[tuple[str, AnyArray]]:
    for part in PARTS:
        for name, array in leaves(getattr(arrays, f"x_{part}")):
            yield f"x_{part}/{name}" if name else f"x_{part}", array
        yield f"y_{part}", getattr(arrays, f"y_{part}")
    for part in PARTS:
        if (weights := getattr(arrays, f"w_{part}")) is not None:
            yield f"w_{part}", weights


def _is_input(array: AnyArray, examples: int) -> bool:
    return array.ndim >= _ROWS and array.size > 0 and len(array) == examples and array.dtype.str in _INPUT_TYPES


def _is_target(y: AnyArray, task: Task) -> bool:
    if task is Task.CLASSES:
        return y.ndim == 1 and y.size > 0 and y.dtype.str in _CLASS_TYPES
    return y.ndim == _ROWS and y.size > 0 and y.dtype.str == ("|u1" if task is Task.MULTILABEL else "<f4")


def _is_weight(weights: AnyArray | None, examples: int) -> bool:
    return weights is None or (weights.shape == (examples,) and weights.dtype.str == "<f4")


def _weights(w_train: AnyArray | None, w_test: AnyArray | None, where: str) -> list[Weights | None]:
    made: list[Weights | None] = []
    for part, weights in zip(PARTS, (w_train, w_test), strict=True):
        if weights is None:
            made.append(None)
            continue
        flat = weights.reshape(-1) if weights.size == len(np.atleast_1d(weights)) else weights
        if flat.ndim != 1 or flat.dtype.kind not in "biuf":
            raise DataError(
                f"{where}: w_{part} has shape {weights.shape} and dtype {weights.dtype}; weights are one number per "
                "example, (n,).",
                hint="Give each example one weight, or none to any.",
            )
        floats: Weights = np.ascontiguousarray(flat, "<f4")
        wrong = ~np.isfinite(floats) | (floats < 0)
        if wrong.any() or not floats.any():
            first = int(np.argmax(wrong))
            raise DataError(
                f"{where}: w_{part} holds {flat[first]:g} for example {first}; weights are finite, 0 or more, and not "
                "all 0.",
                hint="Weigh each example by a number of 0 or more.",
            )
        made.append(floats)
    return made


def _check_lengths(arrays: Arrays, where: str) -> None:
    for part in PARTS:
        x, y, weights = (getattr(arrays, f"{kind}_{part}") for kind in "xyw")
        for name, array in leaves(x):
            if len(array) != len(y):
                label = f"x_{part}[{name!r}]" if name else f"x_{part}"
                raise DataError(
                    f"{where}: {label} holds {len(array):,} examples and y_{part} {len(y):,} targets; each example "
                    "has one target.",
                    hint="Check that both come from the same part.",
                )
        if weights is not None and len(weights) != len(y):
            raise DataError(
                f"{where}: w_{part} holds {len(weights):,} weights for {length(x):,} examples.",
                hint="Give each example one weight.",
            )
