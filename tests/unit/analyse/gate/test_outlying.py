"""Single seeds far below every accepted one."""

from __future__ import annotations

import numpy as np
import pytest

from bench.analyse.gate.decision import Call, Rates, decided
from bench.analyse.gate.outlying import SMALL_SAMPLES, TO_DEVIATION, outlying
from bench.analyse.gate.samples import Samples

MARGIN = 0.5


def samples(base, current) -> Samples:
    """No seed is on both sides; values are in points, in steps of a hundredth."""
    base, current = np.asarray(base, dtype=float), np.asarray(current, dtype=float)
    return Samples(
        np.concatenate([base, np.full_like(current, np.nan)], axis=-1),
        np.concatenate([np.full_like(base, np.nan), current], axis=-1),
        np.ones(base.shape[-1] + current.shape[-1], dtype=np.int64),
        np.full(base.shape[0], 0.01),
    )


def drawn(cells: int, seeds: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(90.0, 0.3, (cells, seeds))


def test_one_collapsed_seed_is_red_by_itself():
    """No test of means sees it: it raises the deviation more than it lowers the mean."""
    current = drawn(4, 5, 2)
    current[1, 3] = 10.0
    of = samples(drawn(4, 10, 1), current)
    decision = decided(of, np.full(4, MARGIN), Rates(0.01))
    assert decision.outlying.tolist() == [False, True, False, False]
    assert decision.calls[1] == Call.REGRESSED
    assert decision.stands.p_drop[1] > 0.05


@pytest.mark.parametrize("gap", [0.3, 1.0, 1.9])
def test_a_seed_within_four_margins_is_not(gap):
    """However quiet the accepted seeds are."""
    of = samples([[90.0, 90.01, 89.99, 90.0, 90.0, 90.01]], [[90.0, 90.0, 90.0 - gap]])
    assert not outlying(of, np.array([MARGIN]), 0.001).red.any()


def test_three_accepted_seeds_of_one_cell_cannot_tell():
    """Their deviation is known so badly that 60 points are 200 deviations, and still no proof."""
    of = samples([[90.0, 90.3, 89.7]], [[90.0, 90.1, 89.9]])
    assert not outlying(of, np.array([MARGIN]), 0.001).red.any()


def test_accepted_seeds_that_collapse_too_make_it_usual():
    """One of 50 accepted seeds and one of 25 current ones is no news; eight of 25 are."""
    base, current = drawn(5, 10, 1), drawn(5, 5, 2)
    base[4, 0] = current[0, 0] = 10.0
    assert not outlying(samples(base, current), np.full(5, MARGIN), 0.001).red.any()
    current[:, :2] = 10.0
    red = outlying(samples(base, current), np.full(5, MARGIN), 0.001).red
    assert red.tolist() == [True, True, True, True, False]


def test_a_cell_that_collapsed_whole_may_be_chance_where_seeds_collapse():
    """At the accepted rate of 1 in 10, three of three collapse once in 1,000 cells."""
    base, current = drawn(10, 3, 1), drawn(10, 3, 2)
    base[7:, 0] = 10.0
    current[0] = 10.0
    single = outlying(samples(base, current), np.full(10, MARGIN), 0.001)
    assert single.p_drop[0] == pytest.approx(0.001)
    assert single.p_drop[1:].tolist() == [0.0] * 9
    assert single.p_gain.tolist() == pytest.approx([0.0] * 7 + [0.271] * 3)
    assert decided(samples(base, current), np.full(10, MARGIN), Rates(0.01)).calls[0] != Call.REGRESSED


def test_one_accepted_seed_says_nothing():
    """Nothing is known of how far its seeds lie apart."""
    of = samples([[90.0]], [[10.0, 10.0, 10.0]])
    assert not outlying(of, np.array([MARGIN]), 0.001).red.any()


@pytest.mark.parametrize("seeds", [2, 3, 4, 5, 7, 10, 20])
def test_twenty_deviations_are_twenty_whatever_the_number_of_seeds(seeds):
    """The median over cells of what few seeds make of a deviation of 1."""
    values = np.random.default_rng(1).standard_normal((20_000, seeds))
    distances = np.median(np.abs(values - np.median(values, axis=1, keepdims=True)), axis=1)
    few = SMALL_SAMPLES.get(seeds, 1 + 1.3 / seeds)
    assert np.median(TO_DEVIATION * few * distances) == pytest.approx(1, abs=0.03)


def test_a_seed_that_may_be_chance_bars_its_cell_from_passing():
    """Three accepted seeds cannot tell whether it is, and a cell with it is not green."""
    of = samples([[90.0, 90.3, 89.7]], [[90.0, 90.1, 89.9, 90.2, 60.0]])
    single = outlying(of, np.array([MARGIN]), 1e-6)
    assert (single.red.tolist(), single.suspect.tolist()) == ([False], [True])
    wide = decided(of, np.array([40.0]), Rates(0.01))
    assert (wide.calls[0], wide.barred[0]) == (Call.PASS, False)
    assert decided(of, np.array([MARGIN]), Rates(0.01)).calls[0] != Call.PASS
