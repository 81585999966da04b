"""Intervals against published examples and hand calculations."""

from __future__ import annotations

import math

import pytest

from bench.analyse.intervals import (
    Sample,
    mean_interval,
    prediction_interval,
    proportion_interval,
    sample,
    score_sample,
)
from bench.core.score import ACCURACY
from bench.core.scores import SCORES

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


def test_one_value_gives_no_interval() -> None:
    """A single seed has no deviation, so nothing that rests on one is known."""
    one = sample([0.98], 1 / 360)

    assert not any(i.known for i in (mean_interval(one), prediction_interval(one)))
    assert not mean_interval(one).holds(0.98)


def test_no_image_gives_no_proportion() -> None:
    """An empty test set has no error rate, rather than a division by zero."""
    assert not proportion_interval(0, 0).known


def test_equal_seeds_have_exactly_no_deviation() -> None:
    """Rounding in a mean of equal accuracies does not invent a deviation."""
    assert Sample(3, 0.9811, 0.0) == sample([0.9811] * 3)


def test_equal_seeds_have_an_interval_of_half_a_step() -> None:
    """Three times 324 of 360: t(2) is 4.302653, so the mean lies within 4.302653 * 0.5 / sqrt(3) = 1.242 steps."""
    interval = mean_interval(score_sample([324 / 360] * 3, ACCURACY, 360))

    assert (324 - 1.24206, 324 + 1.24206) == pytest.approx((360 * interval.low, 360 * interval.high), abs=1e-4)


def test_values_at_a_bound_have_three_times_that() -> None:
    """Three times 360 of 360: 3.726 steps below, and clipped at 100 % by who prints it."""
    values = score_sample([1.0] * 3, ACCURACY, 360)

    assert 360 - 3 * 1.24206 == pytest.approx(360 * mean_interval(values).low, abs=1e-4)
    assert (0.0, 1 / 720, 1.5 / 360) == (values.std, values.spread, values.spread_alone)


def test_a_deviation_above_the_floor_is_taken_as_it_is() -> None:
    """The floor changes nothing where seeds deviate."""
    reached = [0.9, 0.92, 0.95]

    assert mean_interval(score_sample(reached, ACCURACY, 360)) == mean_interval(sample(reached))


def test_a_score_without_bounds_moves_in_steps_of_float32() -> None:
    """Of 41.2 a step is 41.2 * 2^-23; an error of 0 is at its bound."""
    mae = SCORES["mean_absolute_error"]
    values = score_sample([41.2] * 3, mae, 360)

    assert 41.2 * 2**-24 == values.spread
    assert mean_interval(values).low < 41.2 < mean_interval(values).high
    assert score_sample([0.0, 0.1], mae, 360).at_bound


def test_an_empty_sample_is_unknown() -> None:
    """No values have neither mean nor deviation."""
    nothing = sample([])

    assert nothing.n == 0
    assert math.isnan(nothing.mean)
    assert math.isnan(nothing.std)
