"""Inputs of unknown form -> pictures or rows of features, or why they are neither and what to do about it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bench.core.errors import DataError
from bench.core.formatting import plural

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.catalog.datasets.arrays import AnyArray, Images

EXACT_IN_FLOAT32 = 2**24
"""Whole numbers up to this one, 16,777,216, are exact in float32."""
SMALLEST_SQUARE = 8
"""Pixels of the smallest side that flat inputs are taken for a picture at: that of the data set `digits`."""

_BYTE = 255
_TABLE, _GREY, _COLOUR = 2, 3, 4
_FORMS = "inputs are (n, height, width) or (n, height, width, channels)"
_TEXTS = "UST"


def inputs(array: AnyArray, where: str) -> Images:
    """Inputs in the one form they are trained in: (n, h, w, c), uint8 for whole numbers from 0 to 255, else float32.

    Args:
        array: (n, h, w) or (n, h, w, c), any integer or floating dtype.
        where: what they were read from, and which part they are; every message starts with it.

    Raises:
        DataError: the inputs have another form, are empty, or hold NaN or infinite values. Its hint is right to follow:
            where nothing would be, there is none.
    """
    if array.ndim == 0:
        raise DataError(
            f"{where} has shape (); it is a single {type(array.item()).__name__} and no array. Inputs are arrays, "
            "with one entry per example.",
            hint="A sparse matrix becomes an array with x.toarray()."
            if hasattr(array.item(), "toarray")
            else "Give both parts an array.",
        )
    if array.size == 0:
        raise DataError(f"{where} has shape {array.shape}, so it holds nothing.", hint="Give both parts inputs.")
    _check_kind(array, where)
    if array.ndim not in {_GREY, _COLOUR}:
        raise _shape(array, where)
    if array.ndim == _GREY:
        array = array[..., np.newaxis]
    return _whole_numbers(array, where) if array.dtype.kind in "iu" else _floats(array, where)


# ----------------------------------------------------------------------------------------------------- what they are


def _check_kind(array: AnyArray, where: str) -> None:
    kind = array.dtype.kind
    if kind == "O":
        raise _objects(array, where)
    if kind in _TEXTS:
        raise _texts(array, where)
    if kind == "b":
        raise DataError(
            f"{where} has dtype bool; inputs are numbers.",
            hint='Convert both parts with x.astype("uint8"), which makes them 0 and 1.',
        )
    if kind == "c":
        raise DataError(
            f"{where} has dtype {array.dtype}; complex numbers are not trained.",
            hint="Make the two parts of each number channels: numpy.stack([x.real, x.imag], axis=-1).",
        )
    if kind not in "iuf":
        raise DataError(f"{where} has dtype {array.dtype}; inputs are whole numbers or floats.")


def _texts(array: AnyArray, where: str) -> DataError:
    if _as_floats(array) is not None:
        return DataError(
            f"{where} holds numbers written as texts, such as {_short(array.flat[0])}.",
            hint='Convert both parts with x.astype("float32").',
        )
    return DataError(
        f"{where} holds texts, such as {_short(array.flat[0])}; texts are not trained in this version. "
        "Inputs are numbers."
    )


def _objects(array: AnyArray, where: str) -> DataError:
    """Of an array of Python objects: lists of different lengths, texts, gaps, or numbers after all."""
    lengths = [len(entry) for entry in array.flat if isinstance(entry, list | tuple) or _is_array(entry)]
    if lengths:
        return _ragged(array, lengths, where)
    if _as_floats(array) is not None:
        return DataError(
            f"{where} holds numbers as Python objects (dtype object).",
            hint='Convert both parts with x.astype("float32").',
        )
    for index, entry in np.ndenumerate(array):
        if isinstance(entry, str | bytes) and array.ndim == _TABLE:
            return DataError(
                f"{where} is a table with texts in column {index[1]}, such as {_short(entry)}; inputs are numbers.",
                hint="Leave that column out of both parts, or turn it into numbers by one rule for both parts.",
            )
        if isinstance(entry, str | bytes):
            return DataError(
                f"{where} holds texts, such as {_short(entry)}; texts are not trained in this version. "
                "Inputs are numbers."
            )
    kinds = sorted({type(entry).__name__ for entry in array.flat})
    return DataError(f"{where} holds Python objects ({', '.join(kinds[:4])}); inputs are whole numbers or floats.")


def _ragged(array: AnyArray, lengths: list[int], where: str) -> DataError:
    spread = f"from {min(lengths):,} to {max(lengths):,}" if min(lengths) < max(lengths) else f"{lengths[0]:,}"
    flat = all(entry.ndim == 1 for entry in array.flat if _is_array(entry))
    flat = flat and not any(isinstance(item, list | tuple) for entry in array.flat for item in _items(entry))
    return DataError(
        f"{where} holds lists or arrays of different sizes, of length {spread}; examples are all of one size.",
        hint="Bring the examples of both parts to one length of your choice: "
        'keras.utils.pad_sequences(x, maxlen=LENGTH, dtype="float32", padding="post", truncating="post").'
        if flat
        else "Bring the examples of both parts to one size in the loader.",
    )


def _is_array(entry: object) -> bool:
    return isinstance(entry, np.ndarray) and entry.ndim > 0


def _items(entry: object) -> list[object]:
    return list(entry) if isinstance(entry, list | tuple) else []


def _as_floats(array: AnyArray) -> NDArray[np.float64] | None:
    """Texts or objects as the finite numbers they are; None where any is none."""
    try:
        floats: NDArray[np.float64] = array.astype(np.float64)
    except (ValueError, TypeError):
        return None
    return floats if np.isfinite(floats).all() else None


def _short(value: object) -> str:
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004  a value in a sentence


# ---------------------------------------------------------------------------------------------------------- their form


def _shape(array: AnyArray, where: str) -> DataError:
    """Of inputs that are flat, or have too many axes."""
    message = f"{where} has shape {array.shape}; {_FORMS}."
    if array.ndim > _COLOUR:
        return DataError(f"{message} Videos and volumes are not trained in this version.")
    features = math.prod(array.shape[1:])
    # ids of words, for one, which no byte holds
    cast = '.astype("float32")' if array.dtype.kind in "iu" and _is_wide(array) and _is_exact(array) else ""
    row = f"x.reshape(len(x), 1, -1){cast}"
    side = math.isqrt(features)
    if side * side == features and side >= SMALLEST_SQUARE:
        return DataError(
            message,
            hint=f"If each example is a picture of {side} x {side} pixels: x.reshape(-1, {side}, {side}){cast} in both "
            f"parts; otherwise {row}, which keeps every feature.",
        )
    return DataError(
        message,
        hint=f"In both parts: {row} keeps every feature, as a picture of one row; a model has to flatten it.",
    )


# ------------------------------------------------------------------------------------------------------- their values


def _is_wide(array: AnyArray) -> bool:
    return array.dtype != np.uint8 and bool(array.min() < 0 or array.max() > _BYTE)


def _is_exact(array: AnyArray) -> bool:
    return bool(array.min() >= -EXACT_IN_FLOAT32 and array.max() <= EXACT_IN_FLOAT32)


def _whole_numbers(array: AnyArray, where: str) -> NDArray[np.uint8]:
    if _is_wide(array):
        message = (
            f"{where} holds whole numbers from {array.min():,} to {array.max():,}; whole numbers are kept as bytes, "
            f"from 0 to {_BYTE}, and all others as floats."
        )
        if not _is_exact(array):
            raise DataError(f"{message} Not even float32 keeps whole numbers beyond {EXACT_IN_FLOAT32:,} apart.")
        raise DataError(message, hint='Convert both parts with x.astype("float32"), which keeps every one of them.')
    return np.ascontiguousarray(array, dtype=np.uint8)


def _floats(array: AnyArray, where: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # what overflows becomes infinite and is refused below, with a better message
        floats: NDArray[np.float32] = np.ascontiguousarray(array, dtype="<f4")
    finite = np.isfinite(floats)
    if finite.all():
        return floats
    broken = ~finite.reshape(len(finite), -1).all(axis=1)
    first = int(np.argmax(broken))
    place = tuple(int(axis) for axis in np.argwhere(~finite[first])[0])
    value = array[first][place]
    many = plural(int(broken.sum()), "example")
    if np.isfinite(value):
        raise DataError(
            f"{where} holds values that float32 cannot hold, in {many}: the first is {value:g} in example {first}, "
            f"{_place(place, floats.shape[1:])}.",
            hint="Divide the inputs of both parts by one number of your choice.",
        )
    raise DataError(
        f"{where} holds {'NaN' if np.isnan(value) else 'infinite values'} in {many}: the first is example {first}, "
        f"{_place(place, floats.shape[1:])}. No training survives that.",
        hint="Leave those examples out of the inputs and the labels, or fill the gaps of both parts with a value that "
        "you choose, such as the mean of that column in x_train.",
    )


def _place(place: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """Where in an example: its column where the example is one row of features."""
    (row, column, channel), (height, width, channels) = place, shape
    if channels == 1 and 1 in {height, width}:
        return f"column {max(row, column)}"
    return f"row {row}, column {column}" + (f", channel {channel}" if channels > 1 else "")
