"""How far seeds of a cell lie apart, told from its own few seeds and from those of the other cells of the check. Pure.

Three seeds say little about their deviation. The cells of a check say together how far seeds usually lie apart, and how
much that differs from cell to cell; so a cell's own variance is moderated by theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from bench.analyse.gate.degrees import by_degrees
from bench.analyse.trigamma import trigamma, trigamma_inverse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KEPT = 0.5
"""The part of the estimated prior degrees of freedom that counts: they are estimated, and an estimate that is too high
raises false alarms."""

SPENT = 3
"""Cells that the estimate itself uses up: the part above shrinks by 1 - 3 / cells, and three cells have no prior. So do
means that are shrunk towards their mean (Efron and Morris, Journal of the American Statistical Association 70 (1975),
pages 311 to 319). Without it 4 cells in pairs raise 1.1 % false alarms instead of 1 % (30,000 simulated checks)."""

MOST_IN_PAIRS = 2.0
"""In pairs the prior counts for at most so many times the cell's own degrees of freedom. In large checks a wide cell
whose three pairs agree by chance would otherwise borrow a hundred: 10 of 200 cells that deviate four times as much as
the others raise 3.5 % false alarms without this bound, and 0.8 % with it (4,000 simulated checks). As two groups they
raise less than 1 % either way, since Welch's and Student's test have to agree."""


@dataclass(frozen=True, slots=True)
class Variance:
    """A variance and how sure it is.

    Attributes:
        value: (..., cells) float64.
        freedom: (..., cells) float64, its degrees of freedom.
    """

    value: Floats
    freedom: Floats


def moderated(variance: Floats, freedom: Floats, least: Floats, most: float = np.inf) -> Variance:
    """Variances that know of one another, along the last axis.

    The prior (degrees of freedom and variance) is estimated from the logarithms of the variances; at most half of its
    degrees of freedom count, and at most half of those that the other cells have. A variance is raised towards the
    prior where it is smaller, and kept where it is larger: a cell with widely spread seeds must not borrow certainty
    from quiet ones. Where a variance is kept, its degrees of freedom grow the less the further it is above the prior: a
    variance that is a little large by chance errs on the safe side, and the others say nothing of a cell that is unlike
    them.

    Source: Smyth, Statistical Applications in Genetics and Molecular Biology 3 (2004), article 3, sections 3 and 6.2.

    Args:
        variance: (..., cells) float64, n - 1 in the denominator; NaN where a cell has fewer than two seeds.
        freedom: (..., cells) float64, the degrees of freedom of each.
        least: (..., cells) float64, the smallest variance that the test set can show; at least 0.
        most: how many times a cell's own degrees of freedom the prior counts for at most.

    Returns:
        The variances, none smaller than `least`, NaN where they were NaN.
    """
    floored = np.maximum(variance, least)
    usable = np.isfinite(floored) & (floored > 0) & (freedom > 0)
    cells = usable.sum(axis=-1, keepdims=True)
    if cells.max(initial=0) <= SPENT:
        return Variance(floored, freedom)
    degrees = np.where(usable, freedom, 1.0)
    logs = np.where(usable, np.log(np.where(usable, floored, 1.0)) - by_degrees(_bias, degrees), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = logs.sum(axis=-1, keepdims=True) / cells
        scatter = (np.where(usable, logs - centre, 0.0) ** 2).sum(axis=-1, keepdims=True) / (cells - 1)
        expected = np.where(usable, by_degrees(_noise, degrees), 0.0).sum(axis=-1, keepdims=True) / cells
        between = scatter - expected
        differ = between > 0
        estimated = np.full(between.shape, np.inf)
        estimated[differ] = 2 * trigamma_inverse(between[differ])
        others = np.where(usable, freedom, 0.0).sum(axis=-1, keepdims=True) - freedom
        kept = KEPT * np.maximum(1 - SPENT / cells, 0.0)
        known = np.minimum(kept * np.minimum(estimated, others), most * np.where(usable, freedom, 1.0))
        prior = np.where(usable & (kept > 0), known, 0.0)
        half = np.where(differ, estimated, 1.0) / 2
        usual = np.exp(centre + np.where(differ, special.digamma(half) - np.log(half), 0.0))
        mixed = (prior * usual + freedom * floored) / (prior + freedom)
        lent = prior * np.minimum(usual / floored, 1.0)
    value = np.where(prior > 0, np.maximum(mixed, floored), floored)
    return Variance(value, freedom + np.where(prior > 0, lent, 0.0))


def _bias(degrees: Floats) -> Floats:
    """What the logarithm of a variance of 1 is on average, by its degrees of freedom."""
    return np.asarray(special.digamma(degrees / 2) - np.log(degrees / 2), dtype=np.float64)


def _noise(degrees: Floats) -> Floats:
    """The variance of that logarithm."""
    return trigamma(degrees / 2)


def moderated_in_pairs(variance: Floats, freedom: Floats, least: Floats) -> Variance:
    """The same of differences of pairs, with a prior that counts for less."""
    return moderated(variance, freedom, least, MOST_IN_PAIRS)


def own(variance: Floats, freedom: Floats, least: Floats) -> Variance:
    """Variances as they are, none smaller than the test set can show; for cells that are not independent."""
    return Variance(np.maximum(variance, least), freedom)
