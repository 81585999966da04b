"""Whether two means are equal but for a margin, or differ, for any number of comparisons at once. Pure.

Equivalence is shown by two one-sided tests (Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987),
pages 657 to 680): both that the difference is at or below -margin and that it is at or above the margin are rejected.
No further correction for the two tests is needed (Berger, Technometrics 24 (1982), pages 295 to 300). A difference is
shown by a two-sided t test.

Where both sides have the same seeds, their differences are tested (the paired t: Snedecor and Cochran, Statistical
Methods, 8th edition, section 6.3). Else every test is asked of Welch's t and of Student's pooled t, and the more
cautious answer counts, as in `bench.analyse.differences`. No deviation is smaller than the test set can show: half a
step for a value, which makes the square root of a half of a step for a difference of two.

Of one comparison at most one of the two statements can be wrong, whatever the true difference is: "equivalent" where
it is at the margin or beyond, "different" where it is 0. The error is divided by the number of comparisons
(Bonferroni: Dunn, Journal of the American Statistical Association 56 (1961), pages 52 to 64), so that of all pages at
most 5 % make a wrong statement. tests/simulation/test_equivalence.py counts how often it errs, and what it finds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scipy import special

from bench.analyse.intervals import UNKNOWN, Interval, sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ERROR = 0.05
"""The error of all comparisons together."""
FEWEST = 2
"""Pairs, or values on either side, without which there is no deviation to measure."""


class Likeness(StrEnum):
    """What two sides say."""

    EQUIVALENT = "equivalent"
    DIFFERENT = "different"
    OPEN = "open"
    """The data show neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What is compared.

    Attributes:
        first: values by seed.
        second: the same of the other side, in the same unit.
        margin: the largest difference that does not matter, greater than 0; None if nobody gave a margin.
        step: the finest difference that a value can show; 0 where it is not known.
    """

    first: Mapping[int, float]
    second: Mapping[int, float]
    margin: float | None
    step: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence:
    """What two sides say of mean(second) - mean(first).

    Attributes:
        difference: of the pairs if there are pairs; NaN if a side has no value.
        interval: 95 % for all comparisons together; unknown where there are too few values.
        p_equivalent: of the larger of both one-sided tests, not corrected; 1 where they cannot be made.
        pairs: seeds that both sides have, whose differences are tested; 0 where the sides are tested as a whole.
    """

    difference: float
    interval: Interval
    p_equivalent: float
    likeness: Likeness
    pairs: int


def equivalences(questions: Sequence[Sides]) -> tuple[Equivalence, ...]:
    """What each pair of sides says, in the same order.

    Args:
        questions: any number of them; those with too few values count for no correction.
    """
    asked = [_tests(question) for question in questions]
    level = ERROR / max(1, sum(bool(tests) for _, tests, _ in asked))
    return tuple(
        _answer(question, difference, tests, pairs, level)
        for question, (difference, tests, pairs) in zip(questions, asked, strict=True)
    )


_Test = tuple[float, float]
"""Standard error of a difference, and its degrees of freedom."""


def _tests(of: Sides) -> tuple[float, list[_Test], int]:
    """The difference, its possible tests, and the number of pairs."""
    shared = sorted(of.first.keys() & of.second.keys())
    if len(shared) >= FEWEST:
        pairs = sample([of.second[seed] - of.first[seed] for seed in shared])
        spread = max(pairs.std, of.step / math.sqrt(2))
        return pairs.mean, [(spread / math.sqrt(pairs.n), pairs.n - 1.0)], pairs.n
    first, second = (sample(list(side.values()), of.step) for side in (of.first, of.second))
    difference = second.mean - first.mean
    if min(first.n, second.n) < FEWEST:
        return difference, [], 0
    variances = [(side.spread**2 / side.n, side.n - 1) for side in (first, second)]
    both = sum(variance for variance, _ in variances)
    whole = first.n + second.n - 2
    pooled = ((first.n - 1) * first.spread**2 + (second.n - 1) * second.spread**2) / whole
    student = math.sqrt(pooled * (1 / first.n + 1 / second.n)), float(whole)
    if not both:
        return difference, [student], 0
    welch = math.sqrt(both), both**2 / sum(variance**2 / freedom for variance, freedom in variances)
    return difference, [welch, student], 0


def _answer(of: Sides, difference: float, tests: Sequence[_Test], pairs: int, level: float) -> Equivalence:
    if not tests:
        return Equivalence(
            difference=difference, interval=UNKNOWN, p_equivalent=1.0, likeness=Likeness.OPEN, pairs=pairs
        )
    reach = max(error * float(special.stdtrit(freedom, 1 - level / 2)) for error, freedom in tests)
    interval = Interval(difference - reach, difference + reach)
    p = 1.0 if of.margin is None else max(_p(abs(difference) - of.margin, *test) for test in tests)
    # a difference below the margin is equivalent, even if it is certain
    likeness = Likeness.DIFFERENT if not interval.holds(0.0) else Likeness.OPEN
    likeness = Likeness.EQUIVALENT if p <= level else likeness
    return Equivalence(difference=difference, interval=interval, p_equivalent=p, likeness=likeness, pairs=pairs)


def _p(excess: float, error: float, freedom: float) -> float:
    """How probable a difference as small as this is, if the true one were at the margin.

    Args:
        excess: how far the difference lies beyond the nearer margin; negative within both.
        error: standard error of the difference; 0 only where no step is known and all values are equal.
        freedom: its degrees of freedom.
    """
    if not error:
        return 0.0 if excess < 0 else 1.0
    return float(special.stdtr(freedom, excess / error))
