"""Whether two samples differ by more than chance, one pair or many at once. Numbers in, numbers out.

Every pair is tested twice, by Welch's t and by Student's pooled t, and the more cautious answer counts, as in the
gate (`bench.analyse.gate.evidence` says why). Deviations are `Sample.spread`: equal values are not taken for certain.
What all samples show about deviations together helps where each has few values (`bench.analyse.deviations`); of
k samples the part (1 - 2 / sqrt(k)) / 4 counts, since with more of it lists of equal pairs name one in more than 5 %.

Sources: Welch, Biometrika 34 (1947), pages 28 to 35, with the degrees of freedom of Satterthwaite, Biometrics Bulletin
2 (1946), pages 110 to 114; Student's pooled form in Snedecor and Cochran, Statistical Methods, 8th edition, section
6.4.
How often all this errs is counted in tests/simulation/test_changes.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from bench.analyse.deviations import moderated
from bench.analyse.gate.decision import holm
from bench.analyse.intervals import UNKNOWN, Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from bench.analyse.intervals import Sample

    Floats = NDArray[np.float64]

ERROR = 0.05
"""The error of all pairs together."""
FEWEST = 2
"""The least number of values on each side: fewer have no deviation."""
TRUST = 0.25
"""What part of the prior degrees of freedom counts that very many samples give together."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What two samples say of mean(first) - mean(second).

    Attributes:
        p: two-sided p-value of no difference, not corrected for other pairs; 1 if not comparable.
        interval: 95 % for all pairs together (Bonferroni: Dunn, Journal of the American Statistical Association 56
            (1961), pages 52 to 64); unknown if not comparable.
    """

    p: float
    interval: Interval


NOTHING = Difference(1.0, UNKNOWN)


def comparable(first: Sample, second: Sample) -> bool:
    """Whether both have a deviation: a single value on a side has no deviation."""
    return first.n >= FEWEST and second.n >= FEWEST


def differences(pairs: Sequence[tuple[Sample, Sample]]) -> tuple[Difference, ...]:
    """The difference of each pair, in the same order.

    Args:
        pairs: any number of them; pairs that are not comparable do not count in the correction.
    """
    judged = [pair for pair in pairs if comparable(*pair)]
    if not judged:
        return (NOTHING,) * len(pairs)
    gap = np.array([first.mean - second.mean for first, second in judged], dtype=float)
    p, reach = np.zeros(len(judged)), np.zeros(len(judged))
    for error, freedom in _both(judged):
        with np.errstate(over="ignore"):
            p = np.maximum(p, 2 * special.stdtr(freedom, -np.abs(gap) / error))
        reach = np.maximum(reach, special.stdtrit(freedom, 1 - ERROR / 2 / len(judged)) * error)
    known = iter(
        Difference(float(p_value), Interval(float(low), float(high)))
        for p_value, low, high in zip(p, gap - reach, gap + reach, strict=True)
    )
    return tuple(next(known) if comparable(*pair) else NOTHING for pair in pairs)


def differing(pairs: Sequence[tuple[Sample, Sample]]) -> tuple[bool, ...]:
    """Which pairs differ, so that at most 5 % of such lists name a pair that does not.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979), pages 65 to 70, over the pairs that are comparable.
    """
    all_pairs = differences(pairs)
    judged = [place for place, pair in enumerate(pairs) if comparable(*pair)]
    rejected = holm(np.array([all_pairs[place].p for place in judged]), ERROR) if judged else ()
    named = {place for place, flag in zip(judged, rejected, strict=True) if flag}
    return tuple(place in named for place in range(len(pairs)))


def _both(pairs: Sequence[tuple[Sample, Sample]]) -> Iterator[tuple[Floats, Floats]]:
    """Standard error of each difference and its degrees of freedom, by Welch and by Student."""
    samples = [sample for pair in pairs for sample in pair]
    trust = TRUST * max(0.0, 1 - 2 / math.sqrt(len(samples)))
    variance, freedom = (part.reshape(-1, 2).T for part in moderated(samples, trust))
    n = np.array([[sample.n for sample in pair] for pair in pairs], dtype=float).T
    shared = float((n - 1).sum())
    both = (variance / n).sum(axis=0)
    # only where no step is known can there be no error at all
    known = both > 0
    share = np.where(known, variance[0] / n[0] / np.where(known, both, 1.0), 0.5)
    welch = 1 / (share**2 / freedom[0] + (1 - share) ** 2 / freedom[1])
    yield np.where(known, np.sqrt(both), np.nextafter(0, 1)), np.minimum(welch, shared)
    pooled = ((n - 1) * variance).sum(axis=0) / (n - 1).sum(axis=0) * (1 / n).sum(axis=0)
    yield np.where(known, np.sqrt(pooled), np.nextafter(0, 1)), np.minimum(freedom.sum(axis=0), shared)
