"""What is done to inputs follows their values and what the model does with them."""

from __future__ import annotations

from typing import Any

import pytest

from bench.catalog.datasets import DataFacts
from bench.execute.inputs import PLAIN_READING, Reading, full_scale, input_record
from bench.record.treatment import InputRecord, Untouched


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
