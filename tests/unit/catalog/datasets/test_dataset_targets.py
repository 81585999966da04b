"""True values of any form become classes, labels or measured values, or are refused with a hint that is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from bench.catalog.datasets.targets import targets
from bench.catalog.datasets.tasks import look_measured
from bench.core.errors import DataError
from bench.core.target import Task

if TYPE_CHECKING:
    from bench.catalog.datasets.arrays import AnyArray

MULTI = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]])
MEASURED = np.random.default_rng(0).integers(25, 347, 442)
"""Whole numbers that were measured, as those of scikit-learn's diabetes."""


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.int64, np.float64])
def test_numbers_from_0_are_class_numbers(dtype: type) -> None:
    """Any dtype of whole numbers, a column, and parts of different dtypes; the numbers are the names."""
    made = targets(np.array([[0], [1], [1]], dtype), np.array([1, 0]), "here")
    assert ([0, 1, 1], [1, 0], Task.CLASSES, ()) == (made.train.tolist(), made.test.tolist(), made.task, made.names)
    assert ("|u1", "|u1") == (made.train.dtype.str, made.test.dtype.str)


CLASSES = {
    "texts, over both parts": (np.array(["yak", "cat"]), np.array(["dog"]), [2, 0], [1], ("cat", "dog", "yak")),
    "bytes": (np.array([b"b", b"a"]), np.array([b"a"]), [1, 0], [0], ("a", "b")),
    "texts of pandas": (pd.Series(["b", "a"]).to_numpy(), np.array(["a"]), [1, 0], [0], ("a", "b")),
    "truth values": (np.array([True, False]), np.array([True]), [1, 0], [1], ("False", "True")),
    "from 1": (np.array([1, 7, 1]), np.array([4]), [0, 2, 0], [1], ("1", "4", "7")),
    "signs": (np.array([-1, 1, 1]), np.array([-1]), [0, 1, 1], [0], ("-1", "1")),
    "whole floats": (np.array([1.0, 3.0]), np.array([3.0]), [0, 1], [1], ("1", "3")),
    "64 bits of both kinds": (np.array([0, 2**64 - 1], np.uint64), np.array([-1]), [1, 2], [0],
                              ("-1", "0", "18446744073709551615")),
    "Python's numbers": (np.array([1, 0], object), np.array([1]), [1, 0], [1], ()),
    "one-hot": (np.eye(3)[[2, 0]], np.eye(3)[[1]], [2, 0], [1], ()),
    "one-hot with an empty column": (np.eye(3)[[1, 0]], np.eye(3)[[1]], [1, 0], [1], ("0", "1", "2")),
    "two columns": (np.eye(2, dtype=bool)[[1, 0]], np.eye(2, dtype=bool)[[1]], [1, 0], [1], ()),
}  # fmt: skip


@pytest.mark.parametrize("case", CLASSES)
def test_what_are_classes(case: str) -> None:
    """Numbered by their sorted values over both parts together; the names are the values as they came."""
    y_train, y_test, train, test, names = CLASSES[case]
    made = targets(y_train, y_test, "here")
    assert (Task.CLASSES, train, test, names) == (made.task, made.train.tolist(), made.test.tolist(), made.names)


@pytest.mark.parametrize(("classes", "dtype"), [(256, "|u1"), (257, "<u2"), (65_536, "<u2")])
def test_many_classes_are_classes(classes: int, dtype: str) -> None:
    """Numbered without gaps from 0, however few examples each has."""
    made = targets(np.arange(classes), np.array([0, classes - 1]), "here")
    assert (Task.CLASSES, dtype, classes - 1) == (made.task, made.train.dtype.str, made.train.max())


def test_given_names_name_the_numbers() -> None:
    """A list that is too short names nothing."""
    made = [targets(np.array([0, 1, 2]), np.array([1]), "here", names=names).names for names in ("abc", "ab")]
    assert [("a", "b", "c"), ()] == made


