"""Training time beside the baseline's: a bootstrap interval of the ratio of medians. Pure, and seeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.record.verdicts import Pace, TimeVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

RESAMPLES = 2_000
FEWEST = 3
"""Timed trials on either side without which a resample has nothing to choose from."""


def compare_times(before: Sequence[float], now: Sequence[float], margin: float) -> TimeVerdict:
    """Whether training got slower.

    The interval is the percentile bootstrap of the ratio of medians, 95 %, each side resampled on its own (Efron and
    Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13). The resamples are the same for equal data.

    Args:
        before: seconds per epoch of the accepted trials that ran alone.
        now: seconds per epoch of the current ones.
        margin: the largest ratio that is accepted.
    """
    for side, times in (("accepted", before), ("current", now)):
        if len(times) < FEWEST:
            reason = f"{len(times)} of the {side} trials ran alone on the machine; {FEWEST} are needed"
            return TimeVerdict(pace=Pace.NOT_COMPARABLE, reason=reason)
    noise = np.random.default_rng(0)
    ratio = float(np.median(now) / np.median(before))
    resampled = _medians(now, noise) / _medians(before, noise)
    low, high = (float(end) for end in np.quantile(resampled, [0.025, 0.975]))
    told = (
        f"{ratio:.2f} times the accepted time of an epoch, 95 % interval {low:.2f} to {high:.2f}, margin {margin:.2f}"
    )
    pace = Pace.SLOWER if low > margin else Pace.KEPT if high <= margin else Pace.UNCLEAR
    return TimeVerdict(pace=pace, reason=told, ratio=ratio, low=low, high=high)


def not_comparable(reason: str) -> TimeVerdict:
    """The verdict where times of two environments would be compared."""
    return TimeVerdict(pace=Pace.NOT_COMPARABLE, reason=reason)


def _medians(times: Sequence[float], noise: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    drawn = noise.choice(np.asarray(times, dtype=float), size=(RESAMPLES, len(times)))
    medians: np.ndarray[tuple[int], np.dtype[np.float64]] = np.median(drawn, axis=1)
    return medians
