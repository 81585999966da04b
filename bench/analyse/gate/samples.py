"""The seeds of a check as arrays: a row per cell, a column per seed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bench.analyse.gate.side import Side

    Floats = NDArray[np.float64]


ROUNDING = 1e-12
"""What float64 may leave of a difference of equal values, as a part of them."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The gains of both sides; equal seeds share a column, NaN marks a trial that does not exist.

    Attributes:
        base: (..., cells, seeds) float64, gains of the accepted seeds, of which more is better.
        current: (..., cells, seeds) float64, gains of the seeds to judge.
        look: (cells, seeds) or (seeds,) int, the look that brought each current seed, 1 for the first.
        step: (cells,) float64, the finest difference that the test set can show (`Score.step`).
    """

    base: Floats
    current: Floats
    look: NDArray[np.int64]
    step: Floats

    def at(self, look: int) -> Samples:
        """The same with the current seeds of the first so many looks."""
        return replace(self, current=np.where(self.look <= look, self.current, np.nan))

    @property
    def unmatched(self) -> Floats:
        """(..., cells, seeds): the current gains of seeds that were not accepted; NaN elsewhere."""
        return np.where(np.isnan(self.base), self.current, np.nan)

    @property
    def pairs(self) -> Floats:
        """(..., cells, seeds): the current gain less the accepted one of the same seed; NaN where there is no pair."""
        return self.current - self.base


@dataclass(frozen=True, slots=True)
class Moments:
    """What a t test needs to know of every cell's seeds.

    Attributes:
        n: (..., cells) float64, how many seeds.
        mean: (..., cells) float64; NaN for none.
        variance: (..., cells) float64, n - 1 in the denominator; NaN for fewer than two.
    """

    n: Floats
    mean: Floats
    variance: Floats


def moments(values: Floats) -> Moments:
    """The moments along the last axis; NaN values do not count.

    Args:
        values: (..., cells, seeds) float64.
    """
    there = ~np.isnan(values)
    n = there.sum(axis=-1).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, values, 0.0).sum(axis=-1) / n
        squares = np.where(there, values - mean[..., None], 0.0) ** 2
        variance = np.where(n > 1, squares.sum(axis=-1) / (n - 1), np.nan)
        # equal values have no deviation; what rounding leaves of their squares must not count as one
        variance = np.where(variance < (ROUNDING * mean) ** 2, 0.0, variance)
    return Moments(n, mean, variance)


def medians(values: Floats) -> Floats:
    """The medians along the last axis; NaN values do not count, and NaN is the median of none.

    Args:
        values: (..., seeds) float64.
    """
    # sorting puts NaN last; NumPy's own nanmedian takes a hundred times as long for short rows
    rows = np.sort(values, axis=-1)
    n = (~np.isnan(rows)).sum(axis=-1, keepdims=True)
    low, high = (np.take_along_axis(rows, np.maximum(at, 0), axis=-1) for at in ((n - 1) // 2, n // 2))
    return np.asarray(((low + high) / 2)[..., 0])


def samples_of(sides: Sequence[Side]) -> Samples:
    """The gains of accepted cells and of what the runs brought for them.

    Args:
        sides: at least one.
    """
    accepted, brought = [side.accepted_gains for side in sides], [side.gains for side in sides]
    seeds = sorted({seed for cell in accepted for seed in cell} | {seed for cell in brought for seed in cell})
    columns = {seed: column for column, seed in enumerate(seeds)}
    shape = (len(sides), len(seeds))
    base, current, look = np.full(shape, np.nan), np.full(shape, np.nan), np.ones(shape, dtype=np.int64)
    for row, (old, new) in enumerate(zip(accepted, brought, strict=True)):
        for seed, gain in old.items():
            base[row, columns[seed]] = gain
        for seed, (number, gain) in new.items():
            current[row, columns[seed]] = gain
            look[row, columns[seed]] = number
    return Samples(base, current, look, np.array([side.step for side in sides]))
