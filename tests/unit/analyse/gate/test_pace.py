"""Training time beside the baseline's."""

from __future__ import annotations

import pytest

from bench.analyse.gate.pace import compare_times, ratio_of_medians
from bench.record.verdicts import Obstacle, Pace

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


def test_equal_times_give_equal_intervals():
    """The resamples are drawn from a fixed source."""
    assert compare_times(BEFORE, BEFORE[::-1], 1.25) == compare_times(BEFORE, BEFORE[::-1], 1.25)


def test_several_cells_are_averaged_by_their_logarithms():
    """Twice as long and half as long are even, and their interval is narrower than either's."""
    slower, faster = (BEFORE, [2 * time for time in BEFORE]), (BEFORE, [time / 2 for time in BEFORE])
    found = ratio_of_medians([slower, faster])
    assert pytest.approx(1) == found.value
    assert found.low < 1 < found.high
    single = ratio_of_medians([slower])
    assert pytest.approx(2) == single.value
    assert found.high / found.low < single.high / single.low
    assert found == ratio_of_medians([slower, faster])
