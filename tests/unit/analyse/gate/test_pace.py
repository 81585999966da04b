"""Training time beside the baseline's."""

from __future__ import annotations

import numpy as np
import pytest

from bench.analyse.gate.pace import compare_times, ratio_of_times
from bench.record.evidence import Obstacle, Pace

BEFORE = [1.0, 1.02, 0.98, 1.01, 0.99]


@pytest.mark.parametrize(
    ("factor", "pace"), [(1.0, Pace.KEPT), (1.1, Pace.KEPT), (1.26, Pace.UNCLEAR), (1.5, Pace.SLOWER), (0.5, Pace.KEPT)]
)
def test_the_interval_of_the_ratio_decides(factor, pace):
    """Slower where all of it is above the margin, kept where none of it is."""
    found = compare_times(BEFORE, [factor * time for time in BEFORE], 1.25)
    assert pace is found.pace, found.reason
    assert found.ratio == pytest.approx(factor)
    assert found.low <= found.ratio <= found.high


def test_few_times_are_not_compared():
    """Two trials that ran alone say nothing about how far times lie apart."""
    found = compare_times(BEFORE, [3.0, 3.0], 1.25)
    assert Pace.NOT_COMPARABLE is found.pace
    assert (Obstacle.FEW_CURRENT, "2") == (found.obstacle, found.current)


def test_the_order_of_times_does_not_matter():
    """A ratio of equal times is 1, with an interval around it."""
    found = compare_times(BEFORE, BEFORE[::-1], 1.25)
    assert found == compare_times(BEFORE[::-1], BEFORE, 1.25)
    assert pytest.approx(1) == found.ratio


def test_the_interval_is_the_t_interval_of_mean_logarithms():
    """Against the textbook: Student's and Welch's with 4 and 2 seeds of equal deviation, the wider counts."""
    before, now = [1.0, 1.1, 1.21], [2.0, 2.2, 2.42]
    deviation, t_of_4 = np.log(1.1), 2.776445  # equal deviations and numbers: both are one
    reach = t_of_4 * deviation * np.sqrt(2 / 3)
    found = ratio_of_times([(before, now)])
    assert (found.low, found.value, found.high) == pytest.approx((2 * np.exp(-reach), 2, 2 * np.exp(reach)))
    steady = ratio_of_times([(before, [2.2, 2.2, 2.2])])
    t_of_2 = 4.302653  # all the deviation is of one side: Welch's, with 2 degrees of freedom
    assert steady.high / steady.value == pytest.approx(np.exp(t_of_2 * deviation / np.sqrt(3)), rel=1e-4)


def test_times_without_any_deviation_have_an_interval_all_the_same():
    """Baselines keep microseconds: three equal times of 20 microseconds may be up to half a microsecond apart."""
    found = ratio_of_times([([2e-5] * 3, [2e-5] * 3)])
    assert found.low < 0.99
    assert found.high > 1.01
    assert ratio_of_times([([1.0] * 3, [1.0] * 3)]).high < 1.000_01


def test_several_cells_are_averaged_by_their_logarithms():
    """Twice as long and half as long are even, and their interval is narrower than either's."""
    slower, faster = (BEFORE, [2 * time for time in BEFORE]), (BEFORE, [time / 2 for time in BEFORE])
    found = ratio_of_times([slower, faster])
    assert pytest.approx(1) == found.value
    assert found.low < 1 < found.high
    single = ratio_of_times([slower])
    assert pytest.approx(2) == single.value
    assert found.high / found.low < single.high / single.low
    assert found == ratio_of_times([slower, faster])
