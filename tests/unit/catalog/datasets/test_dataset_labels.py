"""Labels of unknown form become class numbers, or are refused with a hint that is right to follow, or with none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from bench.catalog.datasets.labels import TOGETHER, class_numbers
from bench.core.errors import DataError

if TYPE_CHECKING:
    from bench.catalog.datasets.arrays import AnyArray

MULTI = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]])
TARGETS = np.random.default_rng(0).integers(25, 347, 442)
"""Whole numbers that were measured, as those of scikit-learn's diabetes."""


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, bool, np.int64])
def test_numbers_from_0_are_class_numbers(dtype: type) -> None:
    """Any integer dtype, bool, a column, and parts of different dtypes."""
    train, test = class_numbers(np.array([[0], [1], [1]], dtype), np.array([1, 0]), "here")
    assert ([0, 1, 1], [1, 0]) == (train.tolist(), test.tolist())
    assert (np.uint8, np.uint8) == (train.dtype, test.dtype)


def test_256_classes_are_taken() -> None:
    """The highest number is 255, and the test part may lack classes."""
    assert 255 == class_numbers(np.arange(256), np.array([0, 255]), "here")[0].max()


REFUSED = [
    # rows of labels: argmax only where every row of both parts has exactly one 1
    (np.eye(3)[[0, 1, 2]], np.eye(3)[[2, 0]], "one-hot", "y_train.argmax(axis=1) and y_test.argmax(axis=1)"),
    (np.eye(3)[[0, 1, 2]], np.array([2, 0]), "y_train has shape (3, 3), one column", "with y_train.argmax(axis=1):"),
    (np.eye(3)[[0, 1, 2]], MULTI, "a row holds from 0 to 2 ones, so there are several labels", "y[:, 0]"),
    (MULTI, MULTI, "Multi-label data is not trained in this version", "y[:, 0]"),
    (np.eye(3)[[0, 1, 2]], np.eye(2)[[1, 0]], "equal columns must mean the same", TOGETHER),
    (np.array([[0.5, 1.5], [2, 3]]), np.array([[0.5, 1]]), "several targets per example", ""),
    (np.zeros((3, 4, 4), int), np.zeros((2, 4, 4), int), "several targets per example", ""),
    (np.array([[1], [2, 3]], dtype=object), np.array([0, 1]), "y_train holds a list of labels per example", ""),
    # floats: classes only if they are whole, and not one value for nearly every example
    (np.array([0.0, 1.0, 2.0]), np.array([0, 1]), "y_train has dtype float64", 'y.astype("int64")'),
    (np.array([151.3, 75.0]), np.array([60.1]), "numbers such as 60.1, 3 different ones in 3 examples", ""),
    (TARGETS[:331].astype(float), TARGETS[331:].astype(float), "look like measured values (regression)", ""),
    (TARGETS[:331], TARGETS[331:], "look like measured values (regression)", ""),
    (np.array([1.0, 3.0, 1.0]), np.array([3.0]), "the 2 different labels go from 1 to 3", TOGETHER),
    (np.array([0, np.nan, 1]), np.array([0, 1]), "no label for 1 example: the first is example 1, with nan", "out"),
    # texts and objects
    (np.array(["cat", "dog"]), np.array(["dog", "yak"]), "y_train holds texts, such as 'cat'", TOGETHER),
    (np.array([b"cat", b"dog"]), np.array([b"dog"]), "y_train holds texts", TOGETHER),
    (pd.Series(["cat", "dog"]).to_numpy(), np.array(["yak"]), "y_train holds texts, such as 'cat'", TOGETHER),
    (np.array(["cat", "dog"]), np.array([1, 0]), "The other part has dtype int64", "labels of one kind"),
    (np.array([f"w{i}" for i in range(40)]), np.array(["w1"]), "40 different ones in 41 examples, too many", ""),
    (np.array([f"w{i % 300}" for i in range(3000)]), np.array(["w1"]), "there are 300 different labels", ""),
    (np.array(["cat", None, None], object), np.array(["cat"]), "no label for 2 examples: the first is", "out"),
    (np.array([1, 0], object), np.array([1, 0]), "whole numbers as Python objects", 'y.astype("int64")'),
    (np.array([0.5, 2], object), np.array([1, 0]), "numbers such as 0.5", ""),
    (np.array(["cat", 3], object), np.array([1, 0]), "mixes labels of the types int, str", "one type"),
    (np.array(["2020-01-01"], "datetime64[D]"), np.array([0]), "dtype datetime64", "whole number from 0"),
    # whole numbers that are not numbered
    (np.arange(3000) % 300, np.arange(600) % 300, "there are 300 different labels; this version trains up to 256", ""),
    (np.array([1, 2, 1]), np.array([2]), "labels go from 1 to 2; 2 classes are numbered from 0 to 1", TOGETHER),
    (np.array([-1, 1, 1]), np.array([-1]), "go from -1 to 1; 2 classes", TOGETHER),
    (np.array([0, 3, 1]), np.array([0]), "the 3 different labels go from 0 to 3; 3 classes", TOGETHER),
    (np.array([0, 2**64 - 1], np.uint64), np.array([-1]), "labels go from -1 to 18446744073709551615", TOGETHER),
    (np.zeros(3, int), np.zeros(2, int), "every label is 0, which leaves nothing to learn", "right column"),
    (np.zeros(0, int), np.zeros(2, int), "y_train is empty", "inputs and labels"),
    (np.array(None, object), np.array([0, 1]), "y_train is a single NoneType, of shape ()", "an array of labels"),
]  # fmt: skip


@pytest.mark.parametrize(("y_train", "y_test", "message", "hint"), REFUSED)
def test_what_is_no_class_number_is_refused(y_train: AnyArray, y_test: AnyArray, message: str, hint: str) -> None:
    """The message says what was received; the hint is right, and absent where nothing would be."""
    with pytest.raises(DataError) as caught:
        class_numbers(y_train, y_test, "here")
    assert message in caught.value.message
    assert caught.value.message.startswith("here: ")
    assert hint in caught.value.hint
    assert bool(hint) == bool(caught.value.hint)


def followed(y_train: AnyArray, y_test: AnyArray) -> tuple[AnyArray, AnyArray]:
    """The hint `TOGETHER`, word for word."""
    names = {"numpy": np, "y_train": y_train, "y_test": y_test}
    for line in TOGETHER.split(", and then "):
        exec(line, names)  # noqa: S102  what a reader would type
    return names["y_train"], names["y_test"]


def test_the_hint_for_words_keeps_a_class_s_number_in_both_parts() -> None:
    """A word that one part lacks does not shift the others, whatever the part."""
    train, test = class_numbers(*followed(np.array(["yak", "cat"]), np.array(["dog", "yak"])), "here")
    assert ([2, 0], [1, 2]) == (train.tolist(), test.tolist())


@pytest.mark.parametrize(("y_train", "y_test"), [row[:2] for row in REFUSED if row[3] is TOGETHER and row[0].ndim == 1])
def test_the_hint_for_numbering_leads_to_labels_that_are_taken(y_train: AnyArray, y_test: AnyArray) -> None:
    """Whoever follows it is not refused again, and no two classes become one."""
    train, test = class_numbers(*followed(y_train, y_test), "here")
    before = np.concatenate([y_train, y_test])
    after = np.concatenate([train, test])
    assert len(set(before.tolist())) == len(set(zip(before.tolist(), after.tolist(), strict=True))) == len(set(after))
