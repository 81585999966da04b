"""Friedman's and Nemenyi's tests: by hand, beside scipy, and beside the numbers of Demsar 2006."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from bench.analyse.critical_difference import ALPHA, critical_difference, ranking
from bench.core.score import ACCURACY
from bench.core.scores import SCORES

FOUR = np.array([[0.9, 0.8, 0.7, 0.6], [0.9, 0.8, 0.6, 0.7], [0.9, 0.7, 0.8, 0.6]] * 4)
"""Ranks by hand: a is always 1; b 2, 2, 3; c 3, 4, 2; d 4, 3, 4."""


def test_the_quantiles_are_those_of_demsars_table() -> None:
    """Demsar 2006, table 5 (a), q at 0.05 for 2 to 10 classifiers; printed to three digits."""
    table = (1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164)

    assert table == pytest.approx(
        tuple(critical_difference(k, 1) / math.sqrt(k * (k + 1) / 6) for k in range(2, 11)), abs=1.5e-3
    )


def test_the_worked_example_of_demsar() -> None:
    """Four classifiers on 14 data sets: 2.569 * sqrt(4 * 5 / (6 * 14)) is 1.25 (Demsar 2006, section 3.2.4)."""
    assert 1.25 == round(critical_difference(4, 14), 2)


def test_ranks_by_hand() -> None:
    """Average ranks are 1, 7/3, 3 and 11/3; chi-squared is 12 * 12 / 20 * (2.25 + 1/36 + 1/4 + 49/36) = 28."""
    found = ranking(("a", "b", "c", "d"), FOUR, ACCURACY)

    assert ("a", "b", "c", "d") == found.treatments
    assert (1, 7 / 3, 3, 11 / 3) == pytest.approx(found.ranks)
    assert (28, 12) == (pytest.approx(found.statistic), found.blocks)
    assert 2.569 * math.sqrt(20 / 72) == pytest.approx(found.critical_difference, abs=1e-3)
    # 1.354 apart: a from c and d but not from b, b not from d (1.333)
    assert ((0, 1), (1, 3)) == found.groups
    assert ("c", "d") == found.behind(0)
    assert () == found.behind(1)


@pytest.mark.parametrize("ties", [False, True], ids=["no ties", "ties"])
@pytest.mark.parametrize(("blocks", "k"), [(8, 3), (14, 4), (30, 7), (60, 20)])
def test_the_statistic_and_p_are_scipys(blocks: int, k: int, *, ties: bool) -> None:
    """Whatever the accuracies, with ties and without, chi-squared and p are those of scipy.stats.friedmanchisquare."""
    accuracies = np.random.default_rng(blocks).uniform(0.9, 0.99, (blocks, k)) + np.linspace(0, 0.03, k)
    accuracies = accuracies.round(2) if ties else accuracies
    expected = stats.friedmanchisquare(*accuracies.T)

    found = ranking([str(number) for number in range(k)], accuracies, ACCURACY)

    assert expected.statistic == pytest.approx(found.statistic)
    assert expected.pvalue == pytest.approx(found.p)
    ranks = stats.rankdata(-accuracies, axis=1).mean(axis=0)
    assert sorted(ranks) == pytest.approx(list(found.ranks))


def test_ties_share_their_ranks() -> None:
    """Equal accuracies get the mean of their ranks, and so do means that differ in the last bit only."""
    found = ranking(("a", "b", "c"), np.array([[0.1 + 0.2, 0.3, 0.5]] * 12), ACCURACY)

    assert (1, 2.5, 2.5) == found.ranks
    assert ("c", "a", "b") == found.treatments
    assert ((1, 2),) == found.groups


def test_all_equal_is_no_difference() -> None:
    """Without any difference the statistic is 0, p is 1 and nobody is ahead."""
    found = ranking(("a", "b", "c"), np.full((12, 3), 0.9), ACCURACY)

    assert (0, 1, (2, 2, 2), ((0, 2),)) == (found.statistic, found.p, found.ranks, found.groups)
    assert not found.differ
    assert () == found.behind(0)


def test_nemenyi_says_nothing_where_friedman_finds_nothing() -> None:
    """The first is 7 ranks ahead of the last, the critical difference is 6.99, but all twenty are within chance."""
    others = [rank for rank in range(1, 21) if rank not in {7, 14}]
    rows = -np.array([[7, 14, *others[turn:], *others[:turn]] for turn in range(18)], dtype=float)

    found = ranking([str(number) for number in range(20)], rows, ACCURACY)

    assert (7, 14) == (found.ranks[0], found.ranks[-1])
    assert found.ranks[-1] - found.ranks[0] > found.critical_difference
    assert 12 * 18 / 420 * 2 * 3.5**2 == pytest.approx(found.statistic)
    assert found.p > ALPHA
    assert () == found.behind(0)


@pytest.mark.parametrize("k", [2, 3, 9, 20, 21])
@pytest.mark.parametrize("blocks", [2, 3, 30])
def test_only_what_can_come_to_a_conclusion_is_ranked(blocks: int, k: int) -> None:
    """Three to twenty treatments, over as many blocks as it takes for the critical difference to be within reach."""
    found = ranking([str(number) for number in range(k)], np.tile(np.linspace(0.9, 0.8, k), (blocks, 1)), ACCURACY)

    assert (3 <= k <= 20 and critical_difference(k, blocks) < k - 1) is (found is not None)


def test_under_the_null_five_in_a_hundred_are_found() -> None:
    """Over all 216 equally likely rank tables of 3 x 3, the share that Friedman's test calls different is at most 5 %.

    Three blocks are the least that is ranked at all; there the chi-squared approximation is the worst.
    """
    orders = list(product(((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)), repeat=3))

    found = sum(ranking(("a", "b", "c"), np.array(rows, dtype=float), ACCURACY).differ for rows in orders)

    assert 0 < found <= ALPHA * len(orders)


def test_rank_1_is_the_best_in_either_direction() -> None:
    """Of the same values as errors the last treatment is always first."""
    falling = ranking(("a", "b", "c"), np.array([[0.9, 0.8, 0.7]] * 12), ACCURACY)
    rising = ranking(("a", "b", "c"), np.array([[0.9, 0.8, 0.7]] * 12), SCORES["mean_absolute_error"])

    assert (("a", "b", "c"), ("c", "b", "a")) == (falling.treatments, rising.treatments)
    assert falling.ranks == rising.ranks == (1, 2, 3)


def test_large_values_that_differ_in_the_last_bit_only_share_a_rank() -> None:
    """What is equal does not depend on the unit."""
    found = ranking(("a", "b", "c"), np.array([[3e8 + 6e-8, 3e8, 5e8]] * 12), SCORES["mean_absolute_error"])

    assert (1.5, 1.5, 3) == found.ranks
