"""Batches of a stream, in the form that is trained: what each kind of target looks like, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from bench.catalog.datasets.stream.batches import batch_of, target_of
from bench.core.errors import DataError
from bench.core.target import Target, Task

CLASSES = Target(Task.CLASSES, ("cat", "dog", "owl"))
LABELS = Target(Task.MULTILABEL, ("red", "round"))
VALUES = Target(Task.REGRESSION, ("price",))
X = np.zeros((3, 4), np.float32)


@pytest.mark.parametrize(
    ("target", "y", "stored"),
    [
        (CLASSES, [0, 2, 1], [0, 2, 1]),
        (CLASSES, [[0], [2], [1]], [0, 2, 1]),
        (CLASSES, [0.0, 2.0, 1.0], [0, 2, 1]),
        (CLASSES, [[1, 0, 0], [0, 0, 1], [0, 1, 0]], [0, 2, 1]),
        (CLASSES, ["cat", "owl", "dog"], [0, 2, 1]),
        (CLASSES, np.array([b"cat", b"owl", b"dog"], object), [0, 2, 1]),
        (LABELS, [[0, 1], [1, 1], [0, 0]], [[0, 1], [1, 1], [0, 0]]),
        (VALUES, [1.5, 2, 3], [[1.5], [2], [3]]),
        (VALUES, [[1.5], [2], [3]], [[1.5], [2], [3]]),
    ],
)
def test_targets_are_stored_as_those_of_arrays(target, y, stored):
    """Class numbers, names and one-hot rows are one and the same."""
    batch = batch_of((X, np.asarray(y)), target, "here")
    assert (stored, target.dtype) == (batch.y.tolist(), batch.y.dtype)


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [("uint8", "uint8"), ("bool", "uint8"), ("int16", "int32"), ("int64", "int64"), ("float16", "float32")],
)
def test_inputs_keep_what_they_are(dtype, kept):
    """By their dtype and never by their values: a batch may have any of them."""
    assert kept == batch_of((np.ones((3, 2), dtype), np.zeros(3, int)), CLASSES, "here").x.dtype


def test_weights_and_several_inputs_are_kept():
    """By name."""
    batch = batch_of(({"a": X, "b": X[:, :1]}, np.zeros(3, int), np.ones((3, 1))), CLASSES, "here")
    assert ({"a": (3, 4), "b": (3, 1)}, (3,)) == ({name: x.shape for name, x in batch.x.items()}, batch.w.shape)


@pytest.mark.parametrize(
    ("target", "element", "sentence"),
    [
        (CLASSES, X, "here is a ndarray; a batch is .* y may not be missing"),
        (CLASSES, {"image": X, "label": X}, "here is a dict; a batch is"),
        (CLASSES, (X,), "here is a tuple of 1"),
        (CLASSES, ((X, X), np.zeros(3, int)), "here has a tuple of 2 as x"),
        (CLASSES, (X, {"a": np.zeros(3)}), "dict of targets as y, as for a model of several outputs"),
        (CLASSES, (X[0], np.int64(1)), "a batch has an axis of examples in front"),
        (CLASSES, (X, np.int64(1)), "here: y is a single value"),
        (CLASSES, (X, np.zeros(2, int)), "x has 3 examples and y 2"),
        (CLASSES, (X[:0], np.zeros(0, int)), "here is empty"),
        (CLASSES, (np.array([["a"]] * 3), np.zeros(3, int)), "inputs are numbers"),
        (
            CLASSES,
            (np.full((3, 4), np.nan), np.zeros(3, int)),
            "here: x holds NaN in 3 examples, the first .* number 0",
        ),
        (CLASSES, (X, np.array([0, 3, 1])), "here: y holds 3; the 3 classes have the numbers 0 to 2"),
        (CLASSES, (X, np.array([0, 0.5, 1])), "here: y holds 0.5; the 3 classes"),
        (CLASSES, (X, np.array(["cat", "dogs", "owl"])), "the class 'dogs'; .* did you mean 'dog'"),
        (CLASSES, (X, np.array([[1, 1, 0]] * 3)), "rows that are not one-hot"),
        (CLASSES, (X, np.zeros((3, 5))), r"of 3 classes it is \(b,\) class numbers or names, or \(b, 3\) one-hot"),
        (LABELS, (X, np.array([[0, 2]] * 3)), "here: y holds 2; labels are 0 and 1"),
        (LABELS, (X, np.zeros(3)), r"so it is \(b, 2\) numbers"),
        (VALUES, (X, np.array([1, np.inf, 2])), "here: y holds inf; values are finite"),
        (CLASSES, (X, np.zeros(3, int), np.array([1.0, -1, 1])), "weights are not all finite and 0 or more"),
        (CLASSES, (X, np.zeros(3, int), np.ones((3, 2))), "weights have shape"),
    ],
)
def test_what_cannot_be_trained_is_refused(target, element, sentence):
    """With the batch that it stands in, and what to give instead."""
    with pytest.raises(DataError, match=sentence) as refused:
        batch_of(element, target, "here")
    assert refused.value.hint


def test_classes_by_number_need_names():
    """A batch does not tell how many there are; one-hot rows and columns do."""
    with pytest.raises(DataError, match="how many there are is not known"):
        target_of(Task.CLASSES, (), (X, np.zeros(3, int)), "here")
    assert ("0", "1", "2") == target_of(Task.CLASSES, (), (X, np.eye(3)), "here").names
    assert ("0",) == target_of(Task.REGRESSION, (), (X, np.zeros(3)), "here").names
