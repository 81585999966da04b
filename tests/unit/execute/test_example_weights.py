"""Examples weigh by their class, by a weight of their own, or by both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from bench.core.errors import DataError
from bench.core.target import Target, Task, class_target
from bench.declare.settings import TrainingSettings
from bench.execute.worker.example_weights import balanced, example_weights

PETS = class_target(("cat", "dog", "newt"))
Y = np.array([0, 0, 0, 1, 2, 2], np.uint8)


def weights(written: Any, y: Any = Y, w: Any = None, target: Target = PETS) -> Any:
    """Of each example, for a class_weight as a suite writes it."""
    settings = TrainingSettings.model_validate({"class_weight": written})
    return example_weights(settings.class_weight, target, y, w)


def test_without_weights_all_weigh_the_same() -> None:
    """No array of ones is made for nothing."""
    assert weights(None) is None


@given(st.lists(st.integers(0, 4), min_size=1, max_size=50))
def test_balanced_is_scikit_learn_s(numbers: list[int]) -> None:
    """Every class that occurs has the same sum of weights; one that does not occur has none."""
    y = np.array(numbers)
    occurring = np.unique(y)
    expected = np.zeros(5)
    expected[occurring] = compute_class_weight("balanced", classes=occurring, y=y)
    np.testing.assert_allclose(expected, balanced(y, 5))


def test_balanced_weighs_each_example_by_its_class() -> None:
    """float32, as Keras takes them."""
    found = weights("balanced")
    assert found.dtype == np.float32
    np.testing.assert_allclose(6 / (3 * np.array([3, 3, 3, 1, 2, 2])), found, rtol=1e-6)


def test_a_table_names_classes_by_name_or_by_number() -> None:
    """Both in one table, if need be."""
    assert [1, 1, 1, 5, 2, 2] == weights({"cat": 1, "1": 5.0, "newt": 2}).tolist()
    assert [1, 1, 1, 5, 2, 2] == weights({"0": 1, "1": 5, "2": 2}).tolist()


def test_a_class_whose_name_is_a_number_goes_by_its_name() -> None:
    """The digit 9 may be the first class."""
    assert [3, 7] == weights({"9": 3, "1": 7}, np.array([0, 1], np.uint8), target=class_target(("9", "1"))).tolist()


def test_own_weights_multiply_with_those_of_the_classes() -> None:
    """As `fit` multiplies sample weights and class weights."""
    w = np.array([1, 2, 3, 4, 5, 0.5], np.float32)
    assert w.tolist() == weights(None, w=w).tolist()
    assert [1, 2, 3, 20, 10, 1] == weights({"cat": 1, "dog": 5, "newt": 2}, w=w).tolist()


def test_a_missing_class_is_refused() -> None:
    """Keras would give it the weight 1 and not say so."""
    with pytest.raises(DataError) as caught:
        weights({"cat": 1, "newt": 2})
    assert "class_weight has no weight for the class 'dog'." == caught.value.message
    assert 'Add "dog" = 1.0 to the table, or write class_weight = "balanced".' == caught.value.hint


def test_an_unknown_class_is_refused() -> None:
    """With the one that was meant."""
    with pytest.raises(DataError) as caught:
        weights({"cat": 1, "dgo": 1, "newt": 2})
    assert "class_weight names the class 'dgo'; the classes are cat, dog or newt; did you mean 'dog'?" == str(
        caught.value
    )
    with pytest.raises(DataError, match="class_weight names the class '7'; the classes are cat, dog or newt"):
        weights({"0": 1, "1": 1, "2": 2, "7": 1})


def test_a_class_that_is_named_twice_is_refused() -> None:
    """By its name and by its number: which of the two weights is meant?"""
    with pytest.raises(DataError) as caught:
        weights({"cat": 1, "0": 3, "dog": 1, "newt": 2})
    assert "class_weight names the class 'cat' twice, by its name and by its number." == caught.value.message


@pytest.mark.parametrize("task", [Task.MULTILABEL, Task.REGRESSION])
def test_only_classes_have_class_weights(task: Task) -> None:
    """Otherwise a column of weights does it."""
    with pytest.raises(DataError) as caught:
        weights("balanced", target=Target(task, ("a", "b")))
    assert f"class_weight needs classes, but the task is {task}." == caught.value.message
    assert 'weights = "COLUMN"' in caught.value.hint
