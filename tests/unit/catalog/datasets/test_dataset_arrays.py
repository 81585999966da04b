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
    assert (3, 3, 1) == arrays.image_shape
    assert 2 == arrays.class_count
    assert np.uint8 == arrays.y_train.dtype


def test_channels_are_kept() -> None:
    """Four-dimensional images stay as they are."""
    arrays = made(x_train=np.zeros((4, 3, 3, 2), np.uint8), x_test=np.zeros((2, 3, 3, 2), np.uint8))
    assert (3, 3, 2) == arrays.image_shape


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
    assert 3 == made(y_test=np.array([0, 2])).class_count


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"x_train": np.zeros((4, 9), np.uint8)}, "x_train has shape (4, 9); images are"),
        ({"x_test": np.zeros((2, 3, 3, 1, 1), np.uint8)}, "x_test has shape (2, 3, 3, 1, 1); images are"),
        ({"x_train": np.zeros((0, 3, 3), np.uint8)}, "x_train has shape (0, 3, 3), so it holds nothing"),
        ({"y_test": np.zeros(0, int)}, "y_test is empty"),
        ({"y_train": np.array([0, 1, 1])}, "x_train holds 4 images and y_train 3 labels"),
        ({"y_test": np.array([0, 1, 1])}, "x_test holds 2 images and y_test 3 labels"),
        ({"y_train": np.array([0, -1, 0, 1])}, "labels from -1 to 1"),
        ({"y_train": np.array([0, 256, 0, 1])}, "labels from 0 to 256"),
        ({"y_train": np.array([0.0, 1.0, 0.0, 1.0])}, "y_train has dtype float64; labels are whole numbers"),
        ({"y_train": np.eye(2, dtype=int)[[0, 1, 0, 1]]}, "labels are one class number per image"),
        ({"y_train": np.array([1, 2, 1, 2]), "y_test": np.array([1, 2])}, "no image has label 0"),
        ({"y_train": np.array([0, 3, 0, 1])}, "no image has label 2"),
        ({"y_train": np.zeros(4, int), "y_test": np.zeros(2, int)}, "every label is 0"),
        ({"x_train": np.full((4, 3, 3), 300)}, "whole numbers from 300 to 300"),
        ({"x_train": np.full((4, 3, 3), -1)}, "whole numbers from -1 to -1"),
        ({"x_train": np.full((4, 3, 3), "a")}, "x_train has dtype <U1"),
        ({"x_train": np.full((4, 3, 3), None)}, "x_train has dtype object"),
        ({"y_train": np.array([None] * 4)}, "y_train has dtype object"),
        ({"x_train": np.full((4, 3, 3), True)}, "x_train has dtype bool"),
        ({"x_test": np.zeros((2, 4, 4), np.uint8)}, "training images are 3 x 3 x 1 uint8 each, test images 4 x 4 x 1"),
        ({"x_test": np.zeros((2, 3, 3))}, "test images 3 x 3 x 1 float32"),
    ],
)
def test_what_cannot_be_a_data_set_is_refused(changes: dict[str, AnyArray], expected: str) -> None:
    """Each refusal says where, what was received, and what to do about it."""
    with pytest.raises(DataError) as caught:
        made(**changes)
    assert expected in caught.value.message
    assert caught.value.message.startswith("here: ")
    assert caught.value.hint


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_values_that_are_not_finite_are_refused(value: float) -> None:
    """NaN, infinity and what becomes infinite in float32 are found, with the first image that holds one."""
    images = np.zeros((4, 3, 3))
    images[2, 1, 1] = value
    with pytest.raises(DataError, match=r"NaN or infinite values \(float32\), first in image 2"):
        made(x_train=images, x_test=np.zeros((2, 3, 3)))
