"""Equivalent, different or neither: against SciPy, one comparison and many."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from bench.analyse.equivalence import Equivalence, Likeness, Sides, equivalences

FIRST = {1: 0.981, 2: 0.9824, 3: 0.9801, 4: 0.9817}
SECOND = {1: 0.9806, 2: 0.9827, 3: 0.9797, 4: 0.9811}
SIDES = Sides(first=FIRST, second=SECOND, margin=0.002)


def alone(sides: Sides) -> Equivalence:
    """What one comparison says."""
    (one,) = equivalences([sides])
    return one


def test_equal_seeds_are_compared_in_pairs() -> None:
    """Both one-sided tests and the interval are SciPy's of one sample of differences."""
    pairs = np.array([SECOND[seed] - FIRST[seed] for seed in FIRST])
    low = stats.ttest_1samp(pairs, -0.002, alternative="greater").pvalue
    high = stats.ttest_1samp(pairs, 0.002, alternative="less").pvalue
    interval = stats.ttest_1samp(pairs, 0).confidence_interval(0.95)
    said = alone(SIDES)
    assert max(low, high) == pytest.approx(said.p_equivalent)
    assert (interval.low, interval.high) == pytest.approx((said.interval.low, said.interval.high))
    assert (Likeness.EQUIVALENT, 4, pairs.mean()) == (said.likeness, said.pairs, pytest.approx(said.difference))


def test_seeds_that_are_not_shared_take_no_part_in_pairs() -> None:
    """A seed of one side alone changes nothing."""
    assert alone(SIDES) == alone(replace(SIDES, second={**SECOND, 9: 0.5}))


@pytest.mark.parametrize("second", [{11: 0.9806, 12: 0.9827, 13: 0.9797}, {11: 0.95, 12: 0.99, 13: 0.97}])
def test_other_seeds_are_compared_as_groups_by_the_more_cautious_test(second: dict[int, float]) -> None:
    """Of Welch's t and Student's."""
    values = list(second.values()), list(FIRST.values())
    p, reach = 0.0, 0.0
    for equal in (True, False):
        shifted = [value - 0.01 for value in values[0]], [value + 0.01 for value in values[0]]
        above = stats.ttest_ind(shifted[1], values[1], equal_var=equal, alternative="greater").pvalue
        below = stats.ttest_ind(shifted[0], values[1], equal_var=equal, alternative="less").pvalue
        interval = stats.ttest_ind(*values, equal_var=equal).confidence_interval(0.95)
        p, reach = max(p, above, below), max(reach, (interval.high - interval.low) / 2)
    said = alone(Sides(first=FIRST, second=second, margin=0.01))
    assert p == pytest.approx(said.p_equivalent)
    assert reach == pytest.approx((said.interval.high - said.interval.low) / 2)
    assert (0, p <= 0.05) == (said.pairs, said.likeness is Likeness.EQUIVALENT)


def test_a_difference_beyond_the_margin_is_different() -> None:
    """And one within it that is certain is equivalent: it does not matter."""
    lower = {seed: value - 0.01 for seed, value in SECOND.items()}
    assert Likeness.DIFFERENT is alone(replace(SIDES, second=lower)).likeness
    certain = alone(replace(SIDES, second=lower, margin=0.02))
    assert (Likeness.EQUIVALENT, True) == (certain.likeness, certain.interval.high < 0)


def test_the_error_is_shared_by_all_comparisons() -> None:
    """The interval of each of five is at 99 %; a comparison that cannot be made takes no share."""
    pairs = np.array([SECOND[seed] - FIRST[seed] for seed in FIRST])
    several = equivalences([*[SIDES] * 5, replace(SIDES, second={1: 0.9})])
    assert stats.ttest_1samp(pairs, 0).confidence_interval(0.99).high == pytest.approx(several[0].interval.high)
    assert (Likeness.OPEN, False) == (several[5].likeness, several[5].interval.known)


def test_what_is_equivalent_alone_need_not_be_among_many() -> None:
    """A claim about all of them has to be surer of each."""
    one = replace(SIDES, margin=0.00085)
    assert Likeness.EQUIVALENT is alone(one).likeness
    assert {Likeness.OPEN} == {said.likeness for said in equivalences([one] * 8)}


def test_equal_values_deviate_by_what_the_test_set_can_show() -> None:
    """Four equal pairs on 100 examples may differ by a point; of 10,000 examples they are equivalent."""
    same = Sides(first=FIRST, second=FIRST, margin=0.005, step=0.01)
    assert Likeness.OPEN is alone(same).likeness
    assert Likeness.EQUIVALENT is alone(replace(same, step=0.0001)).likeness
    reach = stats.t.ppf(0.975, 3) * 0.01 / math.sqrt(2) / 2
    assert reach == pytest.approx(alone(same).interval.high)


def test_without_a_margin_nothing_is_equivalent() -> None:
    """But it may be different."""
    said = alone(replace(SIDES, margin=None))
    assert (Likeness.OPEN, 1.0) == (said.likeness, said.p_equivalent)
    lower = {seed: value - 0.01 for seed, value in SECOND.items()}
    assert Likeness.DIFFERENT is alone(replace(SIDES, second=lower, margin=None)).likeness


@pytest.mark.parametrize("second", [{}, {1: 0.98}, {7: 0.98}])
def test_fewer_than_two_values_say_nothing(second: dict[int, float]) -> None:
    """No deviation can be measured."""
    said = alone(replace(SIDES, second=second))
    assert (Likeness.OPEN, False, 1.0) == (said.likeness, said.interval.known, said.p_equivalent)
