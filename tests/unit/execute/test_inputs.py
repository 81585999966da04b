"""What is done to inputs follows their values and what the model does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bench.catalog.datasets import Arrays, DataFacts
from bench.core import trees
from bench.declare.settings import TrainingSettings
from bench.execute.inputs import PLAIN_READING, Reading, full_scale, input_record
from bench.execute.worker.data import prepare
from bench.record.treatment import InputRecord, Untouched

if TYPE_CHECKING:
    from bench.execute.worker.data import TrainingData


def facts(low: float, high: float, *, whole: bool = True, picture: bool = True) -> DataFacts:
    """Of a data set without faults."""
    return DataFacts(low=low, high=high, whole=whole, picture=picture, unseen=(), overlap=0)


@pytest.mark.parametrize(
    ("high", "whole", "scale"),
    [
        (0, True, 1), (1, True, 1), (2, True, 2), (3, True, 3), (9, True, 15), (15, True, 15), (16, True, 16),
        (17, True, 31), (200, True, 255), (255, True, 255), (256, True, 256), (1000, True, 1023),
        (65_535, True, 65_535), (0.99, False, 1), (1.0, False, 1), (1.02, False, 1), (15.9, False, 16),
        (254.7, False, 255), (255.0, False, 255),
    ],
)  # fmt: skip
def test_the_full_scale_is_that_of_the_bits_that_hold_the_values(high: float, scale: float, *, whole: bool) -> None:
    """It does not hang on the brightest pixel; measured values may overshoot 1 a little."""
    assert scale == full_scale(high, whole=whole)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (facts(0, 255), {"divisor": 255.0}),
        (facts(0, 16), {"divisor": 16.0}),
        (facts(0, 254.5, whole=False), {"divisor": 255.0}),
        (facts(0, 199, picture=False), {"divisor": 255.0}),
        (facts(0, 1), {"untouched": Untouched.IN_RANGE}),
        (facts(0, 1, whole=False), {"untouched": Untouched.IN_RANGE}),
        (facts(-3, 3, whole=False), {"untouched": Untouched.SIGNED}),
        (facts(0, 1680, whole=False, picture=False), {"untouched": Untouched.FEATURES}),
    ],
    ids=["pixels", "sixteen shades", "pixels as floats", "counts", "bits", "scaled already", "signed", "features"],
)
def test_unit_goes_by_the_values(of: DataFacts, expected: dict[str, Any]) -> None:
    """Pictures and whole numbers go to 0..1; what is there already, or has no full scale, stays."""
    assert InputRecord(low=of.low, high=of.high, **expected) == input_record("unit", of, PLAIN_READING)


def test_ids_are_never_divided() -> None:
    """What a model looks up is a name."""
    record = input_record("unit", facts(0, 199, picture=False), Reading(lookup="Embedding"))
    assert (1.0, Untouched.IDS) == (record.divisor, record.untouched)


def test_a_model_that_scales_its_inputs_gets_them_as_they_are() -> None:
    """Scaled once, by one of the two."""
    record = input_record("unit", facts(0, 255), Reading(scales=True))
    assert (1.0, Untouched.MODEL_SCALES, True) == (record.divisor, record.untouched, record.model_scales)


def test_standard_is_done_as_declared_and_says_that_the_model_scales_too() -> None:
    """It may be meant: a warning and a badge tell the reader."""
    record = input_record("standard", facts(0, 255), Reading(scales=True), mean=33.0, deviation=78.0)
    assert (33.0, 78.0, None, True) == (record.offset, record.divisor, record.untouched, record.model_scales)


def test_none_leaves_everything() -> None:
    """Whatever the values are."""
    record = input_record("none", facts(0, 255), PLAIN_READING)
    assert (0.0, 1.0, Untouched.DECLARED) == (record.offset, record.divisor, record.untouched)


def arrays_of(x: Any) -> Arrays:
    """A data set of these inputs."""
    y = np.arange(trees.length(x)).astype(np.uint8) % 2
    return Arrays(x_train=x, y_train=y, x_test=x, y_test=y, names=("no", "yes"))


def prepared(x: Any, reading: Reading = PLAIN_READING, **keys: Any) -> TrainingData:
    """Made ready for a training; one of the inputs decides about the facts."""
    arrays = arrays_of(x)
    first = next(trees.leaves(x))[1]
    of = facts(float(first.min()), float(first.max()), whole=first.dtype.kind in "iu", picture=False)
    return prepare(arrays, of, TrainingSettings.model_validate(keys), arrays.target, reading)


def scaled(x: Any, reading: Reading = PLAIN_READING, **keys: Any) -> Any:
    """The training inputs as a model takes them."""
    data = prepared(x, reading, **keys)
    return data.scaled(data.train.x)


RNG = np.random.default_rng(0)
LOOKED_UP = Reading(lookups=frozenset({"tokens"}))


@pytest.mark.parametrize("shape", [(50, 3), (50, 7, 3), (50, 4, 5, 3), (50, 2, 3, 4, 3)])
def test_standard_is_per_feature_and_per_channel(shape: tuple[int, ...]) -> None:
    """Each feature of a vector, each channel of a sequence, a picture or a volume, has mean 0 and deviation 1."""
    x = (RNG.normal(size=shape) * [1, 10, 0.1] + [0, 100, -5]).astype(np.float32)
    columns = scaled(x, input_scaling="standard").reshape(-1, 3).astype(np.float64)
    np.testing.assert_allclose(np.zeros(3), columns.mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(np.ones(3), columns.std(axis=0), rtol=1e-4)


def test_one_channel_is_scaled_by_two_numbers() -> None:
    """As grey pictures always were: the same bits, whatever the number of axes."""
    x = RNG.integers(0, 256, (20, 4, 4, 1)).astype(np.uint8)
    data = prepared(x, input_scaling="standard")
    assert data.inputs is not None
    mean, deviation = float(np.mean(x, dtype=np.float64)), float(np.std(x, dtype=np.float64))
    assert (mean, deviation) == (data.inputs.offset, data.inputs.divisor)
    expected = x.astype(np.float32) - np.float32(mean)
    expected /= np.float32(deviation)
    np.testing.assert_array_equal(expected, data.scaled(x))


@pytest.mark.parametrize("value", [0.0, 5.0, 0.1, 1e-30, 1e30, -3.7])
def test_a_feature_that_does_not_vary_is_moved_to_0(value: float) -> None:
    """And not divided by a rounding error of its own mean: a test value that differs a little stays a little off."""
    x = np.stack([RNG.normal(size=333), np.full(333, value)], axis=1).astype(np.float32)
    data = prepared(x, input_scaling="standard")
    assert data.inputs is not None
    assert isinstance(data.inputs.divisor, tuple)
    assert 1.0 == data.inputs.divisor[1]
    np.testing.assert_allclose(data.scaled(x)[:, 1], 0, atol=abs(value) * 1e-6)


def test_one_constant_channel_is_not_divided() -> None:
    """Likewise where it is the only one."""
    assert {0.0} == set(scaled(np.full((333, 4, 1), 0.1, np.float32), input_scaling="standard").ravel().tolist())


def test_standard_goes_by_the_training_part_alone() -> None:
    """What is held out does not enter the means."""
    x = RNG.normal(size=(40, 2)).astype(np.float32)
    data = prepared(x, input_scaling="standard", validation_split=0.25)
    np.testing.assert_allclose(data.scaled(data.train.x).mean(axis=0), 0, atol=1e-6)
    assert data.validation is not None
    assert abs(data.scaled(data.validation.x).mean(axis=0)).max() > 1e-3


@pytest.mark.parametrize(("dtype", "given"), [(np.int32, np.int32), (np.uint8, np.int32), (np.int64, np.int64)])
def test_ids_stay_whole_numbers(dtype: Any, given: Any) -> None:
    """A token beyond 2^24 would be another one as float32."""
    tokens = np.array([[0, 3], [2, 1]], dtype)
    found = scaled(tokens, Reading(lookup="Embedding"))
    assert (given, tokens.tolist()) == (found.dtype, found.tolist())


def test_measured_values_that_are_looked_up_stay_as_they_are() -> None:
    """Whole numbers in a float array are nobody's choice of dtype but the user's."""
    found = scaled(np.array([[0.0, 3.0]], np.float32), Reading(lookup="Embedding"))
    assert (np.float32, [[0.0, 3.0]]) == (found.dtype, found.tolist())


def several() -> dict[str, Any]:
    """Measured values, tokens and small pictures."""
    return {
        "numbers": RNG.normal(5, 2, (30, 3)).astype(np.float32),
        "tokens": RNG.integers(0, 40_000, (30, 7)).astype(np.int32),
        "pixels": RNG.integers(0, 256, (30, 4, 4, 3)).astype(np.uint8),
    }


def test_several_inputs_are_scaled_each_for_itself() -> None:
    """Values are standardised, tokens stay, pixels are standardised per channel."""
    x = several()
    data = prepared(x, LOOKED_UP, input_scaling="standard")
    found = data.scaled(x)
    assert {"numbers": np.float32, "tokens": np.int32, "pixels": np.float32} == {k: v.dtype for k, v in found.items()}
    np.testing.assert_allclose(found["numbers"].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_array_equal(x["tokens"], found["tokens"])
    np.testing.assert_allclose(found["pixels"].std(axis=(0, 1, 2)), 1, rtol=1e-5)
    assert data.inputs is None
    assert Untouched.IDS == data.several_inputs["tokens"].untouched


def test_unit_scales_the_pixels_among_several_inputs() -> None:
    """And leaves measured values and tokens alone."""
    x = several()
    found = scaled(x, LOOKED_UP)
    np.testing.assert_array_equal(x["pixels"] / np.float32(255), found["pixels"])
    np.testing.assert_array_equal(x["numbers"], found["numbers"])
    np.testing.assert_array_equal(x["tokens"], found["tokens"])


def test_whole_numbers_that_a_model_does_not_look_up_are_amounts() -> None:
    """They are standardised like all others."""
    x = several()
    found = scaled(x, input_scaling="standard")
    np.testing.assert_allclose(found["tokens"].mean(axis=0), 0, atol=1e-5)


def test_nothing_is_changed_in_place() -> None:
    """The arrays are somebody else's, and are scaled again for every cell."""
    x = several()
    before = {name: array.copy() for name, array in x.items()}
    scaled(x, input_scaling="standard")
    for name, array in before.items():
        np.testing.assert_array_equal(array, x[name])
