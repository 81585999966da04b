"""Arrays of unknown form are brought into one form or refused with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.catalog.datasets.arrays import Arrays, checked, sha256, well_formed
from bench.core.errors import DataError

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
    """Bool labels are stored as the numbers that they stand for."""
    assert sha256(made()) == sha256(made(y_train=np.array([False, True, False, True])))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"y_train": np.array([0, 1, 1])}, "x_train holds 4 examples and y_train 3 labels"),
        ({"y_test": np.array([0, 1, 1])}, "x_test holds 2 examples and y_test 3 labels"),
        (
            {"x_test": np.zeros((2, 4, 4), np.uint8)},
            "training inputs are 3 x 3 x 1 uint8 from 0 to 0, test inputs 4 x 4 x 1 uint8 from 0 to 0",
        ),
        ({"x_test": np.full((2, 3, 3), 0.5)}, "test inputs 3 x 3 x 1 float32 from 0.5 to 0.5"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(changes: dict[str, AnyArray], expected: str) -> None:
    """Each refusal says where, what was received, and what to do about it."""
    with pytest.raises(DataError) as caught:
        made(**changes)
    assert expected in caught.value.message
    assert caught.value.message.startswith("here: ")
    assert caught.value.hint
