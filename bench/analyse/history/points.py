"""A series of runs as means with weights: what each run's seeds say, and how much. Pure.

The mean of a run deviates by what its seeds deviate and by what differs from run to run (tau), as the state of the
machine does for times. tau is estimated from the differences of neighbouring runs; their median ignores the few that
a change makes. 0.4549 is the median of chi-squared with one degree of freedom.

Source: weights 1 / (variance / n + tau^2) as in meta-analysis: DerSimonian and Laird, Controlled Clinical Trials 7
(1986), pages 177 to 188.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.deviations import moderated
from bench.analyse.intervals import sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TRUST = 0.25
"""What part of the prior degrees of freedom counts that all runs give together; as for pairs of samples."""
SPIKE = 3.0
"""Deviations beyond which a run that neither neighbour confirms is pulled in."""
_MEDIAN = 0.4549
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Point:
    """What a run measured of a cell.

    Attributes:
        run: its place among the runs, 0 for the oldest.
        values: by seed; scores, or logarithms of seconds.
        step: the finest difference that a value can show.
    """

    run: int
    values: dict[int, float]
    step: float = 0.0


@dataclass(frozen=True, slots=True)
class Levels:
    """A series ready to be divided.

    Attributes:
        mean: (runs,) mean over seeds, spikes pulled in.
        weight: (runs,) one over the variance of each mean.
    """

    mean: Floats
    weight: Floats


def levels(series: Sequence[Point]) -> Levels:
    """Means and weights of a series.

    Args:
        series: of at least two runs.
    """
    mean = np.array([sum(point.values.values()) / len(point.values) for point in series])
    variance = _within(series)
    gaps = np.diff(mean) ** 2
    between = (np.median(gaps) / _MEDIAN - np.median(variance[1:] + variance[:-1])) / 2
    variance = variance + max(float(between), 0.0)
    return Levels(_without_spikes(mean, np.sqrt(variance)), 1 / variance)


def _within(series: Sequence[Point]) -> Floats:
    """The variance of each mean by its seeds; of a run with one seed by those of the others."""
    samples = [sample(list(point.values.values()), point.step) for point in series]
    floor = np.array([max(point.step / 2, 1e-12) ** 2 for point in series])
    many = np.array([sample.n >= _FEWEST for sample in samples])
    variance = floor.copy()
    if many.any():
        variance[many] = np.maximum(
            moderated([sample for sample in samples if sample.n >= _FEWEST], TRUST)[0], floor[many]
        )
        variance[~many] = np.maximum(float(np.median(variance[many])), floor[~many])
    each: Floats = variance / np.array([sample.n for sample in samples])
    return each


def _without_spikes(mean: Floats, error: Floats) -> Floats:
    """Means of runs that lie outside of both neighbours are brought to within chance of the nearer neighbour."""
    before, after = np.roll(mean, 1), np.roll(mean, -1)
    before[0], after[-1] = mean[min(2, len(mean) - 1)], mean[max(len(mean) - 3, 0)]
    reach = SPIKE * np.sqrt(2) * error
    pulled: Floats = np.clip(mean, np.minimum(before, after) - reach, np.maximum(before, after) + reach)
    return pulled