def test_rows_of_0_and_1_are_labels() -> None:
    """Any number of ones per row, as uint8; `argmax` would lose all but the first of them."""
    made = targets(MULTI, MULTI[:2].astype(float), "here", names=("a", "b", "c"))
    assert (Task.MULTILABEL, MULTI.tolist(), "|u1") == (made.task, made.train.tolist(), made.train.dtype.str)
    assert ("a", "b", "c") == made.names


def test_rows_with_a_single_1_are_labels_where_somebody_says_so() -> None:
    """The declared task wins over the form."""
    assert Task.MULTILABEL is targets(np.eye(3), np.eye(3)[:1], "here", Task.MULTILABEL).task


@pytest.mark.parametrize(
    ("y_train", "y_test"),
    [
        (np.array([0.5, 1, 2]), np.array([0.25])),
        (MEASURED[:331], MEASURED[331:]),
        (MEASURED[:331].astype(float), MEASURED[331:].astype(float)),
        (np.array([[0.5, 1], [2, 3]]), np.array([[1.0, 1]])),
        (np.array([0.5, 2], object), np.array([1.0])),
    ],
)
def test_what_was_measured_is_two_axes_of_float32(y_train: AnyArray, y_test: AnyArray) -> None:
    """One value per example is a column."""
    made = targets(y_train, y_test, "here")
    assert (Task.REGRESSION, "<f4", 2, 2) == (made.task, made.train.dtype.str, made.train.ndim, made.test.ndim)
    assert np.float32(y_train.reshape(len(y_train), -1).astype(float)).tolist() == made.train.tolist()


def test_classes_are_measured_values_where_somebody_says_so() -> None:
    """Grades from 1 to 5 are classes by their form and may be meant as numbers."""
    grades = np.array([1, 5, 3])
    assert [[1], [5], [3]] == targets(grades, grades, "here", Task.REGRESSION).train.tolist()
    assert ("1", "3", "5") == targets(grades, grades, "here").names


def test_measured_values_are_classes_where_somebody_says_so() -> None:
    """Each different value is a class."""
    made = targets(np.array([0.5, 1.5, 0.5]), np.array([1.5]), "here", Task.CLASSES)
    assert ([0, 1, 0], ("0.5", "1.5")) == (made.train.tolist(), made.names)


def test_300_classes_are_not_measured_and_diabetes_is() -> None:
    """Many different values with few examples each."""
    assert [True, True, False, False] == [
        look_measured(*case) for case in ((214, 442), (300, 600), (300, 3000), (3, 4))
    ]


