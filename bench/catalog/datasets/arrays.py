"""A data set in memory: four arrays of one fixed form, the checks that give them that form, and their hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.core.errors import DataError

Images: TypeAlias = NDArray[np.uint8] | NDArray[np.float32]
Labels: TypeAlias = NDArray[np.uint8]
AnyArray: TypeAlias = NDArray[Any]

MAX_CLASSES = 256
# By name, byte order included: the hash covers the bytes, and they must not depend on the machine.
_IMAGE_TYPES = ("|u1", "<f4")
_STACK_OF_IMAGES, _STACK_WITH_CHANNELS = 3, 4


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """A data set as trials read it; `checked` makes one from arrays of unknown form.

    Attributes:
        x_train: (n, h, w, c) uint8 or little-endian float32.
        y_train: (n,) uint8, the class of each training image, from 0.
        x_test: (m, h, w, c), of the dtype of `x_train`.
        y_test: (m,) uint8.
    """

    x_train: Images
    y_train: Labels
    x_test: Images
    y_test: Labels

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one image."""
        height, width, channels = self.x_train.shape[1:]
        return height, width, channels

    @property
    def class_count(self) -> int:
        """The number of classes, those that only the test split holds included."""
        return 1 + max(int(self.y_train.max()), int(self.y_test.max()))


def checked(x_train: AnyArray, y_train: AnyArray, x_test: AnyArray, y_test: AnyArray, *, where: str) -> Arrays:
    """Brings four arrays into the one form of `Arrays`, or says why they cannot be a data set.

    Images (n, h, w) get a channel axis; whole numbers from 0 to 255 of any integer dtype become uint8, other floats
    become float32. Labels (n,) or (n, 1) of any integer dtype become uint8, so that equal data has one hash.

    Args:
        x_train: (n, h, w) or (n, h, w, c), any integer or floating dtype.
        y_train: (n,) or (n, 1), any integer dtype.
        x_test: as `x_train`, with images of the same shape.
        y_test: as `y_train`.
        where: what the arrays were read from; every message starts with it.

    Raises:
        DataError: the arrays have another form, do not fit together, are empty, hold NaN or infinite values, or their
            labels are not the numbers from 0 to k - 1 with k from 2 to 256.
    """
    arrays = Arrays(
        x_train=_images(x_train, f"{where}: x_train"),
        y_train=_labels(y_train, f"{where}: y_train"),
        x_test=_images(x_test, f"{where}: x_test"),
        y_test=_labels(y_test, f"{where}: y_test"),
    )
    _check_lengths(arrays, where)
    if arrays.x_train.shape[1:] != arrays.x_test.shape[1:] or arrays.x_train.dtype != arrays.x_test.dtype:
        raise DataError(
            f"{where}: training images are {_form(arrays.x_train)} each, test images {_form(arrays.x_test)}; a model "
            "takes one of them only.",
            hint="Give both splits images of one shape and one dtype.",
        )
    _check_classes(arrays, where)
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


def _images(array: AnyArray, where: str) -> Images:
    if array.ndim not in {_STACK_OF_IMAGES, _STACK_WITH_CHANNELS}:
        raise DataError(
            f"{where} has shape {array.shape}; images are (n, height, width) or (n, height, width, channels).",
            hint="Reshape the images, flat ones for example with x.reshape(-1, 28, 28).",
        )
    if array.size == 0:
        raise DataError(f"{where} has shape {array.shape}, so it holds nothing.", hint="Give both splits images.")
    if array.ndim == _STACK_OF_IMAGES:
        array = array[..., np.newaxis]
    if array.dtype.kind in "iu":
        return _whole_numbers(array, where)
    if array.dtype.kind == "f":
        return _floats(array, where)
    raise DataError(
        f"{where} has dtype {array.dtype}; images are whole numbers from 0 to 255 or floats.",
        hint='Convert the images first, for example with x.astype("uint8").',
    )


def _whole_numbers(array: AnyArray, where: str) -> NDArray[np.uint8]:
    if array.dtype != np.uint8 and (array.min() < 0 or array.max() > np.iinfo(np.uint8).max):
        raise DataError(
            f"{where} holds whole numbers from {array.min()} to {array.max()}; whole-number images go from 0 to 255.",
            hint='Rescale them to 0..255, or convert them to floats with x.astype("float32").',
        )
    return np.ascontiguousarray(array, dtype=np.uint8)


def _floats(array: AnyArray, where: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # what overflows becomes infinite and is refused below, with a better message
        floats: NDArray[np.float32] = np.ascontiguousarray(array, dtype="<f4")
    finite = np.isfinite(floats)
    if not finite.all():
        first = int(np.argmin(finite.reshape(len(finite), -1).all(axis=1)))
        raise DataError(
            f"{where} holds NaN or infinite values (float32), first in image {first}; no training survives them.",
            hint="Remove those images or replace the values, for example with numpy.nan_to_num.",
        )
    return floats


def _labels(array: AnyArray, where: str) -> Labels:
    if array.ndim == 2 and array.shape[1] == 1:  # noqa: PLR2004  a column, the form of Keras's CIFAR labels
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(
            f"{where} has shape {array.shape}; labels are one class number per image, (n,).",
            hint="Turn one-hot labels into numbers with y.argmax(axis=1).",
        )
    if array.size == 0:
        raise DataError(f"{where} is empty.", hint="Give both splits images and labels.")
    if array.dtype.kind not in "iu":
        raise DataError(
            f"{where} has dtype {array.dtype}; labels are whole numbers.",
            hint="Number the classes from 0, for example with numpy.unique(y, return_inverse=True)[1].",
        )
    if array.min() < 0 or array.max() >= MAX_CLASSES:
        raise DataError(
            f"{where} holds labels from {array.min()} to {array.max()}; they go from 0 to {MAX_CLASSES - 1}.",
            hint="Number the classes from 0, for example with numpy.unique(y, return_inverse=True)[1].",
        )
    return np.ascontiguousarray(array, dtype=np.uint8)


def _check_lengths(arrays: Arrays, where: str) -> None:
    for split, images, labels in (
        ("train", arrays.x_train, arrays.y_train),
        ("test", arrays.x_test, arrays.y_test),
    ):
        if len(images) != len(labels):
            raise DataError(
                f"{where}: x_{split} holds {len(images):,} images and y_{split} {len(labels):,} labels; each image "
                "has one label.",
                hint="Check that both come from the same split.",
            )


def _check_classes(arrays: Arrays, where: str) -> None:
    """A class may be missing from one split, but a number that is in neither is a mistake in numbering."""
    count = arrays.class_count
    seen = np.bincount(arrays.y_train, minlength=count) + np.bincount(arrays.y_test, minlength=count)
    absent = np.flatnonzero(seen == 0)
    if absent.size:
        raise DataError(
            f"{where}: labels go up to {count - 1}, but no image has label {absent[0]}; classes are numbered from 0 "
            "without gaps.",
            hint="Renumber the labels of both splits together, with numpy.unique(y, return_inverse=True)[1].",
        )
    if count < 2:  # noqa: PLR2004  one class leaves nothing to tell apart
        raise DataError(f"{where}: every label is 0, which leaves nothing to learn.", hint="Check the labels.")


def _form(images: Images) -> str:
    return f"{' x '.join(map(str, images.shape[1:]))} {images.dtype}"
