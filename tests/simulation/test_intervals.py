"""How often a 95 % interval of a mean holds it, where accuracies move in steps of a test set.

Seeds are normal and rounded to steps of 1/360, their latent mean anywhere between two steps; at 100 % they are clipped.
What an interval has to hold is the mean over ever more seeds: that of the rounded and clipped values.
"""

from __future__ import annotations

import numpy as np
import pytest
from grids import significantly_above
from scipy import special

from bench.analyse.intervals import mean_interval, prediction_interval, score_sample
from bench.core.score import ACCURACY

IMAGES = 360
DEVIATIONS = (0.05, 0.2, 0.5, 1.0, 3.0)
"""Of a seed, in steps."""
PLACES = {"anywhere": None, "below 100 %": -1.0, "near 100 %": -0.5, "at 100 %": 0.0, "above 100 %": 0.5}
"""Where the latent mean lies: in deviations from 100 %; None between two steps far from it."""


def drawn(number: int, seeds: int, std: float, place: float | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Right answers (number, seeds), their expected mean (number,) and one further seed (number,)."""
    source = np.random.default_rng(seeds)
    centre = 324 + source.uniform(0, 1, number) if place is None else np.full(number, IMAGES + place * std)
    values = np.round(centre[:, None] + std * source.standard_normal((number, seeds + 1)))
    steps = np.arange(IMAGES - 80, IMAGES + 40)
    chance = np.diff(special.ndtr((steps + 0.5 - centre[:, None]) / std), axis=1, prepend=0)
    expected = (chance * np.minimum(steps, IMAGES)).sum(axis=1)
    values = np.minimum(values, IMAGES)
    return values[:, :-1], expected, values[:, -1]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("std", DEVIATIONS)
@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_a_95_percent_interval_holds_the_mean_in_93(counted, seeds, std, place):
    """And none is without width."""
    values, expected, _ = drawn(counted.grids, seeds, std, PLACES[place])
    intervals = [mean_interval(score_sample(list(row / IMAGES), ACCURACY, IMAGES)).clipped(0, 1) for row in values]
    missed = sum(not one.holds(mean / IMAGES) for one, mean in zip(intervals, expected, strict=True))
    counted(f"interval misses the mean, {seeds} seeds, deviation {std} steps, {place}", missed, 0.07)
    assert all(one.low < one.high for one in intervals)
    assert not significantly_above(missed, counted.grids, 0.07)


@pytest.mark.parametrize("std", DEVIATIONS)
@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_a_95_percent_prediction_holds_one_further_seed_in_93(counted, seeds, std):
    """Which is what a published figure is compared with."""
    values, _, further = drawn(counted.grids, seeds, std, None)
    samples = [score_sample(list(row / IMAGES), ACCURACY, IMAGES) for row in values]
    missed = sum(not prediction_interval(one).holds(seed / IMAGES) for one, seed in zip(samples, further, strict=True))
    counted(f"prediction misses a seed, {seeds} seeds, deviation {std} steps", missed, 0.07)
    assert not significantly_above(missed, counted.grids, 0.07)


def test_without_a_floor_these_tests_would_fail():
    """Student's interval as it is: of three seeds with a deviation of half a step it holds the mean in 73 %."""
    values, expected, _ = drawn(2_000, 3, 0.5, None)
    held = sum(
        mean_interval(score_sample(list(row), ACCURACY, 0)).holds(mean)
        for row, mean in zip(values / IMAGES, expected / IMAGES, strict=True)
    )
    assert 0.6 < held / 2_000 < 0.85
