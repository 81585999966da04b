"""What two sets of seeds say about their difference: p-values and bounds, for any number of cells at once. Pure.

Cells whose seeds are compared in pairs have one test, the paired t. For all others every test is asked twice, of
Welch's t and of Student's pooled t, and the more cautious answer counts. Welch's alone allows for unequal deviations,
but rejects too often at the small levels that a correction for many cells asks for: at a level of 0.0005, equal
deviations and 10 and 5 seeds 1.3 times as often as it says, with 10 and 2 seeds 13 times (2,000,000 simulated pairs
each). Student's is exact there; where deviations differ, Welch's is the one that holds.

All variances are moderated by those of the other cells (`spread`), and none is smaller than the test set can show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from bench.analyse.gate.pairing import paired
from bench.analyse.gate.samples import moments
from bench.analyse.gate.spread import moderated, moderated_in_pairs, own

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bench.analyse.gate.samples import Moments, Samples
    from bench.analyse.gate.spread import Variance

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Spread = Callable[[Floats, Floats, Floats], Variance]

FEWEST = 2
"""Seeds on either side without which there is no deviation to measure."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The difference of every cell, and how sure it is; arrays (..., cells).

    Attributes:
        difference: float64, the mean of the current gains less that of the accepted ones, of the pairs where cells are
            compared in pairs; NaN where a side has no seeds.
        errors: float64, (tests, ..., cells), its standard error by each test; NaN where there are too few seeds.
        freedoms: float64, (tests, ..., cells), the degrees of freedom of each.
        own_errors: the same of the cell's own seeds alone in pairs, for the claim that it did not drop by its margin: a
            cell that deviates more than the others must not pass by their calm.
        own_freedoms: the degrees of freedom of each.
        pairs: int64, how many pairs it is of; 0 where cells are not compared in pairs.
    """

    difference: Floats
    errors: Floats
    freedoms: Floats
    own_errors: Floats
    own_freedoms: Floats
    pairs: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the seeds say about d, the current mean less the baseline's; every array is (..., cells) float64.

    Attributes:
        difference: d; NaN where a side has no seeds.
        p_inferior: how probable a d as high as this is, if the cell had truly dropped by the margin: small for a
            cell that is not inferior.
        p_drop: how probable a d as low as this is, if the cell had truly not dropped by more than `tolerated`: small
            for a cell that dropped.
        p_gain: how probable a d as high as this is, if nothing had changed: small for a cell that gained.

    All three are 1 where either side has fewer than two seeds.
    """

    difference: Floats
    p_inferior: Floats
    p_drop: Floats
    p_gain: Floats


def estimate(samples: Samples) -> Estimate:
    """The difference of every cell, by pairs where the seeds of the check are related.

    Values move in steps, and half a step is the least deviation of a value. Of a difference of two it is the square
    root of a half of a step: three pairs that all differ by one step then have a p-value of 0.07, and chance alone
    brings that about in up to 1 of 8 cases.
    """
    least = samples.step**2 / 4
    whole = unpaired(moments(samples.base), moments(samples.current), least)
    by_pairs, of_pairs = paired(samples), moments(samples.pairs)
    figures = [
        np.where(by_pairs, in_pairs, as_groups)
        for spread in (moderated_in_pairs, own)
        for in_pairs, as_groups in zip(
            _of_pairs(of_pairs, 2 * least, spread), (whole.errors, whole.freedoms), strict=True
        )
    ]
    errors, freedoms, own_errors, own_freedoms = figures
    difference = np.where(by_pairs, of_pairs.mean, whole.difference)
    pairs = np.where(by_pairs, of_pairs.n, 0).astype(np.int64)
    return Estimate(difference, errors, freedoms, own_errors, own_freedoms, pairs)


def contradicted(samples: Samples, of: Estimate, level: float) -> Flags:
    """Cells whose pairs say one thing, and whose other current seeds dropped; (..., cells).

    Seeds that were not accepted take no part in pairs. Where they alone are significantly lower than all accepted
    ones, at `level` over all cells of the check (Bonferroni), the pairs are not the whole truth.
    """
    rest = unpaired(moments(samples.base), moments(samples.unmatched), samples.step**2 / 4)
    cells = samples.base.shape[-2]
    dropped = _p_below(rest.difference, rest.errors, rest.freedoms) <= level / cells
    contradict: Flags = (of.pairs > 0) & dropped
    return contradict


