"""The best division of a weighted series into segments of at least two runs. Pure.

Sources: exact segment neighbourhood search of Auger and Lawrence, Bulletin of Mathematical Biology 51 (1989), pages 39
to 54. A further break is taken where the F test of its gain passes after division by the number of places it could
have (the union bound): that is the penalty. One or two breaks may be added at a time, since a level that returns gains
little by its first break alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.analyse.history.points import Levels

    Floats = NDArray[np.float64]

SHORTEST = 2
"""Runs of a segment."""
MOST = 20
"""Breaks that are looked for."""


class Division:
    """Weighted sums of squares about the means of segments, for any number of breaks.

    Args:
        levels: a series of n >= 4 runs.
    """

    def __init__(self, levels: Levels) -> None:
        self._cost = _costs(levels)
        self.runs = len(levels.mean)
        start = self._cost[0, 1:].copy()
        start[: SHORTEST - 1] = np.inf
        # best[k][j]: the first j runs in k + 1 segments
        self._best = [np.concatenate([[np.inf], start])]
        self._cut: list[NDArray[np.intp]] = []

    def rest(self, breaks: int) -> float:
        """The sum of squares that is left with so many breaks; infinite where they do not fit."""
        self._extend(breaks)
        return float(self._best[breaks][-1])

    def places(self, breaks: int) -> tuple[int, ...]:
        """The first run of each segment but the first, of the best division."""
        self._extend(breaks)
        end, places = self.runs, []
        for cut in reversed(self._cut[:breaks]):
            end = int(cut[end])
            places.append(end)
        return tuple(reversed(places))

    def within(self, start: int, end: int) -> float:
        """The sum of squares of the runs from `start` to before `end` about their mean."""
        return float(self._cost[start, end])

    def scale(self, rest: float, breaks: int) -> float:
        """How far runs scatter about their segments, in units of the variance that their seeds explain; at least 1."""
        return max(1.0, rest / (self.runs - 1 - breaks))

    def chosen(self, error: float) -> tuple[int, ...]:
        """The breaks whose gain chance does not explain.

        Args:
            error: how often a series without a change may have any, where runs deviate normally.
        """
        breaks = 0
        while (more := self._worth(breaks, error)) is not None:
            breaks += more
        return self.places(breaks)

    def _worth(self, breaks: int, error: float) -> int | None:
        for more in (1, 2):
            total = breaks + more
            if total > MOST or not math.isfinite(rest := self.rest(total)):
                return None
            gain = (self.rest(breaks) - rest) / more / self.scale(rest, total)
            chance = float(special.fdtrc(more, self.runs - 1 - total, gain))
            if chance * math.comb(self.runs - 2 * SHORTEST + 1, more) <= error / 2:
                return more
        return None

    def _extend(self, breaks: int) -> None:
        while len(self._best) <= breaks:
            total = self._best[-1][:, None] + self._cost
            self._cut.append(total.argmin(axis=0))
            self._best.append(total.min(axis=0))


def _costs(levels: Levels) -> Floats:
    """(n + 1, n + 1): at [i, j] the sum of squares of runs i to j - 1; infinite where a segment is too short."""
    weight = levels.weight
    centred = levels.mean - np.average(levels.mean, weights=weight)
    sums = [np.concatenate([[0.0], np.cumsum(part)]) for part in (weight, weight * centred, weight * centred**2)]
    total, first, second = (part[None, :] - part[:, None] for part in sums)
    place = np.arange(len(weight) + 1)
    fits = place[None, :] - place[:, None] >= SHORTEST
    cost = second - first**2 / np.where(fits, total, 1.0)
    return np.where(fits, np.maximum(cost, 0.0), np.inf)
