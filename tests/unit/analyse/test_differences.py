"""Whether two samples differ: against SciPy, one pair and many."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from bench.analyse.differences import Difference, comparable, differences, differing
from bench.analyse.intervals import Sample, sample

FIRST, SECOND = [0.981, 0.9824, 0.9801], [0.925, 0.9262, 0.9244, 0.9259, 0.931]


def alone(first: Sample, second: Sample) -> Difference:
    (one,) = differences([(first, second)])
    return one


@pytest.mark.parametrize(
    ("first", "second"), [(FIRST, SECOND), (SECOND, FIRST), ([0.9, 0.93, 0.96, 0.99], [0.8, 0.801])]
)
def test_the_more_cautious_of_welch_and_student_counts(first: list[float], second: list[float]) -> None:
    """Both from SciPy: the larger p, the wider interval."""
    both = [stats.ttest_ind(first, second, equal_var=equal) for equal in (True, False)]
    reaches = [test.confidence_interval(0.95).high - test.confidence_interval(0.95).low for test in both]
    one = alone(sample(first), sample(second))

    assert max(test.pvalue for test in both) == pytest.approx(one.p, rel=1e-6)
    assert max(reaches) == pytest.approx(one.interval.high - one.interval.low, rel=1e-9)
    assert np.mean(first) - np.mean(second) == pytest.approx((one.interval.low + one.interval.high) / 2)


def test_the_interval_is_for_all_pairs_together() -> None:
    """Two pairs, each at 97.5 %."""
    pairs = [(sample(FIRST), sample(SECOND)), (sample(SECOND), sample(FIRST))]
    expected = stats.ttest_ind(FIRST, SECOND).confidence_interval(0.975)

    one, other = differences(pairs)
    assert (expected.low, expected.high) == pytest.approx((one.interval.low, one.interval.high))
    assert (-expected.high, -expected.low) == pytest.approx((other.interval.low, other.interval.high))


def test_equal_values_are_not_taken_for_certain() -> None:
    """324 of 360 three times against 323 three times: half a step each, so t is 1 / (0.5 * sqrt(2 / 3)) = 2.449."""
    first, second = (sample([right / 360] * 3, step=1 / 360) for right in (324, 323))

    assert 2 * stats.t.sf(math.sqrt(6), 4) == pytest.approx(alone(first, second).p)
    assert alone(first, second).interval.holds(0)
    assert alone(sample([0.9] * 3), sample([0.8] * 3)).p == 0, "only where no step is known"
    assert alone(sample([0.9] * 3), sample([0.9] * 3)).p == 1


def test_one_value_cannot_be_compared() -> None:
    """It is never significant, no interval is known, and it counts for no correction."""
    one, pair = Sample(1, 0.5, math.nan), (sample(FIRST), sample(SECOND))

    assert not comparable(one, sample(SECOND))
    nothing, other = differences([(one, sample(SECOND)), pair])
    assert (1.0, False) == (nothing.p, nothing.interval.known)
    assert alone(*pair) == other


def test_many_pairs_have_one_error_rate() -> None:
    """A p-value of 0.04 is enough alone, and not among three; a pair of single values does not count."""
    close = (sample([0.0, 0.1, -0.1, 0.05]), sample([0.16, 0.26, 0.06, 0.21]))
    far, same = (sample(FIRST), sample(SECOND)), (sample(FIRST), sample(FIRST))
    single = (sample([0.1]), sample([0.9]))

    assert 0.025 < alone(*close).p < 0.05
    assert (True,) == differing([close])
    assert (True, False) == differing([close, single])
    # Holm: the far pair is tested at 0.05 / 2, then the close one at 0.05
    assert (True, True) == differing([far, close])
    assert (False, False) == differing([close, same])
    assert () == differing([])


def test_many_pairs_lend_each_other_their_deviation() -> None:
    """One of 60 cells lost a point at a deviation of a quarter, three seeds a side: its own seeds do not show it."""
    source = np.random.default_rng(4)
    values = source.normal(90, 0.25, (60, 2, 3))
    values[0, 1] -= 1
    flags = differing([(sample(list(before)), sample(list(now))) for before, now in values])

    assert (True, *[False] * 59) == flags
    assert stats.ttest_ind(*values[0]).pvalue > 0.05 / 60
