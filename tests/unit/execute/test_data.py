"""A data set is scaled, split and encoded before any training, the same for every seed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.catalog.datasets import Arrays
from bench.catalog.datasets.facts import facts_of
from bench.core.target import class_target
from bench.declare.settings import TrainingSettings
from bench.execute.worker.data import prepare

CLASSES = 3
TARGET = class_target(tuple("012"))


def made_up(images: int = 12, dtype: Any = np.uint8) -> Arrays:
    """Images of 2 x 2 whose pixels tell which image it is; labels that do so too, modulo the number of classes."""
    x = np.repeat(np.arange(images + 4), 4).reshape(-1, 2, 2, 1).astype(dtype)
    y = (np.arange(images + 4) % CLASSES).astype(np.uint8)
    return Arrays(x_train=x[:images], y_train=y[:images], x_test=x[images:], y_test=y[images:])


def ready(arrays: Arrays, **keys: Any) -> Any:
    """What `fit` is given: every part scaled."""
    facts = facts_of(arrays, TARGET)
    data = prepare(arrays, facts, TrainingSettings.model_validate(keys), TARGET)
    held_out = data.validation
    return SimpleNamespace(
        x_train=data.scaled(data.train.x),
        y_train=data.train.y,
        x_validation=None if held_out is None else data.scaled(held_out.x),
        y_validation=None if held_out is None else held_out.y,
        x_test=data.scaled(data.test.x),
        y_test=data.test.y,
        truth_test=data.truth_test,
    )


def which(x: np.ndarray[Any, Any]) -> list[int]:
    """The numbers of the images, read from their unscaled pixels."""
    return [int(number) for number in x[:, 0, 0, 0]]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_unit_divides_by_the_full_scale_of_the_training_values(dtype: Any) -> None:
    """Twelve shades are four bits, whatever type holds them; training and test alike."""
    arrays = made_up(dtype=dtype)
    data = ready(arrays, input_scaling="unit")
    np.testing.assert_array_equal((arrays.x_train / np.float32(15)).astype(np.float32), data.x_train)
    np.testing.assert_array_equal((arrays.x_test / np.float32(15)).astype(np.float32), data.x_test)


def test_bytes_are_divided_by_255() -> None:
    """As the shipped data sets are: their brightest pixel is 255, or close to it."""
    arrays = made_up()
    bright = Arrays(arrays.x_train + np.uint8(240), arrays.y_train, arrays.x_test, arrays.y_test)
    data = ready(bright, input_scaling="unit")
    np.testing.assert_array_equal((bright.x_train / np.float32(255)).astype(np.float32), data.x_train)


@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_none_leaves_values_as_they_are(dtype: Any) -> None:
    """Training and test alike."""
    data = ready(made_up(dtype=dtype), input_scaling="none")
    assert list(range(12)) == which(data.x_train)
    assert list(range(12, 16)) == which(data.x_test)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_standard_has_mean_0_and_deviation_1_over_the_training_images(dtype: Any) -> None:
    """Over all pixels; the test images are moved by the same two numbers."""
    arrays = made_up(dtype=dtype)
    data = ready(arrays, input_scaling="standard")
    assert (0.0, 1.0) == pytest.approx((data.x_train.mean(), data.x_train.std()), abs=1e-6)
    mean, deviation = np.arange(12).mean(), np.arange(12).std()
    np.testing.assert_allclose((arrays.x_test - mean) / deviation, data.x_test, rtol=1e-6)


def test_standard_leaves_held_out_and_test_images_out_of_its_mean() -> None:
    """Only what is trained on may be known to the training."""
    arrays = made_up(40)
    plain = ready(arrays, input_scaling="none", validation_split=0.25)
    data = ready(arrays, input_scaling="standard", validation_split=0.25)
    mean, deviation = plain.x_train.mean(dtype=np.float64), plain.x_train.std(dtype=np.float64)
    assert mean != arrays.x_train.mean()
    for part in ("x_train", "x_validation", "x_test"):
        np.testing.assert_allclose((getattr(plain, part) - mean) / deviation, getattr(data, part), rtol=1e-5, atol=1e-6)


def test_images_of_one_shade_can_be_standardised() -> None:
    """Their deviation is 0: they are moved to 0 and not divided."""
    arrays = made_up()
    grey = Arrays(np.full_like(arrays.x_train, 7), arrays.y_train, np.full_like(arrays.x_test, 9), arrays.y_test)
    data = ready(grey, input_scaling="standard")
    assert ({0.0}, {2.0}) == (set(data.x_train.ravel().tolist()), set(data.x_test.ravel().tolist()))


@pytest.mark.parametrize("scaling", ["unit", "standard", "none"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("split", [0.0, 0.25])
def test_everything_is_float32_and_nothing_is_changed_in_place(dtype: Any, scaling: str, split: float) -> None:
    """Whatever came in; the arrays that came in are somebody else's."""
    arrays = made_up(dtype=dtype)
    data = ready(arrays, input_scaling=scaling, validation_split=split)
    parts = [data.x_train, data.x_test, *([data.x_validation] if split else [])]
    assert {np.dtype(np.float32)} == {x.dtype for x in parts}
    untouched = made_up(dtype=dtype)
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(untouched, name), getattr(arrays, name))


