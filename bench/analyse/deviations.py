"""Deviations of many small samples: what all of them show together helps each. Pure.

With few values a sample's own variance is uncertain. It is moderated towards what is usual among all, by as much as
they are alike (Smyth, Statistical Applications in Genetics and Molecular Biology 3 (2004), article 3, sections 3 and
6). Only a part of the prior degrees of freedom counts, since few samples say little about how alike they are. A sample
that deviates far more than usual keeps its own variance and says nothing of what is usual (after Phipson and others,
Annals of Applied Statistics 10 (2016), pages 946 to 963).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from bench.analyse.trigamma import trigamma, trigamma_inverse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bench.analyse.intervals import Sample

    Floats = NDArray[np.float64]

ERROR = 0.05
"""How often a set without a wild sample has a sample that is taken for wild."""
CELLS = 3
"""Up to so many samples, each keeps its own variance."""
FEWEST = 2
"""Degrees of freedom of a variance that may help to say what is usual."""
WILD = 4
"""Robust deviations above the median logarithm of a variance, beyond which a sample says nothing of what is usual."""
MAD = 1.4826
"""What makes a median absolute deviation the deviation of normal values."""


def moderated(samples: Sequence[Sample], trust: float) -> tuple[Floats, Floats]:
    """Variances with what all samples show together about them, and their degrees of freedom.

    Args:
        samples: of at least two values each.
        trust: what part of the prior degrees of freedom counts, in [0, 1].

    Returns:
        Two arrays (k,) float64.
    """
    variance = np.array([sample.spread**2 for sample in samples], dtype=float)
    freedom = np.array([sample.n - 1 for sample in samples], dtype=float)
    cells = len(variance)
    known = (freedom >= FEWEST) & (variance > 0)
    if cells <= CELLS or known.sum() <= CELLS:
        return variance, freedom
    usual, prior = _prior(variance[known], freedom[known])
    prior = np.minimum(prior, freedom.sum() - freedom) * trust
    wild = variance > usual * special.fdtri(freedom, np.maximum(prior, 1e-3), 1 - ERROR / cells)
    moderated = (prior * usual + freedom * variance) / (prior + freedom)
    return np.where(wild, variance, moderated), np.where(wild, freedom, prior + freedom)


def _prior(variance: Floats, freedom: Floats) -> tuple[float, float]:
    """The usual variance and the degrees of freedom it is worth, infinite for all alike: Smyth 2004, section 6.2."""
    half = freedom / 2
    logs = np.log(variance) - special.digamma(half) + np.log(half)
    noise = trigamma(half)
    # a few wild cells would make all others look unlike each other
    middle = np.median(logs)
    usual = logs < middle + WILD * max(MAD * float(np.median(np.abs(logs - middle))), math.sqrt(float(noise.max())))
    logs, excess = logs[usual], float(logs[usual].var(ddof=1) - noise[usual].mean())
    if excess <= 0:
        return float((variance * freedom)[usual].sum() / freedom[usual].sum()), math.inf
    worth = float(trigamma_inverse(np.array(excess)))
    return float(np.exp(logs.mean() + special.digamma(worth) - np.log(worth))), 2 * worth
