"""Which cells of a data set differ by more than chance: all pairs at once, at one error rate for all of them. Pure.

A pair is separated by a t test whose level is divided by the number of pairs (Dunn, Journal of the American
Statistical Association 56 (1961), pages 52 to 64), so that of reports whose cells are all equal at most 5 % name a
difference. Two things keep that rate with few seeds, and still separate cells that differ:

Deviations need not be equal, as in the test of Games and Howell (Journal of Educational Statistics 1 (1976), pages 113
to 125). At the small levels that many pairs ask for, Satterthwaite's degrees of freedom reject too often, so the mean
of them and of the smaller of both sides' own is taken.

What many cells show together about deviations helps where each has few seeds (`bench.analyse.deviations`). A third of
it counts, and of k > 9 cells the part 1 - 2 / sqrt(k): with half, reports of four equal cells with three seeds, one of
them wild, name a difference in 7 %.

How often it errs, and what it finds, is counted in tests/simulation/test_ranks.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from bench.analyse.deviations import moderated
from bench.analyse.intervals import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bench.analyse.intervals import Sample

    Floats = NDArray[np.float64]

ERROR = 0.05
"""The error of all pairs together."""
TRUST = 1 / 3
"""What part of the prior degrees of freedom counts that all cells give together, at least."""
ROWS = 256
"""How many cells are compared with all others at once: more would only need more memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """Cells of a data set, and which of them the data can separate.

    Attributes:
        mean: (k,) float64, of each cell.
        error: (k,) float64, the variance of that mean.
        freedom: (k,) float64, degrees of freedom of that variance.
        shared: degrees of freedom of all variances together, of which no pair has more.
        pairs: how many there are.
    """

    mean: Floats
    error: Floats
    freedom: Floats
    shared: float
    pairs: int

    @property
    def level(self) -> float:
        """The error rate of one side of a test."""
        return ERROR / 2 / max(self.pairs, 1)

    def interval(self, first: int, second: int, confidence: float | None = None) -> Interval:
        """The interval of mean(first) - mean(second), 95 % for all pairs together.

        It excludes 0 exactly where one of the two is counted by `ahead` for the other.

        Args:
            first: the place of a cell.
            second: that of the other.
            confidence: of this interval alone, in (0, 1); None for what makes 95 % for all pairs.
        """
        level = self.level if confidence is None else (1 - confidence) / 2
        left, right = self.error[first], self.error[second]
        freedom = float(self._freedom(left, right, self.freedom[first], self.freedom[second]))
        difference = float(self.mean[first] - self.mean[second])
        reach = float(special.stdtrit(freedom, 1 - level)) * math.sqrt(left + right)
        return Interval(difference - reach, difference + reach)

    def mean_interval(self, cell: int, least: float = 0.0) -> Interval:
        """The interval of a cell's mean, 95 % for all cells together, so also for the best cell.

        Args:
            cell: its place.
            least: the least deviation of the mean that is assumed, in the unit of the score.
        """
        reach = float(special.stdtrit(self.freedom[cell], 1 - ERROR / 2 / len(self.mean)))
        reach *= max(math.sqrt(self.error[cell]), least)
        return Interval(float(self.mean[cell]) - reach, float(self.mean[cell]) + reach)

    def ahead(self, sign: int) -> NDArray[np.int64]:
        """How many cells are better than each by more than chance.

        Args:
            sign: 1 where more is better, else -1.

        Returns:
            (k,) int64.
        """
        # the best cell first: only earlier cells can be better
        order = np.argsort(-sign * self.mean, kind="stable")
        in_order = replace(self, mean=sign * self.mean[order], error=self.error[order], freedom=self.freedom[order])
        starts = range(0, len(order), ROWS)
        counts: NDArray[np.int64] = np.zeros(len(order), np.int64)
        for start in starts:
            counts[order[start : start + ROWS]] = in_order._ahead_of(slice(start, start + ROWS))  # noqa: SLF001
        return counts

    def _ahead_of(self, rows: slice) -> NDArray[np.int64]:
        """Of cells in order, the best first and more being better: how many are ahead of each of `rows`."""
        mean, error = self.mean[: rows.stop], self.error[: rows.stop]
        gain = mean[None, :] - self.mean[rows, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(gain > 0, gain / np.sqrt(error[None, :] + self.error[rows, None]), 0.0)
        # no pair is apart below the normal quantile, and every one above that of the fewest degrees of freedom
        apart = t > special.stdtrit(self.freedom.min(), 1 - self.level)
        open_ = (t > -special.ndtri(self.level)) & ~apart
        row, column = np.nonzero(open_)
        first = row + rows.start
        freedom = self._freedom(self.error[first], self.error[column], self.freedom[first], self.freedom[column])
        apart[row, column] = special.stdtr(freedom, -t[row, column]) < self.level
        counts: NDArray[np.int64] = apart.sum(axis=1)
        return counts

    def _freedom(self, left: Floats, right: Floats, own: Floats, other: Floats) -> Floats:
        total = left + right
        share = np.where(total > 0, left / np.where(total > 0, total, 1.0), 0.5)
        both = 1 / (share**2 / own + (1 - share) ** 2 / other)
        return np.minimum((both + np.minimum(own, other)) / 2, self.shared)


def separation(samples: Sequence[Sample]) -> Separation:
    """The cells of a data set, ready to be compared.

    Args:
        samples: of at least two values each.
    """
    n = np.array([sample.n for sample in samples], dtype=float)
    variance, freedom = moderated(samples, max(TRUST, 1 - 2 / math.sqrt(max(len(samples), 1))))
    return Separation(
        mean=np.array([sample.mean for sample in samples], dtype=float),
        error=variance / n,
        freedom=freedom,
        shared=float((n - 1).sum()),
        pairs=len(samples) * (len(samples) - 1) // 2,
    )
