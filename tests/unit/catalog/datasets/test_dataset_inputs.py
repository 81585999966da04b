"""Inputs of unknown form are brought into one form, or refused with a hint that keeps every value, or with none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.catalog.datasets.inputs import inputs
from bench.core.errors import DataError

if TYPE_CHECKING:
    from bench.catalog.datasets.arrays import AnyArray


def objects(*entries: object) -> AnyArray:
    array = np.empty(len(entries), object)
    array[:] = entries
    return array


IDS = np.array([[1, 300], [5, 19_999]])
HOLE = np.zeros((4, 1, 3))
HOLE[2, 0, 1] = np.nan
PICTURE_HOLE = np.zeros((4, 3, 3, 3))
PICTURE_HOLE[1, 2, 0, 1] = np.inf

REFUSED = [
    # flat inputs
    (np.zeros((4, 784)), "shape (4, 784); inputs are", "28 x 28 pixels: x.reshape(-1, 28, 28) in both"),
    (np.zeros((4, 64)), "shape (4, 64)", "otherwise x.reshape(len(x), 1, -1), which keeps every feature"),
    (np.zeros((4, 30)), "shape (4, 30)", "x.reshape(len(x), 1, -1) keeps every feature"),
    (np.zeros((4, 9)), "shape (4, 9)", "x.reshape(len(x), 1, -1) keeps every feature"),
    (np.zeros(4), "shape (4,)", "x.reshape(len(x), 1, -1) keeps every feature"),
    (IDS, "shape (2, 2)", 'x.reshape(len(x), 1, -1).astype("float32") keeps every feature'),
    (IDS * 10**6, "shape (2, 2)", "In both parts: x.reshape(len(x), 1, -1) keeps every feature"),
    (np.zeros((2, 3, 3, 1, 1)), "Videos and volumes are not trained", ""),
    # whole numbers that no byte holds
    (np.full((4, 3, 3), 300), "whole numbers from 300 to 300", 'x.astype("float32"), which keeps every one'),
    (np.full((4, 3, 3), -1), "whole numbers from -1 to -1", 'x.astype("float32"), which keeps every one'),
    (np.full((4, 3, 3), 2**24), "to 16,777,216", 'x.astype("float32"), which keeps every one'),
    (np.full((4, 3, 3), 2**24 + 1), "Not even float32 keeps whole numbers beyond 16,777,216 apart", ""),
    # no numbers
    (np.full((4, 3, 3), True), "dtype bool", 'x.astype("uint8")'),
    (np.full((4, 3, 3), 1j), "complex numbers are not trained", "numpy.stack([x.real, x.imag], axis=-1)"),
    (np.zeros((4, 3), "datetime64[D]"), "dtype datetime64[D]; inputs are whole numbers or floats", ""),
    (np.array(["good film", "bad film"]), "holds texts, such as 'good film'; texts are not trained", ""),
    (np.array([["1.5", "2"]]), "numbers written as texts, such as '1.5'", 'x.astype("float32")'),
    (objects("good film", "bad film"), "holds texts, such as 'good film'; texts are not trained", ""),
    (objects([1, 2], [3]), "lists or arrays of different sizes, of length from 1 to 2", "keras.utils.pad_sequences(x"),
    (objects(np.zeros((2, 3)), np.zeros((4, 3))), "of length from 2 to 4", "to one size in the loader"),
    (objects([[1], [2, 3]], [[3]]), "lists or arrays of different sizes", "to one size in the loader"),
    (np.array([[1, "male"], [2, "female"]], object), "texts in column 1, such as 'male'", "one rule for both parts"),
    (np.array([[1, 2.5]], object), "numbers as Python objects", 'x.astype("float32")'),
    (objects({1: 2}, None), "Python objects (NoneType, dict)", ""),
    # nothing at all
    (np.zeros((0, 3, 3)), "shape (0, 3, 3), so it holds nothing", "both parts inputs"),
    (np.array(7), "has shape (); it is a single int", "Give both parts an array"),
    # values that no training survives
    (HOLE, "holds NaN in 1 example: the first is example 2, column 1", "a value that you choose"),
    (HOLE.transpose(0, 2, 1), "holds NaN in 1 example: the first is example 2, column 1", "a value that you choose"),
    (PICTURE_HOLE, "infinite values in 1 example: the first is example 1, row 2, column 0, channel 1", "you choose"),
    (np.full((2, 3, 3), -1e300), "float32 cannot hold, in 2 examples: the first is -1e+300 in example 0", "Divide"),
]


@pytest.mark.parametrize(("array", "message", "hint"), REFUSED)
def test_what_cannot_be_trained_on_is_refused(array: AnyArray, message: str, hint: str) -> None:
    """The message says what was received; the hint is right, and absent where nothing would be."""
    with pytest.raises(DataError) as caught:
        inputs(array, "here: x_train")
    assert message in caught.value.message
    assert caught.value.message.startswith("here: x_train")
    assert hint in caught.value.hint
    assert bool(hint) == bool(caught.value.hint)
    assert "nan_to_num" not in caught.value.hint


def test_a_sparse_matrix_is_named_with_its_way_out() -> None:
    """NumPy wraps a sparse matrix of SciPy as one object; it has a method that gives the array."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415  wanted by this test only

    with pytest.raises(DataError, match="single csr_matrix") as caught:
        inputs(np.asarray(csr_matrix(np.eye(3))), "here")
    assert "x.toarray()" in caught.value.hint


def test_the_hint_for_flat_ids_keeps_every_id() -> None:
    """Rows of word numbers above 255 come through as the floats they are."""
    taken = inputs(IDS.reshape(len(IDS), 1, -1).astype("float32"), "here")
    assert IDS.tolist() == taken[:, 0, :, 0].tolist()
