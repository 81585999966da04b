"""Arrays of unknown form are brought into one form or refused with a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.catalog.datasets.arrays import Arrays, checked, sha256, well_formed
from bench.core.errors import DataError
from bench.core.target import Target, Task

if TYPE_CHECKING:
    from bench.catalog.datasets.arrays import AnyArray

GOOD = {
    "x_train": np.zeros((4, 3, 3), np.uint8),
    "y_train": np.array([0, 1, 0, 1]),
    "x_test": np.zeros((2, 3, 3), np.uint8),
    "y_test": np.array([0, 1]),
}


def made(**changes: AnyArray) -> Arrays:
    return checked(**{**GOOD, **changes}, where="here")


def test_grey_images_get_a_channel_axis() -> None:
    """Three-dimensional images become (n, h, w, 1); labels become uint8."""
    arrays = made()
    assert (4, 3, 3, 1) == arrays.x_train.shape
    assert (3, 3, 1) == arrays.input_shape
    assert 2 == arrays.target.width
    assert np.uint8 == arrays.y_train.dtype


def test_channels_are_kept() -> None:
    """Four-dimensional images stay as they are."""
    arrays = made(x_train=np.zeros((4, 3, 3, 2), np.uint8), x_test=np.zeros((2, 3, 3, 2), np.uint8))
    assert (3, 3, 2) == arrays.input_shape


def test_equal_data_has_one_hash_whatever_its_dtype() -> None:
    """Wider integers, columns of labels and arrays that are not contiguous hash like the plain ones."""
    expected = sha256(made())
    assert expected == sha256(made(x_train=np.zeros((4, 3, 3), np.int64), y_test=np.array([[0], [1]], np.int32)))
    assert expected == sha256(made(x_train=np.zeros((3, 3, 4), np.uint8).T))


@pytest.mark.parametrize("key", ["x_train", "y_train", "x_test", "y_test"])
def test_any_change_changes_the_hash(key: str) -> None:
    """Each of the four arrays is part of the hash."""
    changed = np.array(GOOD[key])
    changed.flat[0] = 1
    assert sha256(made()) != sha256(made(**{key: changed}))


def test_the_hash_knows_the_shape() -> None:
    """The same bytes in another shape are another data set."""
    flat = made(x_train=np.zeros((4, 1, 9), np.uint8), x_test=np.zeros((2, 1, 9), np.uint8))
    assert sha256(made()) != sha256(flat)


def test_floats_become_float32() -> None:
    """Float64 and float16 images are kept as float32."""
    arrays = made(x_train=np.full((4, 3, 3), 0.5), x_test=np.full((2, 3, 3), 0.5, np.float16))
    assert ("<f4", "<f4") == (arrays.x_train.dtype.str, arrays.x_test.dtype.str)
    assert well_formed(arrays)


def test_a_class_may_be_missing_from_training() -> None:
    """A label that only the test split holds is the data's business."""
    assert 3 == made(y_test=np.array([0, 2])).target.width


