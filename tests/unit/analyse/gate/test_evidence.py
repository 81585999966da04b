"""The tests under every verdict, against SciPy's own and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bench.analyse.gate.evidence import bounds, evidence, moments

BASE = [0.981, 0.979, 0.982, 0.980, 0.978, 0.983]
LOWER = [0.970, 0.974, 0.968]


def test_the_more_cautious_of_two_tests_counts():
    """The p-value is the larger of those that SciPy gives for Welch's and for Student's test."""
    found = evidence(moments([BASE]), moments([LOWER]), 0.005)
    expected = max(stats.ttest_ind(LOWER, BASE, equal_var=equal, alternative="less").pvalue for equal in (False, True))
    assert float(found.p_drop[0]) == pytest.approx(expected)
    shifted = [value + 0.005 for value in LOWER]
    expected = max(
        stats.ttest_ind(shifted, BASE, equal_var=equal, alternative="greater").pvalue for equal in (False, True)
    )
    assert float(found.p_inferior[0]) == pytest.approx(expected)


@pytest.mark.parametrize("level", [0.05, 0.0167])
def test_bound_and_p_value_say_the_same(level):
    """A lower bound above -margin is a p-value below the level, at every margin."""
    base, current = moments([BASE]), moments([LOWER])
    low, high = bounds(base, current, level)
    assert low[0] < np.mean(LOWER) - np.mean(BASE) < high[0]
    for shift in (-1e-6, 1e-6):
        p = evidence(base, current, -float(low[0]) + shift).p_inferior[0]
        assert (p < level) == (shift > 0)


def test_without_deviation_means_compare_exactly():
    """Equal seeds on both sides: no test could be made, and none is needed."""
    base = moments([[0.9, 0.9, 0.9]] * 4)
    current = moments([[0.9] * 3, [0.9 - 1e-9] * 3, [0.895] * 3, [0.9 + 1e-9] * 3])
    found = evidence(base, current, 0.005)
    assert [1.0, 0.0, 0.0, 1.0] == found.p_drop.tolist()
    assert [1.0, 1.0, 1.0, 0.0] == found.p_gain.tolist()
    assert [0.0, 0.0, 0.0] == found.p_inferior[[0, 1, 3]].tolist()
    low, high = bounds(base, current, 0.05)
    assert found.difference.tolist() == low.tolist() == high.tolist()


def test_one_seed_is_no_evidence():
    """Neither for a drop nor against one."""
    found = evidence(moments([BASE, [0.98]]), moments([[0.5], LOWER]), 0.005)
    assert np.all(found.p_drop == 1)
    assert np.all(found.p_inferior == 1)
    low, high = bounds(moments([BASE]), moments([[0.5]]), 0.05)
    assert np.isneginf(low[0])
    assert np.isposinf(high[0])


def test_deviation_on_one_side_is_enough():
    """The other side may be the same for every seed."""
    found = evidence(moments([BASE]), moments([[0.97, 0.97, 0.97]]), 0.005)
    assert 0 < found.p_drop[0] < 0.01
