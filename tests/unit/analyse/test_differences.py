"""Whether two samples differ: beside SciPy, one pair and many."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from bench.analyse.differences import comparable, difference_interval, difference_p, differing
from bench.analyse.intervals import Sample, sample

FIRST, SECOND = [0.981, 0.9824, 0.9801], [0.925, 0.9262, 0.9244, 0.9259, 0.931]


@pytest.mark.parametrize(
    ("first", "second"), [(FIRST, SECOND), (SECOND, FIRST), ([0.9, 0.93, 0.96, 0.99], [0.8, 0.801])]
)
def test_the_more_cautious_of_welch_and_student_counts(first: list[float], second: list[float]) -> None:
    """Both from SciPy: the larger p, the wider interval."""
    both = [stats.ttest_ind(first, second, equal_var=equal) for equal in (True, False)]
    reaches = [test.confidence_interval(0.99).high - test.confidence_interval(0.99).low for test in both]
    interval = difference_interval(sample(first), sample(second), 0.99)

    assert max(test.pvalue for test in both) == pytest.approx(difference_p(sample(first), sample(second)), rel=1e-6)
    assert max(reaches) == pytest.approx(interval.high - interval.low, rel=1e-9)
    assert np.mean(first) - np.mean(second) == pytest.approx((interval.low + interval.high) / 2)


def test_p_and_interval_are_one_statement() -> None:
    """At a confidence of 1 - p the interval ends at 0."""
    first, second = sample(FIRST), sample([value - 0.001 for value in FIRST])
    p = difference_p(first, second)

    assert not difference_interval(first, second, 1 - 1.001 * p).holds(0)
    assert difference_interval(first, second, 1 - 0.999 * p).holds(0)


def test_equal_values_are_not_taken_for_certain() -> None:
    """324 of 360 three times against 323 three times: half a step each, so t is 1 / (0.5 * sqrt(2 / 3)) = 2.449."""
    first, second = (sample([right / 360] * 3, step=1 / 360) for right in (324, 323))

    assert 2 * stats.t.sf(math.sqrt(6), 4) == pytest.approx(difference_p(first, second))
    assert difference_interval(first, second).holds(0)
    assert difference_p(sample([0.9] * 3), sample([0.8] * 3)) == 0, "only where no step is known"


def test_one_value_cannot_be_compared() -> None:
    """It is never significant, and no interval is known."""
    one = Sample(1, 0.5, math.nan)

    assert not comparable(one, sample(SECOND))
    assert 1.0 == difference_p(one, sample(SECOND))
    assert not difference_interval(one, sample(SECOND)).known


def test_many_pairs_have_one_error_rate() -> None:
    """A p-value of 0.04 is enough alone, and not among three; a pair of single values does not count."""
    close = (sample([0.0, 0.1, -0.1, 0.05]), sample([0.16, 0.26, 0.06, 0.21]))
    far, same = (sample(FIRST), sample(SECOND)), (sample(FIRST), sample(FIRST))
    single = (sample([0.1]), sample([0.9]))

    assert 0.025 < difference_p(*close) < 0.05
    assert (True,) == differing([close], 0.05)
    assert (True, False) == differing([close, single], 0.05)
    # Holm: the far pair is tested at 0.05 / 3, then the close one at 0.05 / 2, which is too little
    assert (True, False, False) == differing([far, close, same], 0.05)
    # of two, it is tested at 0.05
    assert (True, True) == differing([far, close], 0.05)
    assert () == differing([], 0.05)
