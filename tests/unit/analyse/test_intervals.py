"""Intervals against published examples and hand calculations."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from bench.analyse.intervals import (
    Sample,
    difference_interval,
    mean_interval,
    prediction_interval,
    proportion_interval,
    sample,
)

NEWCOMBE = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]


@pytest.mark.parametrize(("hits", "total", "low", "high"), NEWCOMBE)
def test_wilson_matches_the_literature(hits: int, total: int, low: float, high: float) -> None:
    """The examples of Newcombe, Statistics in Medicine 17 (1998), table I, method 3, come out to the printed digit."""
    interval = proportion_interval(hits, total)

    assert (low, high) == (round(interval.low, 4), round(interval.high, 4))


def test_mean_interval_matches_nist() -> None:
    """The ZARR13.DAT example of the NIST e-Handbook, section 1.3.5.2, comes out to its printed digits."""
    interval = mean_interval(Sample(195, 9.261460, 0.02278881))

    assert (9.258242, 9.264679) == pytest.approx((interval.low, interval.high), abs=1.5e-6)


def test_prediction_interval_by_hand() -> None:
    """For 1 to 5, a further value is expected within 3 +/- 2.776445 * 1.581139 * sqrt(1.2)."""
    interval = prediction_interval(sample([1.0, 2.0, 3.0, 4.0, 5.0]))

    assert (-1.808948, 7.808948) == pytest.approx((interval.low, interval.high), abs=1e-5)


def test_difference_interval_agrees_with_scipy() -> None:
    """Welch's interval from sample statistics is the one SciPy computes from the values."""
    first, second = [0.981, 0.9824, 0.9801], [0.925, 0.9262, 0.9244, 0.9259, 0.931]
    expected = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)

    interval = difference_interval(sample(first), sample(second))

    assert (expected.low, expected.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_one_value_gives_no_interval() -> None:
    """A single seed has no deviation, so nothing that rests on one is known."""
    one, two = sample([0.98]), sample([0.97, 0.98])

    assert not any(i.known for i in (mean_interval(one), prediction_interval(one), difference_interval(one, two)))
    assert not mean_interval(one).holds(0.98)


def test_no_image_gives_no_proportion() -> None:
    """An empty test set has no error rate, rather than a division by zero."""
    assert not proportion_interval(0, 0).known


def test_equal_seeds_have_exactly_no_deviation() -> None:
    """Rounding in a mean of equal accuracies does not invent a deviation."""
    assert Sample(3, 0.9811, 0.0) == sample([0.9811] * 3)


def test_two_samples_without_deviation_differ_for_certain() -> None:
    """Trainings that give the same accuracy for every seed differ by an interval of no width."""
    interval = difference_interval(sample([0.9, 0.9]), sample([0.75, 0.75]))

    assert interval.low == interval.high == pytest.approx(0.15)


def test_an_empty_sample_is_unknown() -> None:
    """No values have neither mean nor deviation."""
    nothing = sample([])

    assert nothing.n == 0
    assert math.isnan(nothing.mean)
    assert math.isnan(nothing.std)