def test_truth_values_are_classes_0_and_1() -> None:
    """Truth values as targets are stored as the numbers that they stand for."""
    assert sha256(made()) == sha256(made(y_train=np.array([False, True, False, True])))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"y_train": np.array([0, 1, 1])}, "x_train holds 4 examples and y_train 3 targets"),
        ({"y_test": np.array([0, 1, 1])}, "x_test holds 2 examples and y_test 3 targets"),
        (
            {"x_test": np.zeros((2, 4, 4), np.uint8)},
            "training inputs are 3 x 3 x 1 uint8 from 0 to 0, test inputs 4 x 4 x 1 uint8 from 0 to 0",
        ),
        ({"w_train": np.ones(3)}, "w_train holds 3 weights for 4 examples"),
        ({"w_train": np.array([1, -1, 1, 1])}, "w_train holds -1 for example 1; weights are finite, 0 or more"),
        ({"w_test": np.array([1, np.nan])}, "w_test holds nan for example 1"),
        ({"w_test": np.zeros(2)}, "w_test holds 0 for example 0; weights are finite, 0 or more, and not all 0"),
        ({"w_test": np.ones((2, 2))}, "w_test has shape (2, 2) and dtype float64; weights are one number"),
        ({"w_test": np.array(["a", "b"])}, "weights are one number per example"),
        ({"x_test": np.full((2, 3, 3), 0.5)}, "test inputs 3 x 3 float32 from 0.5 to 0.5"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(changes: dict[str, AnyArray], expected: str) -> None:
    """Each refusal says where, what was received, and what to do about it."""
    with pytest.raises(DataError) as caught:
        made(**changes)
    assert expected in caught.value.message
    assert caught.value.message.startswith("here: ")
    assert caught.value.hint


SEVERAL = {"x_train": {"a": np.arange(4), "b": np.ones((4, 2))}, "x_test": {"a": np.arange(2), "b": np.ones((2, 2))}}
MEASURED = {"y_train": np.array([0.5, 1, 2, 3]), "y_test": np.array([0.5, 1])}


def test_a_single_measured_value_has_a_target_of_one_value() -> None:
    """Measured values are two axes, and their columns are numbered where they have no names."""
    arrays = made(**MEASURED)
    assert ((4, 1), Target(Task.REGRESSION, ("0",))) == (arrays.y_train.shape, arrays.target)
    assert ("price",) == made(**MEASURED, names=("price",)).target.names


def test_whatever_is_checked_is_well_formed() -> None:
    """Several inputs, each kind of target, and weights."""
    labels = {"y_train": np.array([[1, 1], [0, 1], [1, 0], [0, 0]]), "y_test": np.array([[1, 1], [0, 0]])}
    weights = {"w_train": np.arange(4), "w_test": np.array([[1.0], [2]])}
    for arrays in (made(), made(**SEVERAL), made(**MEASURED), made(**labels), made(**weights)):
        assert well_formed(arrays)
    assert {"a": (1,), "b": (2,)} == made(**SEVERAL).input_shape
    assert [0, 1, 2, 3] == made(**weights).w_train.tolist()
    assert (2,) == made(**weights).w_test.shape


@pytest.mark.parametrize(
    "changes",
    [
        {"x_train": np.zeros((4, 3, 3, 1), np.float64)},
        {"x_train": np.zeros(4, np.uint8)},
        {"x_train": {"a": np.zeros((3, 1), np.uint8)}},
        {"y_train": np.zeros(4, np.int64)},
        {"y_train": np.zeros((4, 1), np.uint8)},
        {"task": Task.REGRESSION},
        {"task": Task.MULTILABEL},
        {"w_train": np.ones(4)},
        {"w_train": np.ones(3, np.float32)},
    ],
)
def test_what_was_never_checked_is_not_well_formed(changes: dict[str, AnyArray]) -> None:
    """Another dtype, number of axes or length than the task has."""
    assert not well_formed(replace(made(), **changes))


def test_the_hash_covers_several_inputs_weights_and_the_task() -> None:
    """Names of inputs, their order, weights, and what the same bytes stand for; not the names of classes."""
    several = {name: dict(reversed(x.items())) for name, x in SEVERAL.items()}
    renamed = {name: {"c": x["a"], "b": x["b"]} for name, x in SEVERAL.items()}
    rows = {"y_train": np.eye(2)[[0, 1, 0, 1]], "y_test": np.eye(2)}
    different = [
        made(), made(**SEVERAL), made(**several), made(**renamed), made(w_train=np.ones(4)), made(w_test=np.ones(2)),
        made(**MEASURED), made(**rows, task=Task.MULTILABEL), made(**rows, task=Task.REGRESSION),
    ]  # fmt: skip
    assert len(different) == len({sha256(arrays) for arrays in different})
    assert sha256(made()) == sha256(made(names=("cat", "dog")))


def test_the_hash_of_earlier_versions_holds() -> None:
    """Pictures with class numbers hash as they did before there were other tasks."""
    assert "de6586917fe2" == sha256(made())[:12]
