"""Whether the seeds before and after a break differ by more than chance, where they may repeat their results. Pure.

A seed that is trained again repeats its result where nothing that matters has changed; many runs then say the same.
Either of two tests is enough, since each is cautious by itself:

- A seed counts once on either side, with its mean over the runs there (`bench.analyse.differences`): right whatever
  the repetition, with few degrees of freedom.
- The deviation of seeds is that of all runs of the series, and a seed on either side is a single draw of it. Runs that
  repeat each other add no degree of freedom: of n runs with correlation r from run to run n (1 - r) / (1 + r) count
  (Bayley and Hammersley, Supplement to the Journal of the Royal Statistical Society 8 (1946), pages 184 to 197).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from scipy import special

from bench.analyse.differences import differences
from bench.analyse.intervals import CONFIDENCE, Sample, sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.history.points import Point

_FEWEST = 2
_LIKE = 0.95
"""Correlations are never taken to be higher, so that one draw counts."""


@dataclass(frozen=True, slots=True)
class SeedEvidence:
    """What the seeds say of a break.

    Attributes:
        p: two-sided; 1 where a side has fewer than two seeds.
        reach: half the 95 % interval of the difference; 0 where it is unknown.
    """

    p: float
    reach: float


def by_seeds(series: Sequence[Point], around: tuple[int, int, int]) -> SeedEvidence:
    """Compare the seeds of two neighbouring segments.

    Args:
        series: the oldest run first.
        around: first point of the segment before, of the segment after, and the end of that.
    """
    start, at, end = around
    before, after = _once(series[start:at]), _once(series[at:end])
    if min(before.n, after.n) < _FEWEST:
        return SeedEvidence(1.0, 0.0)
    difference = differences([(after, before)])[0]
    first = SeedEvidence(difference.p, (difference.interval.high - difference.interval.low) / 2)
    return min(first, _by_draws(series, before, after), key=lambda sample: sample.p)


def _by_draws(series: Sequence[Point], before: Sample, after: Sample) -> SeedEvidence:
    samples = [sample(list(point.values.values()), point.step) for point in series]
    many = [sample for sample in samples if sample.n >= _FEWEST]
    if not many:
        return SeedEvidence(1.0, 0.0)
    freedom = float(sum(sample.n - 1 for sample in many))
    variance = sum((sample.n - 1) * sample.spread**2 for sample in many) / freedom
    alike = _repetition(series)
    freedom = max(freedom * (1 - alike) / (1 + alike), 1.0)
    error = math.sqrt(variance * (1 / before.n + 1 / after.n))
    if error == 0:
        return SeedEvidence(1.0, 0.0)
    p = 2 * float(special.stdtr(freedom, -abs(after.mean - before.mean) / error))
    return SeedEvidence(p, float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error)


def _repetition(series: Sequence[Point]) -> float:
    """How alike the seeds of neighbouring runs are: correlation of their deviations from the mean of their run."""
    product = square = 0.0
    for point, following in pairwise(series):
        shared = point.values.keys() & following.values.keys()
        if len(shared) < _FEWEST:
            continue
        rows = [[side.values[seed] for seed in shared] for side in (point, following)]
        left, right = ([value - math.fsum(row) / len(row) for value in row] for row in rows)
        product += math.fsum(a * b for a, b in zip(left, right, strict=True))
        square += math.fsum(a * a + b * b for a, b in zip(left, right, strict=True)) / 2
    return min(max(product / square, 0.0), _LIKE) if square else 0.0


def _once(points: Sequence[Point]) -> Sample:
    """A value for each seed: its mean over these runs."""
    of_seed: dict[int, list[float]] = {}
    for point in points:
        for seed, value in point.values.items():
            of_seed.setdefault(seed, []).append(value)
    means = [math.fsum(values) / len(values) for values in of_seed.values()]
    return sample(means, max(point.step for point in points))