def test_labels_are_one_hot_where_the_loss_compares_probabilities() -> None:
    """A column per class, whether or not the class occurs."""
    arrays = made_up(4)
    target = class_target(tuple("01234"))
    data = prepare(arrays, facts_of(arrays, target), TrainingSettings(loss="mean_squared_error"), target)
    expected = [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [1, 0, 0, 0, 0]]
    assert (expected, np.float32) == (data.train.y.tolist(), data.train.y.dtype)
    assert (4, 5) == data.test.y.shape


def test_labels_are_numbers_where_the_loss_is_sparse() -> None:
    """Class numbers, in every part."""
    data = ready(made_up(), loss="sparse_categorical_crossentropy", validation_split=0.25)
    assert {np.dtype(np.int64)} == {y.dtype for y in (data.y_train, data.y_validation, data.y_test)}
    assert [0, 1, 2, 0] == data.y_test.tolist()


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_the_labels_of_the_test_images_are_numbers_always(loss: str) -> None:
    """As they are stored; the accuracy is counted from them, in no loss's terms."""
    data = ready(made_up(), loss=loss)
    assert ([0, 1, 2, 0], np.uint8) == (data.truth_test.tolist(), data.truth_test.dtype)


def test_nothing_is_held_out_unless_asked_for() -> None:
    """All images train, in their own order."""
    data = ready(made_up(), input_scaling="none")
    assert list(range(12)) == which(data.x_train)
    assert (None, None) == (data.x_validation, data.y_validation)


@settings(deadline=None)
@given(images=st.integers(2, 60), split=st.floats(0.01, 0.99))
def test_held_out_images_are_drawn_once_and_train_nothing(images: int, split: float) -> None:
    """The same ones each time; each image is in one part, with its own label; a split that cannot be is refused."""
    arrays, keys = (
        made_up(images),
        {"input_scaling": "none", "validation_split": split, "loss": "sparse_categorical_crossentropy"},
    )
    held = round(images * split)
    if not 0 < held < images:
        with pytest.raises(ValueError, match=f"of {images} examples holds out {held}: no such split can be trained"):
            ready(arrays, **keys)
        return
    data, again = ready(arrays, **keys), ready(arrays, **keys)
    train, validation = which(data.x_train), which(data.x_validation)
    assert (train, validation) == (which(again.x_train), which(again.x_validation))
    assert list(range(images)) == sorted(train + validation)
    assert held == len(validation)
    assert [number % CLASSES for number in train] == data.y_train.tolist()
    assert [number % CLASSES for number in validation] == data.y_validation.tolist()


def test_held_out_images_do_not_depend_on_other_settings() -> None:
    """Cells that differ by any other setting are compared on the same images."""
    one = ready(made_up(40), input_scaling="none", validation_split=0.25)
    two = ready(made_up(40), input_scaling="none", validation_split=0.25, epochs=3, batch_size=7, optimizer="adam")
    assert which(one.x_validation) == which(two.x_validation)
    assert which(one.x_validation) != list(range(10)) != which(one.x_validation)[::-1]  # drawn, not cut off an end


@pytest.mark.parametrize(("images", "split", "held"), [(3, 0.1, 0), (3, 0.9, 3), (1, 0.5, 0)])
def test_a_split_that_cannot_be_trained_is_refused(images: int, split: float, held: int) -> None:
    """The sentence says how many images it would hold out."""
    with pytest.raises(ValueError, match="holds out") as caught:
        ready(made_up(images), validation_split=split)
    expected = f"a validation split of {split} of {images} examples holds out {held}: no such split can be trained"
    assert expected == str(caught.value)
