"""How far predicted values are from true ones: the size of errors, and where predictions are too high or too low."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.predictions import consensus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.analyse.predictions import Answers

TENTHS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Absolute errors of a cell in one target.

    Attributes:
        ordered: (n,) float64, the smallest first.
    """

    ordered: NDArray[np.float64]

    def quantile(self, share: float) -> float:
        """The smallest error that at least this share of the examples does not exceed."""
        return float(self.ordered[max(0, math.ceil(share * len(self.ordered) - 1e-9) - 1)])

    @property
    def mean(self) -> float:
        """Over the examples."""
        return float(self.ordered.mean())

    @property
    def median(self) -> float:
        """What half of the errors do not exceed."""
        return self.quantile(0.5)

    @property
    def ninth(self) -> float:
        """What nine in ten of the errors do not exceed."""
        return self.quantile(0.9)

    @property
    def largest(self) -> float:
        """Of all."""
        return float(self.ordered[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tendency:
    """Predicted less true, means over examples.

    Attributes:
        mean: over all of them.
        low: over the tenth with the lowest true values, at least one.
        high: over the tenth with the highest.
        correlation: Pearson's, of predicted and true values; NaN where either does not vary.
    """

    mean: float
    low: float
    high: float
    correlation: float


def errors_of(answers: Answers, cell_id: str, target: int) -> Errors:
    """The absolute errors of a cell in one target, of the median over its seeds."""
    predicted = consensus(answers, answers.predicted[cell_id][:, :, target]).astype(np.float64)
    return Errors(np.sort(np.abs(predicted - answers.truth[:, target].astype(np.float64))))


def tendency(answers: Answers, cell_id: str, target: int) -> tuple[Tendency, NDArray[np.float64]]:
    """Where a cell predicts too high or too low, by the median over its seeds.

    Returns:
        That, and the medians, (n,) float64.
    """
    predicted = consensus(answers, answers.predicted[cell_id][:, :, target]).astype(np.float64)
    truth = answers.truth[:, target].astype(np.float64)
    order = np.argsort(truth, kind="stable")
    part = max(1, len(order) // TENTHS)
    off = predicted - truth
    varies = len(truth) > 1 and np.ptp(truth) > 0 and np.ptp(predicted) > 0
    return (
        Tendency(
            mean=float(off.mean()),
            low=float(off[order[:part]].mean()),
            high=float(off[order[-part:]].mean()),
            correlation=float(np.corrcoef(truth, predicted)[0, 1]) if varies else math.nan,
        ),
        predicted,
    )
