"""Inputs of unknown form -> arrays that are trained on, or why they are none and what to do about it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bench.core.errors import DataError
from bench.core.formatting import plural
from bench.core.precision import coarse_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bench.catalog.datasets.arrays import AnyArray
    from bench.core.trees import Inputs, Shape

SMALLEST_SQUARE = 8
"""Rows and columns of the smallest square of floats that is taken for a picture: those of the data set `digits`."""

_BYTE = 255
_INT32, _INT64 = np.iinfo(np.int32), np.iinfo(np.int64)
_TABLE, _STACK, _PICTURES = 2, 3, 4
_TEXTS = "UST"
TEXT_TABLE = "text = { vocabulary = 20000, length = 200 }"


def inputs(x_train: Inputs, x_test: Inputs, where: str, shape: Shape | None = None) -> tuple[Inputs, Inputs]:
    """The inputs of both parts in the form they are trained in.

    Whole numbers from 0 to 255 in both parts become uint8, other whole numbers int32 (int64 beyond that), truth values
    uint8, floats float32. Grey pictures (n, h, w) get a channel axis; (n,) becomes (n, 1). Nothing else changes shape.

    Args:
        x_train: (n, ...) of any dtype of numbers; or several inputs by name.
        x_test: (m, ...), likewise.
        where: what they were read from; every message starts with it.
        shape: of one example, where somebody said it; the inputs are reshaped to it and to nothing else.

    Raises:
        DataError: the inputs are no numbers, are ragged or empty, hold NaN or infinite values, or differ in form
            between the parts. Its hint is right to follow: where nothing would be, there is none.
    """
    if not isinstance(x_train, dict) and not isinstance(x_test, dict):
        return _both(x_train, x_test, where, "", shape)
    if not isinstance(x_train, dict) or not isinstance(x_test, dict):
        raise DataError(
            f"{where}: one part has several inputs by name and the other a single array.",
            hint="Give both parts the same inputs.",
        )
    if not x_train or x_train.keys() != x_test.keys() or not all(isinstance(name, str) and name for name in x_train):
        raise DataError(
            f"{where}: the training inputs are named {', '.join(map(str, x_train)) or 'nothing'}, the test inputs "
            f"{', '.join(map(str, x_test)) or 'nothing'}.",
            hint="Give both parts the same inputs, each under a text.",
        )
    if shape is not None:
        raise DataError(f"{where} has several inputs, and one shape cannot be that of all.", hint="Leave shape out.")
    pairs = {name: _both(x_train[name], x_test[name], where, name, None) for name in x_train}
    return {name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()}


def _both(train: AnyArray, test: AnyArray, where: str, name: str, shape: Shape | None) -> tuple[AnyArray, AnyArray]:
    """One input in both parts."""
    labels = [f"{where}: x_{part}" + (f"[{name!r}]" if name else "") for part in ("train", "test")]
    parts = [_there(array, label, shape) for array, label in zip((train, test), labels, strict=True)]
    whole = [array.dtype.kind in "iub" for array in parts]
    # both together: ids of one part that happen to stay below 256 are ids like those of the other
    dtype = _whole_dtype(parts, labels) if all(whole) else None
    made = [
        np.ascontiguousarray(array, dtype or _whole_dtype([array], [label])) if is_whole else _floats(array, label)
        for array, label, is_whole in zip(parts, labels, whole, strict=True)
    ]
    if shape is None:
        made = [_with_channels(array) for array in made]
    if made[0].shape[1:] != made[1].shape[1:] or made[0].dtype != made[1].dtype:
        subject = f" of {name!r}" if name else ""
        raise DataError(
            f"{where}: training inputs{subject} are {_form(made[0])}, test inputs {_form(made[1])}; a model takes one "
            "form only.",
            hint="Prepare both parts in the same way, up to one shape and one dtype.",
        )
    return made[0], made[1]


def _there(array: AnyArray, where: str, shape: Shape | None) -> AnyArray:
    """An array of numbers with an axis of examples."""
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
    if shape is not None:
        if math.prod(shape) != array.size // len(array):
            raise DataError(
                f"{where} has {array.size // len(array):,} values per example, and the shape {list(shape)} has "
                f"{math.prod(shape):,}.",
                hint="Write a shape of as many values as an example has.",
            )
        return array.reshape(len(array), *shape)
    return array[:, np.newaxis] if array.ndim == 1 else array


def _with_channels(array: AnyArray) -> AnyArray:
    """Grey pictures with an axis of channels; sequences and everything else as they are."""
    if array.ndim != _STACK:
        return array
    height, width = array.shape[1:]
    square = array.dtype.kind == "f" and height == width >= SMALLEST_SQUARE
    pixels = array.dtype == np.uint8 and min(height, width) > 1
    return array[..., np.newaxis] if square or pixels else array


def _form(array: AnyArray) -> str:
    return f"{' x '.join(map(str, array.shape[1:]))} {array.dtype} from {array.min():g} to {array.max():g}"


# ----------------------------------------------------------------------------------------------------- what they are


def _check_kind(array: AnyArray, where: str) -> None:
    kind = array.dtype.kind
    if kind == "O":
        raise _objects(array, where)
    if kind in _TEXTS:
        raise _texts(array, where)
    if kind == "c":
        raise DataError(
            f"{where} has dtype {array.dtype}; complex numbers are not trained.",
            hint="Make the two parts of each number channels: numpy.stack([x.real, x.imag], axis=-1).",
        )
    if kind not in "iufb":
        raise DataError(f"{where} has dtype {array.dtype}; inputs are whole numbers or floats.")


def _texts(array: AnyArray, where: str) -> DataError:
    if _as_floats(array) is not None:
        return DataError(
            f"{where} holds numbers written as texts, such as {_short(array.flat[0])}.",
            hint='Convert both parts with x.astype("float32").',
        )
    return _sentences(array.flat[0], where)


def _sentences(example: object, where: str) -> DataError:
    reference = where.partition(": ")[0] if where.count(": ") == 1 else ""
    loader = f'loader = "{reference}" and ' if ":" in reference and "/" not in reference else ""
    return DataError(
        f"{where} holds texts, such as {_short(example)}; inputs are numbers.",
        hint=f"Have the texts turned into token ids: a table [datasets.NAME] with {loader}{TEXT_TABLE}.",
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
        if isinstance(entry, str | bytes) and array.ndim == _TABLE and array.shape[1] > 1:
            return DataError(
                f"{where} is a table with texts in column {index[1]}, such as {_short(entry)}; inputs are numbers.",
                hint="Return a pandas.DataFrame, whose text columns become one column per category, or leave that "
                "column out of both parts.",
            )
        if isinstance(entry, str | bytes):
            return _sentences(entry, where)
    kinds = sorted({type(entry).__name__ for entry in array.flat})
    return DataError(f"{where} holds Python objects ({', '.join(kinds[:4])}); inputs are whole numbers or floats.")


def _ragged(array: AnyArray, lengths: list[int], where: str) -> DataError:
    spread = f"from {min(lengths):,} to {max(lengths):,}" if min(lengths) < max(lengths) else f"{lengths[0]:,}"
    flat = all(entry.ndim == 1 for entry in array.flat if _is_array(entry))
    flat = flat and not any(isinstance(item, list | tuple) for entry in array.flat for item in _items(entry))
    first = next(entry for entry in array.flat if isinstance(entry, list | tuple) or _is_array(entry))
    dtype = "" if flat and np.asarray(first).dtype.kind in "iu" else 'dtype="float32", '
    return DataError(
        f"{where} holds lists or arrays of different sizes, of length {spread}; examples are all of one size.",
        hint="Bring the examples of both parts to one length of your choice: "
        f'keras.utils.pad_sequences(x, maxlen=LENGTH, {dtype}padding="post", truncating="post"). Texts that are not '
        f"numbers yet are read by {TEXT_TABLE} in a table [datasets.NAME]."
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


# ------------------------------------------------------------------------------------------------------- their values


def _whole_dtype(arrays: Sequence[AnyArray], labels: Sequence[str]) -> str:
    """The smallest of uint8, int32 and int64 that holds whole numbers."""
    if all(array.dtype.kind == "b" or array.dtype == np.uint8 for array in arrays):
        return "|u1"
    low, high = min(int(array.min()) for array in arrays), max(int(array.max()) for array in arrays)
    if low >= 0 and high <= _BYTE:
        return "|u1"
    if low >= _INT32.min and high <= _INT32.max:
        return "<i4"
    if high > _INT64.max:
        raise DataError(
            f"{labels[0]} holds whole numbers up to {high:,}, which 64 bits with a sign cannot hold.",
            hint='Convert both parts with x.astype("float32") where amounts are meant, or number the ids anew.',
        )
    return "<i8"


def _floats(array: AnyArray, where: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # what overflows becomes infinite and is refused below, with a better message
        floats: NDArray[np.float32] = np.ascontiguousarray(array, dtype="<f4")
    finite = np.isfinite(floats)
    if finite.all():
        if array.dtype != np.float32:
            _check_resolved(array, where)
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
        hint="Leave those examples out of the inputs and the targets, or fill the gaps of both parts with a value that "
        "you choose, such as the mean of that column in x_train.",
    )


def _check_resolved(array: AnyArray, where: str) -> None:
    """Refuse values that float32 makes one, such as seconds since 1970: of each column of rows, else of all."""
    rows = array if array.ndim == 2 else array.reshape(-1, 1)  # noqa: PLR2004  a table, whose columns have scales
    for column, (low, high) in enumerate(zip(rows.min(axis=0), rows.max(axis=0), strict=True)):
        if step := coarse_step(float(low), float(high)):
            named = f", column {column}," if array.ndim == 2 else ""  # noqa: PLR2004
            raise DataError(
                f"{where}{named} goes from {low:.12g} to {high:.12g}, and float32, in which models compute, has only "
                f"numbers {step:g} apart at that size.",
                hint="Subtract the smallest value from it in both parts.",
            )


def _place(place: Shape, shape: Shape) -> str:
    """Where in an example: in the words of a row of features, a sequence or a picture."""
    names: tuple[str, ...]
    if len(shape) == 1 or (len(shape) == 2 and 1 in shape):  # noqa: PLR2004  a row or a column
        return f"column {max(place)}"
    names = {2: ("step", "channel"), 3: ("row", "column", "channel")}.get(len(shape), ())
    if not names:
        return f"at {list(place)}"
    if len(shape) == _PICTURES - 1 and shape[2] == 1:
        return f"column {max(place)}" if 1 in shape[:2] else f"row {place[0]}, column {place[1]}"
    return ", ".join(f"{name} {index}" for name, index in zip(names, place, strict=True))