REFUSED = [
    (np.eye(3)[[0, 1, 2]], MULTI[:, :2], None, "the targets of both parts have one form", "by the same code"),
    (np.eye(3)[[0, 1, 2]], np.array([2, 0]), None, "y_train has shape (3, 3) and y_test has shape (2,)", "same code"),
    (np.zeros((3, 4, 4), int), np.zeros((2, 4, 4), int), None, "each pixel or step of an example (segmentation", ""),
    (np.array([[0, 5], [2, 3]]), np.array([[1, 1]]), None, "(several outputs) they are not trained", "as floats"),
    (np.array([[1], [2, 3]], dtype=object), np.array([0, 1]), None, "a list of labels per example", "Binarizer"),
    (np.array([{"box": 1}]), np.array([0]), None, "as for object detection or several outputs", ""),
    (np.array([["a", "b"]]), np.array([["a", "c"]]), None, "rows of texts, such as 'a'", "MultiLabelBinarizer"),
    (np.array([0, np.nan, 1]), np.array([0, 1]), None, "for 1 example: the first is example 1, with nan", "out"),
    (np.array([[0, 1], [np.inf, 1]]), np.array([[0, 1]]), None, "the first is example 1, with [inf", "out"),
    (np.array([["a", None]], object), np.array([["a", "b"]]), None, "for 1 example: the first is example 0", "out"),
    (np.array(["cat", None, None], object), np.array(["cat"]), None, "for 2 examples: the first is example 1", "out"),
    (np.array(["cat", "dog"]), np.array([1, 0]), None, "'cat'; the other part has dtype int64", "of one kind"),
    (np.array([f"w{i}" for i in range(40)]), np.array(["w1"]), None, "40 different ones in 41 examples, too many", ""),
    (np.array([f"{i / 8}" for i in range(40)]), np.array(["1"]), None, "too many to be classes", 'astype("float32")'),
    (np.array(["cat", 3], object), np.array([1, 0]), None, "mixes values of the types int, str", "one type"),
    (np.array(["2020-01-01"], "datetime64[D]"), np.array([0]), None, "dtype datetime64", "whole number from 0"),
    (np.arange(65_537), np.array([0]), None, "65,537 different targets; there can be 65,536", 'task = "regression"'),
    (np.zeros(3, int), np.zeros(2, int), None, "every target is 0, a single class, which leaves nothing", "column"),
    (np.array(["a", "a"]), np.array(["a"]), None, "every target is a, a single class", "right column"),
    (np.eye(2)[[1, 1]], np.eye(2)[[1]], None, "every row has its 1 in column 1, a single class", "columns"),
    (np.array([1.5, 1.5]), np.array([2.5]), None, "every target of the training part is 1.5", "right column"),
    (np.array([[1, 1.5], [2, 1.5]]), np.array([[1, 2.5]]), None, "training part in column 1 is 1.5", "right column"),
    (np.array([1e300, 0.5]), np.array([1.5]), None, "float32 cannot hold: the first is 1e+300 in example 0", "log"),
    (np.zeros(0, int), np.zeros(2, int), None, "y_train is empty", "inputs and targets"),
    (np.array(None, object), np.array([0, 1]), None, "y_train is a single NoneType, of shape ()", "array of targets"),
    (np.array(["9", "b"]), np.array(["9"]), Task.REGRESSION, "holds texts, such as '9'; measured", "to numbers"),
    (MULTI, MULTI, Task.CLASSES, "not every row has exactly one 1", '"multilabel"'),
    (np.array([0, 1]), np.array([1]), Task.MULTILABEL, "y_train has shape (2,); several labels per example", "row"),
    (np.array([[0, 3]]), np.array([[1, 1]]), Task.MULTILABEL, "values such as 3", "a column per label"),
    (MULTI[[1, 1]], MULTI, None, "every row of y_train is the same", "right columns"),
]  # fmt: skip


@pytest.mark.parametrize(("y_train", "y_test", "task", "message", "hint"), REFUSED)
def test_what_is_no_target_is_refused(
    y_train: AnyArray, y_test: AnyArray, task: Task | None, message: str, hint: str
) -> None:
    """The message says what was received; the hint is right, and absent where nothing would be."""
    with pytest.raises(DataError) as caught:
        targets(y_train, y_test, "here", task)
    assert message in caught.value.message
    assert caught.value.message.startswith("here: ")
    assert hint in caught.value.hint
    assert bool(hint) == bool(caught.value.hint)


def test_values_that_float32_cannot_tell_apart_are_refused() -> None:
    """Seconds since 1970 within an hour are all one number; a constant of that size is refused for what it is."""
    seconds = 1.7e9 + np.arange(100.0)
    with pytest.raises(DataError, match="differ by less than float32 resolves, such as 1700000000: their deviation"):
        targets(seconds, seconds, "times", Task.REGRESSION)
    with pytest.raises(DataError, match=r"every target of the training part is 1\.7e\+09"):
        targets(np.full(9, 1.7e9 + 1), np.full(9, 1.7e9 + 1), "times", Task.REGRESSION)
    assert Task.REGRESSION is targets(seconds - 1.7e9, seconds - 1.7e9, "times", Task.REGRESSION).task
