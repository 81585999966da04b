"""A data set in memory: four arrays of one fixed form, the checks that give them that form, and their hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.catalog.datasets.inputs import inputs
from bench.catalog.datasets.labels import class_numbers
from bench.core.errors import DataError
from bench.core.target import Target, Task
from bench.core.trees import Inputs, Shapes, shapes

Images: TypeAlias = NDArray[np.uint8] | NDArray[np.float32]
Labels: TypeAlias = NDArray[Any]
Weights: TypeAlias = NDArray[np.float32]
AnyArray: TypeAlias = NDArray[Any]

# By name, byte order included: the hash covers the bytes, and they must not depend on the machine.
_IMAGE_TYPES = ("|u1", "<f4")
_STACK_WITH_CHANNELS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """A data set as trials read it; `checked` makes one from arrays of unknown form.

    Attributes:
        x_train: (n, ...) uint8, int32 or little-endian float32; or several inputs by name, each such an array.
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


def checked(x_train: AnyArray, y_train: AnyArray, x_test: AnyArray, y_test: AnyArray, *, where: str) -> Arrays:
    """Brings four arrays into the one form of `Arrays`, or says why they cannot be a data set.

    Inputs (n, h, w) get a channel axis; whole numbers from 0 to 255 of any integer dtype become uint8, floats become
    float32. Labels (n,) or (n, 1) of any integer dtype or bool become uint8, so that equal data has one hash.

    Args:
        x_train: (n, h, w) or (n, h, w, c), any integer or floating dtype.
        y_train: (n,) or (n, 1), any integer dtype or bool.
        x_test: as `x_train`, with examples of the same shape.
        y_test: as `y_train`.
        where: what the arrays were read from; every message starts with it.

    Raises:
        DataError: the arrays have another form, do not fit together, are empty, hold NaN or infinite values, or their
            labels are not the numbers from 0 to k - 1 with k from 2 to 256.
    """
    labels, labels_test = class_numbers(y_train, y_test, where)
    arrays = Arrays(
        x_train=inputs(x_train, f"{where}: x_train"),
        y_train=labels,
        x_test=inputs(x_test, f"{where}: x_test"),
        y_test=labels_test,
    )
    _check_lengths(arrays, where)
    if arrays.x_train.shape[1:] != arrays.x_test.shape[1:] or arrays.x_train.dtype != arrays.x_test.dtype:
        raise DataError(
            f"{where}: training inputs are {_form(arrays.x_train)}, test inputs {_form(arrays.x_test)}; a model takes "
            "one form only.",
            hint="Prepare both parts in the same way, up to one shape and one dtype.",
        )
    return arrays


def well_formed(arrays: Arrays) -> bool:
    """Whether arrays read from a file have the form that `checked` gives, as far as that shows without reading them."""
    images, labels = (arrays.x_train, arrays.x_test), (arrays.y_train, arrays.y_test)
    return all(x.ndim == _STACK_WITH_CHANNELS and x.size and x.dtype.str in _IMAGE_TYPES for x in images) and all(
        y.ndim == 1 and y.size and y.dtype == np.uint8 for y in labels
    )


def sha256(arrays: Arrays) -> str:
    """SHA-256 (hex) over name, dtype, shape and bytes of the four arrays, in a fixed order.

    The arrays are hashed where they lie: nothing is copied as long as they are contiguous, which `checked` sees to.
    """
    digest = hashlib.sha256()
    for name in ("x_train", "y_train", "x_test", "y_test"):
        array = np.ascontiguousarray(getattr(arrays, name))
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.data.cast("B"))
    return digest.hexdigest()


def _check_lengths(arrays: Arrays, where: str) -> None:
    for part, images, labels in (
        ("train", arrays.x_train, arrays.y_train),
        ("test", arrays.x_test, arrays.y_test),
    ):
        if len(images) != len(labels):
            raise DataError(
                f"{where}: x_{part} holds {len(images):,} examples and y_{part} {len(labels):,} labels; each example "
                "has one label.",
                hint="Check that both come from the same part.",
            )


def _form(images: Images) -> str:
    return f"{' x '.join(map(str, images.shape[1:]))} {images.dtype} from {images.min():g} to {images.max():g}"
