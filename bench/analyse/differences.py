"""Whether two samples differ by more than chance, one pair or many. Numbers in, numbers out.

Every question is asked twice, of Welch's t and of Student's pooled t, and the more cautious answer counts, as in the
gate (`bench.analyse.gate.evidence` says why). Deviations are `Sample.spread`: equal values are not taken for certain.

Sources: Welch, Biometrika 34 (1947), pages 28 to 35, with the degrees of freedom of Satterthwaite, Biometrics Bulletin
2
(1946), pages 110 to 114; Student's pooled form in Snedecor and Cochran, Statistical Methods, 8th edition, section 6.4.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from bench.analyse.gate.decision import holm
from bench.analyse.intervals import CONFIDENCE, UNKNOWN, Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.analyse.intervals import Sample

_NO_ERROR = math.ulp(0.0)
"""Stands for a standard error of 0, so that a difference can be divided by it."""

FEWEST = 2
"""Values on either side without which there is no deviation to measure."""


def comparable(first: Sample, second: Sample) -> bool:
    """Whether both have a deviation: with one value on a side the data cannot say what is chance."""
    return first.n >= FEWEST and second.n >= FEWEST


def difference_interval(first: Sample, second: Sample, confidence: float = CONFIDENCE) -> Interval:
    """The interval of mean(first) - mean(second): the wider of Welch's and Student's; unknown if not comparable.

    Args:
        first: a sample.
        second: the other.
        confidence: of this one interval. For all of m intervals together it is 1 - 0.05 / m (Bonferroni: Dunn, Journal
            of the American Statistical Association 56 (1961), pages 52 to 64).
    """
    if not comparable(first, second):
        return UNKNOWN
    difference = first.mean - second.mean
    reach = max(
        error * float(special.stdtrit(freedom, (1 + confidence) / 2)) for error, freedom in _both(first, second)
    )
    return Interval(difference - reach, difference + reach)


def difference_p(first: Sample, second: Sample) -> float:
    """The two-sided p-value of no difference, the larger of Welch's and Student's; 1 if not comparable.

    It is below 1 - `confidence` exactly where `difference_interval` does not hold 0.
    """
    if not comparable(first, second):
        return 1.0
    gap = abs(first.mean - second.mean)
    return max(2 * float(special.stdtr(freedom, -gap / error)) for error, freedom in _both(first, second))


def differing(pairs: Sequence[tuple[Sample, Sample]], error: float) -> tuple[bool, ...]:
    """Which pairs differ, so that at most `error` of such lists name a pair that does not.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979), pages 65 to 70, over the pairs that are comparable.

    Args:
        pairs: any number of them.
        error: the family-wise error rate, in (0, 1).
    """
    judged = [place for place, pair in enumerate(pairs) if comparable(*pair)]
    if not judged:
        return (False,) * len(pairs)
    rejected = holm(np.array([difference_p(*pairs[place]) for place in judged]), error)
    named = {place for place, flag in zip(judged, rejected, strict=True) if flag}
    return tuple(place in named for place in range(len(pairs)))


def _both(first: Sample, second: Sample) -> Iterator[tuple[float, float]]:
    """Standard error of the difference and degrees of freedom, by Welch and by Student."""
    left, right = first.spread**2 / first.n, second.spread**2 / second.n
    variance, together = left + right, first.n + second.n - 2
    if variance == 0:  # only where no step is known
        yield _NO_ERROR, together
        return
    share = left / variance
    yield math.sqrt(variance), 1 / (share**2 / (first.n - 1) + (1 - share) ** 2 / (second.n - 1))
    pooled = ((first.n - 1) * first.spread**2 + (second.n - 1) * second.spread**2) / together
    yield math.sqrt(pooled * (1 / first.n + 1 / second.n)), together