def unpaired(base: Moments, current: Moments, least: Floats, spread: Spread = moderated) -> Estimate:
    """The difference of every cell, each side as a whole.

    Args:
        base: of the accepted seeds.
        current: of the seeds to judge.
        least: (..., cells), the smallest variance that the test set can show.
        spread: `moderated`, or `own` where cells are not independent of one another.
    """
    tests = [_welch(base, current, least, spread), _student(base, current, least, spread)]
    difference = current.mean - base.mean
    errors, freedoms = np.stack([error for error, _ in tests]), np.stack([freedom for _, freedom in tests])
    return Estimate(difference, errors, freedoms, errors, freedoms, np.zeros(difference.shape, dtype=np.int64))


def evidence(of: Estimate, margin: Floats | float, tolerated: Floats | float = 0.0) -> Evidence:
    """What the seeds of two runs say about every cell.

    Args:
        of: the differences.
        margin: the largest drop that is accepted, in the unit of the gains.
        tolerated: the drop that a call of REGRESSED must exceed: 0, or the margin under the rule `margin`.
    """
    return Evidence(
        of.difference,
        p_inferior=_p_below(-(of.difference + margin), of.own_errors, of.own_freedoms),
        p_drop=_p_below(of.difference + tolerated, of.errors, of.freedoms),
        p_gain=_p_below(-of.difference, of.errors, of.freedoms),
    )


def bounds(of: Estimate, level: float) -> tuple[Floats, Floats]:
    """One-sided lower and upper bounds of d, each wrong with probability `level`; infinite for fewer than two seeds.

    A lower bound above -margin and a `p_inferior` below `level` are the same statement.
    """
    reach = reaches(of, level)
    there = np.isfinite(reach)
    return np.where(there, of.difference - reach, -np.inf), np.where(there, of.difference + reach, np.inf)


def reaches(of: Estimate, level: float) -> Floats:
    """How far a one-sided bound of d lies from d; infinite for fewer than two seeds."""
    with np.errstate(invalid="ignore"):
        quantiles = special.stdtrit(np.where(of.own_freedoms > 0, of.own_freedoms, 1.0), 1.0 - level)
        reach = (quantiles * of.own_errors).max(axis=0)
    return np.where(np.isnan(reach), np.inf, reach)


def _p_below(excess: Floats, errors: Floats, freedoms: Floats) -> Floats:
    """P(T <= excess / standard error), the larger of all tests'; means compare exactly where no error is known of."""
    certain = errors == 0
    with np.errstate(invalid="ignore"):
        t = excess / np.where(certain, 1.0, errors)
        p = special.stdtr(np.where(freedoms > 0, freedoms, 1.0), t)
    p = np.where(certain, np.where(excess < 0, 0.0, 1.0), p).max(axis=0)
    return np.where(np.isnan(p), 1.0, p)


def _of_pairs(pairs: Moments, least: Floats, spread: Spread) -> tuple[Floats, Floats]:
    """Standard error of d and degrees of freedom, by pairs.

    Source: Snedecor and Cochran, Statistical Methods, 8th edition, section 6.3.
    """
    variance = spread(pairs.variance, np.maximum(pairs.n - 1, 0), least)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt(variance.value / pairs.n), variance.freedom


def _student(base: Moments, current: Moments, least: Floats, spread: Spread) -> tuple[Floats, Floats]:
    """The same by Student's pooled form.

    Source: Snedecor and Cochran, Statistical Methods, 8th edition, section 6.4.
    """
    freedom = np.where(_enough(base, current), base.n + current.n - 2, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = ((base.n - 1) * base.variance + (current.n - 1) * current.variance) / freedom
        variance = spread(np.where(freedom > 0, pooled, np.nan), freedom, least)
        return np.sqrt(variance.value * (1 / base.n + 1 / current.n)), variance.freedom


def _welch(base: Moments, current: Moments, least: Floats, spread: Spread) -> tuple[Floats, Floats]:
    """The same by Welch, for unequal deviations.

    Sources: Welch, Biometrika 34 (1947), pages 28 to 35, with the degrees of freedom of Satterthwaite, Biometrics
    Bulletin 2 (1946), pages 110 to 114.
    """
    enough = _enough(base, current)
    sides = [
        (spread(np.where(enough, of.variance, np.nan), np.maximum(of.n - 1, 0), least), of.n) for of in (base, current)
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        (a, f), (b, g) = ((variance.value / n, variance.freedom) for variance, n in sides)
        return np.sqrt(a + b), (a + b) ** 2 / (a**2 / f + b**2 / g)


def _enough(base: Moments, current: Moments) -> Flags:
    return (base.n >= FEWEST) & (current.n >= FEWEST)
