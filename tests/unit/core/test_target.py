"""A target encodes what is true, reads what a model puts out, and stores both."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bench.core.target import Target, Task, class_target

THREE = class_target(("a", "b", "c"))
TWO = class_target(("no", "yes"))
MANY = class_target(tuple(str(number) for number in range(300)))
LABELS = Target(Task.MULTILABEL, ("x", "y"))
VALUES = Target(Task.REGRESSION, ("price", "age"))


@pytest.mark.parametrize(
    ("target", "dtype"),
    [(THREE, "|u1"), (TWO, "|u1"), (MANY, "<u2"), (LABELS, "|u1"), (VALUES, "<f4")],
    ids=["classes", "two", "many", "labels", "values"],
)
def test_values_are_stored_in_the_fewest_bytes(target: Target, dtype: str) -> None:
    """A byte for up to 256 classes, two for more, four for a measured value; the byte order is fixed."""
    assert dtype == target.dtype.str


def test_256_classes_still_fit_into_a_byte() -> None:
    """257 do not."""
    names = tuple(str(number) for number in range(257))
    assert ("|u1", "<u2") == (class_target(names[:256]).dtype.str, class_target(names).dtype.str)


def test_classes_are_one_hot_for_a_loss() -> None:
    """A column per class, float32."""
    encoded = THREE.encode(np.array([2, 0], np.uint8))
    assert ([[0, 0, 1], [1, 0, 0]], np.float32) == (encoded.tolist(), encoded.dtype)


def test_classes_are_numbers_for_a_sparse_loss() -> None:
    """int64, whatever they are stored as."""
    encoded = MANY.encode(np.array([299, 0], np.uint16), sparse=True)
    assert ([299, 0], np.int64) == (encoded.tolist(), encoded.dtype)


def test_two_classes_for_one_sigmoid_unit_are_0_and_1() -> None:
    """A column, as the outputs are, whether or not the loss counts as sparse."""
    encoded = TWO.encode(np.array([1, 0], np.uint8), 1)
    assert ([[1.0], [0.0]], np.float32) == (encoded.tolist(), encoded.dtype)
    assert [[1, 0], [0, 1]] == TWO.encode(np.array([0, 1], np.uint8), 2).tolist()


@pytest.mark.parametrize("target", [LABELS, VALUES], ids=["labels", "values"])
def test_labels_and_values_are_given_as_they_are(target: Target) -> None:
    """As float32."""
    encoded = target.encode(np.array([[1, 0], [0, 0]], target.dtype))
    assert ([[1, 0], [0, 0]], np.float32) == (encoded.tolist(), encoded.dtype)


@pytest.mark.parametrize("target", [THREE, TWO, MANY], ids=["three", "two", "many"])
@given(data=st.data())
def test_what_is_encoded_is_decoded_to_the_same_classes(target: Target, data: st.DataObject) -> None:
    """A model that is always right puts out the encoded classes."""
    y = data.draw(arrays(target.dtype, st.integers(1, 20), elements=st.integers(0, target.width - 1)))
    for outputs in target.widths:
        decoded = target.decode(target.encode(y, outputs))
        np.testing.assert_array_equal(y, decoded)
        assert decoded.dtype == target.dtype


@pytest.mark.parametrize("target", [LABELS, VALUES], ids=["labels", "values"])
@given(data=st.data())
def test_what_is_encoded_is_decoded_to_the_same_labels_and_values(target: Target, data: st.DataObject) -> None:
    """In the form they are stored in."""
    elements: Any = st.integers(0, 1) if target is LABELS else st.floats(-(2.0**100), 2.0**100, width=32)
    y = data.draw(arrays(target.dtype, st.tuples(st.integers(1, 20), st.just(2)), elements=elements))
    decoded = target.decode(target.encode(y))
    np.testing.assert_array_equal(y, decoded)
    assert decoded.dtype == target.dtype


@pytest.mark.parametrize("target", [THREE, TWO, MANY, LABELS, VALUES], ids=["3", "2", "many", "labels", "values"])
@given(data=st.data())
def test_what_is_packed_is_unpacked_bit_for_bit(target: Target, data: st.DataObject) -> None:
    """In its shape."""
    rows = data.draw(st.integers(1, 30))
    shape = (rows,) if target.task is Task.CLASSES else (rows, target.width)
    elements: Any = {
        Task.CLASSES: st.integers(0, target.width - 1),
        Task.MULTILABEL: st.integers(0, 1),
        Task.REGRESSION: st.floats(width=32, allow_nan=False),
    }[target.task]
    y = data.draw(arrays(target.dtype, shape, elements=elements))
    unpacked = target.unpack(target.pack(y))
    assert (y.shape, y.dtype, y.tobytes()) == (unpacked.shape, unpacked.dtype, unpacked.tobytes())


def test_what_earlier_versions_packed_is_read() -> None:
    """Class numbers as bytes, compressed: the form that predictions of 256 classes and fewer always had."""
    y = np.array([0, 2, 1], np.uint8)
    assert y.tolist() == THREE.unpack(zlib.compress(y.tobytes())).tolist()


def test_damaged_bytes_are_refused() -> None:
    """And not read as something else."""
    with pytest.raises((zlib.error, ValueError)):
        VALUES.unpack(zlib.compress(b"12345"))
    with pytest.raises((zlib.error, ValueError)):
        VALUES.unpack(b"no zlib")


def test_one_sigmoid_unit_is_read_at_one_half() -> None:
    """One half and more is the second class."""
    assert [0, 1, 1] == TWO.decode(np.array([[0.49], [0.5], [0.9]], np.float32)).tolist()


def test_labels_are_read_one_by_one_at_one_half() -> None:
    """An example may have all of them, or none."""
    assert [[1, 1], [0, 0]] == LABELS.decode(np.array([[0.5, 0.9], [0.4, 0.0]], np.float32)).tolist()


def test_one_sigmoid_unit_has_the_probabilities_of_both_classes() -> None:
    """Everything that reads probabilities finds a column per class."""
    columns = TWO.columns(np.array([[0.25], [1.0]], np.float32))
    assert [[0.75, 0.25], [0.0, 1.0]] == columns.tolist()
    assert 3 == THREE.columns(np.zeros((4, 3), np.float32)).shape[1]


@pytest.mark.parametrize(
    ("target", "y", "predicted", "errors"),
    [
        (THREE, [0, 1, 2], [0, 2, 2], [0, 1, 0]),
        (LABELS, [[0, 1], [1, 1], [0, 0]], [[0, 1], [0, 1], [1, 1]], [0, 0.5, 1]),
        (VALUES, [[1, 2], [3, 4]], [[1, 3], [0, 9]], [0.5, 4]),
    ],
    ids=["classes", "labels", "values"],
)
def test_how_wrong_a_prediction_is(target: Target, y: Any, predicted: Any, errors: list[float]) -> None:
    """0 or 1 of a class, the fraction of wrong labels, the mean absolute error of values."""
    y, predicted = np.array(y, target.dtype), np.array(predicted, target.dtype)
    assert errors == target.errors(y, predicted).tolist()
    # further axes in front, such as seeds, stay
    assert [errors, errors] == target.errors(y, np.stack([predicted, predicted])).tolist()


def test_the_widths_that_a_model_may_have() -> None:
    """Two classes are two outputs or one sigmoid; everything else has one width."""
    assert ((2, 1), (3,), (2,), (2,)) == (TWO.widths, THREE.widths, LABELS.widths, VALUES.widths)
