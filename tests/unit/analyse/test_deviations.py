"""What many samples show about their deviations together."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.analyse.deviations import _prior, moderated
from bench.analyse.intervals import Sample


def test_the_prior_of_many_variances_is_found() -> None:
    """20,000 variances with 4 degrees of freedom around 0.09, whose true values have 6: both are estimated."""
    source = np.random.default_rng(0)
    true = 0.09 * 6 / source.chisquare(6, 20_000)
    usual, worth = _prior(true * source.chisquare(4, 20_000) / 4, np.full(20_000, 4.0))

    assert (0.09, 6) == (pytest.approx(usual, rel=0.03), pytest.approx(worth, rel=0.1))


def test_variances_that_are_all_alike_are_pooled() -> None:
    """Nothing says that they differ, so what is usual is their mean, and worth any number of degrees of freedom."""
    variances = np.array([1.0, 1.2, 0.9, 1.1, 0.8])

    assert (1.0, math.inf) == (
        pytest.approx(_prior(variances, np.full(5, 4.0))[0]),
        _prior(variances, np.full(5, 4.0))[1],
    )


def test_moderated_by_hand() -> None:
    """Five alike, two degrees of freedom each: the other four give 8, of which a half counts, with its own 2."""
    stds = np.sqrt([1.0, 1.2, 0.9, 1.1, 0.8])
    variance, freedom = moderated([Sample(3, 90.0, float(std)) for std in stds], trust=0.5)

    assert [6.0] * 5 == freedom.tolist()
    assert (4 * 1.0 + 2 * stds**2) / 6 == pytest.approx(variance)


def test_without_trust_variances_are_their_own() -> None:
    """And where there are too few, or most have two values only."""
    stds = (0.1, 0.2, 0.3, 0.4)
    for samples, trust in (
        ([Sample(3, 90.0, std) for std in stds], 0.0),
        ([Sample(3, 90.0, std) for std in stds[:3]], 1.0),
        ([Sample(2, 90.0, std) for std in stds], 1.0),
    ):
        variance, freedom = moderated(samples, trust)
        assert [one.std**2 for one in samples] == pytest.approx(variance.tolist())
        assert [one.n - 1 for one in samples] == pytest.approx(freedom.tolist(), abs=1e-6)
