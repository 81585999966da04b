"""Whether seeds are compared in pairs: the accepted and the current training of one seed. Pure.

Two trainings under one seed begin with the same weights and see the same batches, so their scores often rise and fall
together; what they have in common then drops out of their difference. Where they have nothing in common, pairs only
waste degrees of freedom. The choice reads how scores deviate from the means of their cells and never the means, so it
cannot know whether anything dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from bench.analyse.gate.degrees import by_degrees
from bench.analyse.gate.samples import moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.analyse.gate.samples import Samples

    Floats = NDArray[np.float64]

FEWEST = 3
"""Pairs of a cell without which it takes part in neither the choice nor the comparison by pairs."""

AGREEMENT = 0.5
"""From which agreement on pairs are the sharper comparison, whatever the number of accepted seeds beyond them."""

CHANCE = 0.02
"""How often unrelated seeds may be taken for related ones: the fewer pairs there are, the more they have to agree."""


def paired(samples: Samples) -> NDArray[np.bool_]:
    """Which cells are compared in pairs.

    Whether seeds are related is decided once for all cells of a check: their mean agreement has to reach `AGREEMENT`
    and what unrelated seeds reach by chance once in fifty checks. Of related seeds, a cell uses the pairs if that many
    of them promise a narrower bound than all of its seeds as two groups.

    Returns:
        (..., cells) bool.
    """
    pairs = moments(samples.pairs)
    both = ~np.isnan(samples.pairs)
    agreed, freedom = _agreement(samples, both, pairs.n)
    counts = ~np.isnan(agreed)
    cells = counts.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(counts, agreed, 0.0).sum(axis=-1, keepdims=True) / cells
    # cells none of whose seeds differ from the others agree by definition, and say nothing of the rest
    constant = (cells == 0) & (pairs.n >= FEWEST).any(axis=-1, keepdims=True)
    mean = np.where(constant, 1.0, mean)
    total = np.where(counts, freedom, 0.0).sum(axis=-1, keepdims=True)
    related = constant | ((cells > 0) & (mean >= np.maximum(AGREEMENT, _by_chance(total))))
    chosen: NDArray[np.bool_] = related & (pairs.n >= FEWEST) & _narrower(samples, pairs.n, mean)
    return chosen


def _narrower(samples: Samples, pairs: Floats, agreement: Floats) -> NDArray[np.bool_]:
    """Whether pairs promise the narrower one-sided 95 % bound, by the numbers of seeds and the agreement alone."""
    n0, n1 = (moments(values).n for values in (samples.base, samples.current))
    with np.errstate(invalid="ignore", divide="ignore"):
        in_pairs = _quantile(pairs - 1) * np.sqrt(np.maximum(2 * (1 - agreement), 0.0) / pairs)
        as_groups = _quantile(n0 + n1 - 2) * np.sqrt(1 / n0 + 1 / n1)
        narrower: NDArray[np.bool_] = in_pairs < as_groups
    return narrower


def _quantile(freedom: Floats) -> Floats:
    return by_degrees(lambda degrees: np.asarray(special.stdtrit(degrees, 0.95)), np.maximum(freedom, 1.0))


def _agreement(samples: Samples, both: NDArray[np.bool_], n: Floats) -> tuple[Floats, Floats]:
    """By cell, 1 less the variance of the differences over the sum of both sides' variances, and n - 1.

    1 where differences do not vary, 0 for unrelated seeds: how much is gained by pairs. NaN where nothing varies, or a
    cell has too few pairs.
    """
    base, current, pairs = (
        moments(np.where(both, values, np.nan)).variance for values in (samples.base, samples.current, samples.pairs)
    )
    whole = base + current
    with np.errstate(invalid="ignore", divide="ignore"):
        agreed = np.where((n >= FEWEST) & (whole > (samples.step / 4) ** 2), 1 - pairs / whole, np.nan)
    return agreed, n - 1


def _by_chance(freedom: Floats) -> Floats:
    """The mean agreement that unrelated seeds exceed with the probability `CHANCE`; (..., 1).

    Source: the null distribution of a correlation with that many degrees of freedom in all, r = t / sqrt(f + t^2);
    Snedecor and Cochran, Statistical Methods, 8th edition, section 10.6.
    """
    left = np.maximum(freedom - 1, 1)
    t = special.stdtrit(left, 1 - CHANCE)
    chance: Floats = t / np.sqrt(left + t**2)
    return chance
