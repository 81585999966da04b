"""Training time beside the baseline's: a bootstrap interval of the ratio of medians. Pure, and seeded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.record.verdicts import Obstacle, Pace, TimeVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

RESAMPLES = 2_000
FEWEST = 3
"""Timed trials on either side without which a resample has nothing to choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio of times with its 95 % interval."""

    value: float
    low: float
    high: float


def compare_times(before: Sequence[float], now: Sequence[float], margin: float) -> TimeVerdict:
    """Whether training got slower.

    The interval is the percentile bootstrap of the ratio of medians, 95 %, each side resampled on its own (Efron and
    Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13). The resamples are the same for equal data.

    Args:
        before: seconds per epoch of the accepted trials that ran alone.
        now: seconds per epoch of the current ones.
        margin: the largest ratio that is accepted.
    """
    few = {Obstacle.FEW_ACCEPTED: before, Obstacle.FEW_CURRENT: now}
    for obstacle, times in few.items():
        if len(times) < FEWEST:
            return not_comparable(obstacle, accepted=str(len(before)), current=str(len(now)))
    ratio = ratio_of_medians([(before, now)])
    pace = Pace.SLOWER if ratio.low > margin else Pace.KEPT if ratio.high <= margin else Pace.UNCLEAR
    return TimeVerdict(pace=pace, ratio=ratio.value, low=ratio.low, high=ratio.high, margin=margin)


def ratio_of_medians(pairs: Sequence[tuple[Sequence[float], Sequence[float]]]) -> Ratio:
    """The median time now over the median time before, with its 95 % interval; the geometric mean of several cells'.

    The interval is the percentile bootstrap, each side of each cell resampled on its own. Ratios are averaged by their
    logarithms, so that half as long and twice as long are even (Fleming and Wallace, Communications of the ACM 29
    (1986), pages 218 to 221). The resamples are the same for equal data.

    Args:
        pairs: per cell the seconds before and the seconds now; at least one cell, no side empty, no time 0.
    """
    noise = np.random.default_rng(0)
    ratios = [float(np.median(now) / np.median(before)) for before, now in pairs]
    resampled = np.mean([np.log(_medians(now, noise) / _medians(before, noise)) for before, now in pairs], axis=0)
    low, high = (float(np.exp(end)) for end in np.quantile(resampled, [0.025, 0.975]))
    return Ratio(value=float(np.exp(np.mean(np.log(ratios)))), low=low, high=high)


def not_comparable(obstacle: Obstacle, *, accepted: str = "", current: str = "") -> TimeVerdict:
    """The verdict where times of two environments or engines would be compared, or there are too few."""
    return TimeVerdict(pace=Pace.NOT_COMPARABLE, obstacle=obstacle, accepted=accepted, current=current)


def _medians(times: Sequence[float], noise: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    drawn = noise.choice(np.asarray(times, dtype=float), size=(RESAMPLES, len(times)))
    medians: np.ndarray[tuple[int], np.dtype[np.float64]] = np.median(drawn, axis=1)
    return medians
