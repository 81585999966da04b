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

IMAGES = {
    "grey bytes": (np.zeros((4, 3, 5), np.uint8), (3, 5, 1), "|u1"),
    "grey whole numbers": (np.zeros((4, 3, 5), np.int64), (3, 5, 1), "|u1"),
    "grey truth values": (np.full((4, 3, 3), fill_value=True), (3, 3, 1), "|u1"),
    "square floats": (np.full((4, 8, 8), 0.5), (8, 8, 1), "<f4"),
    "colours": (np.zeros((4, 3, 5, 3), np.uint8), (3, 5, 3), "|u1"),
}
OTHERS = {
    "numbers": (np.zeros(4), (1,), "<f4"),
    "vectors": (np.full((4, 30), 0.5, np.float16), (30,), "<f4"),
    "pixels in a row": (np.zeros((4, 784), np.int64), (784,), "|u1"),
    "truth values": (np.full((4, 3), fill_value=True), (3,), "|u1"),
    "ids": (IDS, (2,), "<i4"),
    "large ids": (IDS * 10**9, (2,), "<i8"),
    "negative numbers": (np.full((4, 3, 3), -1), (3, 3), "<i4"),
    "ids in a column": (np.zeros((4, 40, 1), np.int64), (40, 1), "|u1"),
    "rows of one": (np.zeros((4, 1, 30)), (1, 30), "<f4"),
    "small squares of floats": (np.zeros((4, 7, 7)), (7, 7), "<f4"),
    "sequences": (np.zeros((4, 100, 6)), (100, 6), "<f4"),
    "volumes": (np.zeros((4, 3, 3, 3, 1)), (3, 3, 3, 1), "<f4"),
}


@pytest.mark.parametrize("case", [*IMAGES, *OTHERS])
def test_what_is_taken(case: str) -> None:
    """Grey pictures get a channel axis, numbers an axis of features, and everything else keeps its shape."""
    array, shape, dtype = {**IMAGES, **OTHERS}[case]
    train, test = inputs(array, array[:1], "here")
    assert (shape, dtype) == (train.shape[1:], train.dtype.str) == (test.shape[1:], test.dtype.str)
    assert array.reshape(-1).tolist() == train.reshape(-1).tolist()


def test_ids_of_both_parts_have_one_dtype() -> None:
    """Training ids that happen to stay below 256 are ids like those of the test part."""
    train, test = inputs(np.array([[7, 8]]), np.array([[7, 300]]), "here")
    assert ("<i4", "<i4") == (train.dtype.str, test.dtype.str)


def test_a_declared_shape_wins() -> None:
    """It is taken as it is: no channel axis is added."""
    train, _ = inputs(np.zeros((4, 784), np.uint8), np.zeros((1, 784), np.uint8), "here", (28, 28))
    assert (4, 28, 28) == train.shape
    with pytest.raises(DataError, match=r"784 values per example, and the shape \[28, 27\] has 756"):
        inputs(np.zeros((4, 784), np.uint8), np.zeros((1, 784), np.uint8), "here", (28, 27))


def test_several_inputs_keep_their_names_and_order() -> None:
    """Each is brought into a form of its own."""
    both = {"ids": IDS, "picture": np.zeros((2, 3, 3), np.uint8), "age": np.array([0.5, 2])}
    train, test = inputs(both, dict(reversed(both.items())), "here")
    assert {"ids": (2,), "picture": (3, 3, 1), "age": (1,)} == {name: x.shape[1:] for name, x in train.items()}
    assert list(both) == list(train) == list(test)


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ({"a": IDS}, {"b": IDS}, "the training inputs are named a, the test inputs b"),
        ({"a": IDS}, IDS, "one part has several inputs by name and the other a single array"),
        ({}, {}, "named nothing"),
        ({1: IDS}, {1: IDS}, "named 1"),
        ({"a": HOLE}, {"a": HOLE}, "here: x_train['a'] holds NaN"),
        ({"a": IDS}, {"a": IDS[:, :1]}, "training inputs of 'a' are 2 int32 from 1 to 19999, test inputs 1 int32"),
    ],
)
def test_several_inputs_that_do_not_fit_are_refused(train: AnyArray, test: AnyArray, message: str) -> None:
    """Each is named."""
    with pytest.raises(DataError) as caught:
        inputs(train, test, "here")
    assert message in caught.value.message
    assert caught.value.hint


