"""Intervals: how sure a mean, a proportion or a difference is. Numbers in, numbers out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.core.score import Score

CONFIDENCE = 0.95
AT_BOUND = 1.5
"""The least deviation, in steps, that is assumed if values lie at a bound of the score."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Two ends, both NaN where the data cannot give an interval."""

    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether the data gave an interval at all."""
        return not (math.isnan(self.low) or math.isnan(self.high))

    def holds(self, value: float) -> bool:
        """Whether `value` lies inside, ends included; never for an unknown interval."""
        return self.low <= value <= self.high

    def clipped(self, low: float, high: float) -> Interval:
        """The part between `low` and `high`; an unknown interval stays unknown."""
        return Interval(min(max(self.low, low), high), min(max(self.high, low), high)) if self.known else self


UNKNOWN = Interval(math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a normal-theory interval needs to know of a sample.

    Attributes:
        n: how many values.
        mean: their mean; NaN for none.
        std: their standard deviation with n - 1 in the denominator; NaN for fewer than two.
        step: the finest difference that values can show (`Score.step`); 0 where it is not known.
        at_bound: whether a value lies at a bound of the score, such as 100 %.
    """

    n: int
    mean: float
    std: float
    step: float = 0.0
    at_bound: bool = False

    @property
    def spread(self) -> float:
        """The deviation that statistics may assume: never less than half a step; NaN for fewer than two values.

        Half a step is the deviation of values that fall on either of two neighbouring steps equally often. Values that
        are all equal may have fallen on one of them by chance.
        """
        return self.std if math.isnan(self.std) else max(self.std, self.step / 2)

    @property
    def spread_alone(self) -> float:
        """The same for a statement about this sample alone: never less than `AT_BOUND` steps where a value is at one.

        Values that pile up at a bound are skewed, and an interval that takes them for symmetric is too short. Two
        samples at one bound are skewed alike, so their difference is not.
        """
        return max(self.spread, AT_BOUND * self.step) if self.at_bound else self.spread


def sample(values: Sequence[float], step: float = 0.0) -> Sample:
    """Size, mean and standard deviation (n - 1) of `values`.

    Args:
        values: any number of them.
        step: the finest difference that they can show.
    """
    n = len(values)
    if n == 0:
        return Sample(0, math.nan, math.nan, step)
    # Equal values have no deviation; rounding in a sum of squares must not invent one.
    if min(values) == max(values):
        return Sample(n, values[0], 0.0 if n > 1 else math.nan, step)
    mean = math.fsum(values) / n
    return Sample(n, mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1)), step)


def score_sample(values: Sequence[float], score: Score, examples: int) -> Sample:
    """The sample of scores that a cell's seeds reached.

    Args:
        values: any number of them, in the unit of the score.
        score: what they are.
        examples: in the test set; 0 where it is not known.
    """
    plain = sample(values)
    step = score.step(examples, 0.0 if math.isnan(plain.mean) else plain.mean)
    at_bound = bool(values) and (min(values) <= score.floor or max(values) >= score.ceiling)
    return replace(plain, step=step, at_bound=at_bound)


def mean_interval(values: Sample, confidence: float = CONFIDENCE) -> Interval:
    """Student's t interval of the mean: mean +/- t(n - 1) * s / sqrt(n); unknown for fewer than two values.

    s is `Sample.spread_alone`, so that no interval is without width where the step is known. Over normal deviations of
    0.05 to 3 steps, 3, 5 and 10 values, anywhere between two steps or clipped at a bound, it holds the mean in at least
    93 % (tests/simulation/test_intervals.py).

    Source: NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.5.2, Confidence Limits for the Mean.
    """
    if values.n < 2:  # noqa: PLR2004  one value has no deviation
        return UNKNOWN
    reach = _t(values.n - 1, confidence) * values.spread_alone / math.sqrt(values.n)
    return Interval(values.mean - reach, values.mean + reach)


def prediction_interval(values: Sample, confidence: float = CONFIDENCE) -> Interval:
    """Where one further value is expected: mean +/- t(n - 1) * s * sqrt(1 + 1 / n); unknown for fewer than two.

    s is `Sample.spread_alone`.

    Source: Hahn and Meeker, Statistical Intervals, Wiley 1991, chapter 4 (prediction interval to contain a single
    future observation from a normal distribution).
    """
    if values.n < 2:  # noqa: PLR2004  one value has no deviation
        return UNKNOWN
    reach = _t(values.n - 1, confidence) * values.spread_alone * math.sqrt(1 + 1 / values.n)
    return Interval(values.mean - reach, values.mean + reach)


def proportion_interval(hits: int, total: int, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's score interval of a proportion; unknown for a total of 0.

    It keeps its coverage near 0 and 1, where the textbook interval p +/- z * s fails.

    Source: Wilson, Journal of the American Statistical Association 22 (1927), pages 209 to 212; recommended by Brown,
    Cai and DasGupta, Statistical Science 16 (2001), pages 101 to 133.
    """
    if total == 0:
        return UNKNOWN
    z = float(special.ndtri((1 + confidence) / 2))
    middle = (hits + z**2 / 2) / (total + z**2)
    reach = z * math.sqrt(hits * (total - hits) / total + z**2 / 4) / (total + z**2)
    # at either end the interval reaches it, whatever is lost in rounding
    return Interval(middle - reach if hits else 0.0, middle + reach if hits < total else 1.0)


def weighted_interval(parts: Sequence[tuple[float, Sample]], confidence: float = CONFIDENCE) -> Interval:
    """The interval of a weighted sum of means, deviations unequal; unknown if all samples have fewer than two values.

    A sample of one value is assumed to have the pooled variance of the others, and adds no degree of freedom.
    Deviations are `Sample.spread`; for the mean of a single sample, use `mean_interval`.

    Source: degrees of freedom of Satterthwaite, Biometrics Bulletin 2 (1946), pages 110 to 114.

    Args:
        parts: each sample, of at least one value, with its weight.
        confidence: of the interval, in (0, 1).
    """
    value = math.fsum(weight * values.mean for weight, values in parts)
    freedoms = sum(values.n - 1 for _, values in parts)
    if not freedoms:
        return UNKNOWN
    pooled = math.fsum((values.n - 1) * values.spread**2 for _, values in parts if values.n > 1) / freedoms
    own = [(weight**2 * values.spread**2 / values.n, values.n - 1) for weight, values in parts if values.n > 1]
    lent = math.fsum(weight**2 * pooled for weight, values in parts if values.n == 1)
    known = math.fsum(variance for variance, _ in own)
    if known == 0:  # only where no step is known
        return Interval(value, value)
    freedom = known**2 / math.fsum(variance**2 / degrees for variance, degrees in own)
    reach = _t(freedom, confidence) * math.sqrt(known + lent)
    return Interval(value - reach, value + reach)


def _t(freedom: float, confidence: float) -> float:
    return float(special.stdtrit(freedom, (1 + confidence) / 2))
