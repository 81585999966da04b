"""Ranks of several treatments over several blocks, and the least difference of ranks that is significant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.core.score import Score

ALPHA = 0.05
TREATMENTS = 20  # more than a diagram can name; scipy's studentized range is quick and exact up to there
BLOCKS = 3  # over two the critical difference of any k treatments is above k - 1, the largest difference there is
DIGITS = 12  # significant digits: the order of seeds changes a mean only behind these


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Treatments by their average rank.

    Attributes:
        treatments: names, the best first.
        ranks: the average rank of each, 1 for always the best; equal scores share the mean of their ranks.
        blocks: N, over how many blocks.
        statistic: Friedman's chi-squared, corrected for ties; 0 where all scores of each block are equal.
        p: its p-value, from the chi-squared distribution with k - 1 degrees of freedom.
        critical_difference: of average ranks, Nemenyi's at 5 %.
        groups: first and last position of each largest set of two or more neighbours that the data cannot separate.
    """

    treatments: tuple[str, ...]
    ranks: tuple[float, ...]
    blocks: int
    statistic: float
    p: float
    critical_difference: float
    groups: tuple[tuple[int, int], ...]

    @property
    def differ(self) -> bool:
        """Whether Friedman's test finds that the treatments are not all the same."""
        return self.p < ALPHA

    def behind(self, position: int) -> tuple[str, ...]:
        """The treatments that the one at `position` ranks ahead of by the critical difference, if any differ at all."""
        if not self.differ:
            return ()
        reach = self.ranks[position] + self.critical_difference
        return tuple(name for name, rank in zip(self.treatments, self.ranks, strict=True) if rank >= reach)


def ranking(treatments: Sequence[str], values: np.ndarray, score: Score) -> Ranking | None:
    """Friedman's test with Nemenyi's test after it.

    Source: Demsar, Statistical Comparisons of Classifiers over Multiple Data Sets, Journal of Machine Learning Research
    7 (2006), pages 1 to 30, section 3.2; the correction for ties is that of Conover, Practical Nonparametric
    Statistics, 3rd edition, Wiley 1999, section 5.8.

    Args:
        treatments: k different names.
        values: (N, k) float64, scores, a row per block.
        score: of the run; rank 1 is the best by it.

    Returns:
        None for fewer than three treatments, more than `TREATMENTS`, or so few blocks that nothing could be concluded
        whatever the scores.
    """
    blocks, k = values.shape
    if not 3 <= k <= TREATMENTS or blocks < BLOCKS:  # noqa: PLR2004  two treatments are no matter for Friedman's test
        return None
    apart = critical_difference(k, blocks)
    from scipy import stats  # noqa: PLC0415  takes half a second to import, and few runs rank anything

    ranks = stats.rankdata(-score.sign * _rounded(values), axis=1)
    average = ranks.mean(axis=0)
    order = np.argsort(average, kind="stable")
    statistic = _friedman(ranks)
    sorted_ranks = tuple(float(average[index]) for index in order)
    return Ranking(
        treatments=tuple(treatments[index] for index in order),
        ranks=sorted_ranks,
        blocks=blocks,
        statistic=statistic,
        p=float(special.chdtrc(k - 1, statistic)),
        critical_difference=apart,
        groups=_groups(sorted_ranks, apart),
    )


def critical_difference(treatments: int, blocks: int) -> float:
    """Nemenyi's critical difference of average ranks at 5 %: q * sqrt(k (k + 1) / (6 N)).

    q is the 95 % quantile of the studentized range of k values with infinite degrees of freedom, over sqrt(2): Demsar
    2006, page 11, with the quantiles of its table 5.
    """
    return _quantile(treatments) * math.sqrt(treatments * (treatments + 1) / (6 * blocks))


@lru_cache(maxsize=TREATMENTS)
def _quantile(treatments: int) -> float:
    from scipy import stats  # noqa: PLC0415  as above

    return float(stats.studentized_range.ppf(1 - ALPHA, treatments, math.inf)) / math.sqrt(2)


def _rounded(values: np.ndarray) -> np.ndarray:
    largest = float(np.abs(values).max())
    return np.round(values, DIGITS - math.ceil(math.log10(largest)) if largest else DIGITS)


def _friedman(ranks: np.ndarray) -> float:
    blocks, k = ranks.shape
    spread = float(((ranks.mean(axis=0) - (k + 1) / 2) ** 2).sum())
    tied = sum(float((counts**3 - counts).sum()) for counts in (np.unique(row, return_counts=True)[1] for row in ranks))
    kept = 1 - tied / (blocks * (k**3 - k))
    return 12 * blocks / (k * (k + 1)) * spread / kept if kept > 0 else 0.0


def _groups(ranks: Sequence[float], apart: float) -> tuple[tuple[int, int], ...]:
    """First and last position of each longest group of sorted average ranks whose ends differ by less than `apart`."""
    groups: list[tuple[int, int]] = []
    for first, rank in enumerate(ranks):
        last = max(position for position, other in enumerate(ranks) if other - rank < apart)
        if last > first and (not groups or last > groups[-1][1]):
            groups.append((first, last))
    return tuple(groups)