REFUSED = [
    # no numbers
    (np.full((4, 3), 2**63, np.uint64), "up to 9,223,372,036,854,775,808, which 64 bits", 'x.astype("float32")'),
    (np.full((4, 3, 3), 1j), "complex numbers are not trained", "numpy.stack([x.real, x.imag], axis=-1)"),
    (np.zeros((4, 3), "datetime64[D]"), "dtype datetime64[D]; inputs are whole numbers or floats", ""),
    (
        np.array(["good film", "bad film"]),
        "holds texts, such as 'good film'; inputs are numbers",
        "text = { vocabulary",
    ),
    (np.array([["1.5", "2"]]), "numbers written as texts, such as '1.5'", 'x.astype("float32")'),
    (objects("good film", "bad film"), "holds texts, such as 'good film'; inputs are numbers", "text = { vocabulary"),
    (objects([1, 2], [3]), "lists or arrays of different sizes, of length from 1 to 2", "keras.utils.pad_sequences(x"),
    (objects([1.5, 2], [3]), "of different sizes, of length from 1 to 2", 'maxlen=LENGTH, dtype="float32"'),
    (objects(np.zeros((2, 3)), np.zeros((4, 3))), "of length from 2 to 4", "to one size in the loader"),
    (objects([[1], [2, 3]], [[3]]), "lists or arrays of different sizes", "to one size in the loader"),
    (np.array([[1, "male"], [2, "female"]], object), "texts in column 1, such as 'male'", "pandas.DataFrame"),
    (np.array([[1, 2.5]], object), "numbers as Python objects", 'x.astype("float32")'),
    (objects({1: 2}, None), "Python objects (NoneType, dict)", ""),
    # nothing at all
    (np.zeros((0, 3, 3)), "shape (0, 3, 3), so it holds nothing", "both parts inputs"),
    (np.array(7), "has shape (); it is a single int", "Give both parts an array"),
    # values that no training survives
    (HOLE, "holds NaN in 1 example: the first is example 2, column 1", "a value that you choose"),
    (HOLE.transpose(0, 2, 1), "holds NaN in 1 example: the first is example 2, column 1", "a value that you choose"),
    (PICTURE_HOLE, "infinite values in 1 example: the first is example 1, row 2, column 0, channel 1", "you choose"),
    (np.full((2, 5, 2), np.nan), "holds NaN in 2 examples: the first is example 0, step 0, channel 0", "you choose"),
    (np.full((2, 3, 3, 3, 1), np.nan), "the first is example 0, at [0, 0, 0, 0]", "you choose"),
    (np.full((2, 3), np.nan), "the first is example 0, column 0", "you choose"),
    (np.full((2, 3, 3), -1e300), "float32 cannot hold, in 2 examples: the first is -1e+300 in example 0", "Divide"),
    (
        1.7e9 + np.arange(60.0)[:, None],
        "x_train, column 0, goes from 1700000000 to 1700000059, and float32",
        "Subtract",
    ),
]


@pytest.mark.parametrize(("array", "message", "hint"), REFUSED)
def test_what_cannot_be_trained_on_is_refused(array: AnyArray, message: str, hint: str) -> None:
    """The message says what was received; the hint is right, and absent where nothing would be."""
    with pytest.raises(DataError) as caught:
        inputs(array, array, "here")
    assert message in caught.value.message
    assert caught.value.message.startswith("here: x_train")
    assert hint in caught.value.hint
    assert bool(hint) == bool(caught.value.hint)
    assert "nan_to_num" not in caught.value.hint


def test_a_sparse_matrix_is_named_with_its_way_out() -> None:
    """NumPy wraps a sparse matrix of SciPy as one object; it has a method that gives the array."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415  wanted by this test only

    with pytest.raises(DataError, match="single csr_matrix") as caught:
        inputs(np.asarray(csr_matrix(np.eye(3))), IDS, "here")
    assert "x.toarray()" in caught.value.hint
