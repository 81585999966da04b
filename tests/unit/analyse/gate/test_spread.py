"""Variances that know of one another."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from bench.analyse.gate.spread import KEPT, SPENT, moderated

FREEDOM = np.full(200, 4.0)


def drawn(prior: float, number=200) -> np.ndarray:
    """Variances of normal seeds whose own variances follow a scaled inverse chi-squared distribution around 1."""
    noise = np.random.default_rng(2)
    true = prior / noise.chisquare(prior, number)
    return true * noise.chisquare(4.0, number) / 4.0


def test_half_of_the_prior_counts():
    """The estimate of Smyth's prior: 200 variances, drawn from a prior of 8 degrees of freedom."""
    variance = drawn(8.0)
    added = moderated(variance, FREEDOM, np.zeros(200)).freedom - FREEDOM
    assert added.max() == pytest.approx(KEPT * 8.0, rel=0.5)
    assert np.all(added > 0)


def test_small_variances_are_raised_and_large_ones_kept():
    """A quiet cell by chance is not believed; a loud one is."""
    variance = drawn(8.0)
    value = moderated(variance, FREEDOM, np.zeros(200)).value
    assert np.all(value >= variance)
    assert np.all(value[variance > 2] == variance[variance > 2])
    assert value.min() > 3 * variance.min()


def test_a_cell_unlike_the_others_gets_nothing_from_them():
    """Its degrees of freedom stay its own."""
    variance = np.array([*drawn(1e6, 20), 400.0])
    of = moderated(variance, np.full(21, 4.0), np.zeros(21))
    assert of.value[-1] == 400.0
    assert of.freedom[-1] == pytest.approx(4.0, abs=0.5)


@pytest.mark.parametrize("cells", [1, 2, 3])
def test_few_cells_say_nothing_of_one_another(cells):
    """Variances and degrees of freedom stay as they are."""
    variance = np.array([1.0, 9.0, 4.0])[:cells]
    of = moderated(variance, np.full(cells, 2.0), np.zeros(cells))
    assert (of.value.tolist(), of.freedom.tolist()) == (variance.tolist(), [2.0] * cells)


def test_no_variance_is_below_what_the_test_set_shows():
    """And a cell with one seed has none."""
    of = moderated(np.array([0.0, np.nan, 4.0]), np.array([2.0, 0.0, 2.0]), np.full(3, 0.25))
    assert of.value[0] == 0.25
    assert np.isnan(of.value[1])


def test_equal_variances_have_an_endless_prior():
    """Of which a part counts of what the five others have: half, less what the estimate itself uses up."""
    of = moderated(np.full(6, 2.0), np.full(6, 4.0), np.zeros(6))
    added = KEPT * (1 - SPENT / 6) * 20.0
    assert of.freedom.tolist() == pytest.approx([4.0 + added] * 6)
    centre = 2.0 * np.exp(np.log(2.0) - special.digamma(2.0))
    assert of.value.tolist() == pytest.approx([max(2.0, (added * centre + 4 * 2.0) / (added + 4))] * 6)
