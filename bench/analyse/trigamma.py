"""The trigamma function and its inverse, which says how much variances differ beyond chance. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STEPS = 8
"""Of Newton's method at most; five give ten digits."""
CLOSE = 1e-9
"""The relative change of a step after which no further one is taken: it squares with every step."""
STEEP = 10.0
"""Values from which the start of small results is the better one."""
LARGEST, SMALLEST = 1e7, 1e-6
"""Where trigamma(y) is 1 / y^2 and 1 / y to ten and six digits, and Newton's method would only lose some."""


def trigamma(values: Floats) -> Floats:
    """The second derivative of log gamma, of values above 0; Hurwitz's zeta is all of it that has to be computed."""
    return np.asarray(special.zeta(2, values), dtype=np.float64)


def trigamma_inverse(values: Floats) -> Floats:
    """Y with trigamma(y) = value, for each value above 0.

    Newton's method on 1 / trigamma, which is nearly linear.

    Source: Smyth, Statistical Applications in Genetics and Molecular Biology 3 (2004), article 3, appendix.
    """
    inner = np.clip(values, SMALLEST, LARGEST)
    # near 0 trigamma(y) is 1 / y^2 + pi^2 / 6, and the usual start is far away
    y = np.where(inner > STEEP, 1 / np.sqrt(np.maximum(inner - np.pi**2 / 6, 1.0)), 0.5 + 1 / inner)
    for _ in range(STEPS):
        reached = trigamma(y)
        change = reached * (1 - reached / inner) / (2 * special.zeta(3, y))
        y -= change
        if (np.abs(change) <= CLOSE * y).all():
            break
    return np.where(values > LARGEST, 1 / np.sqrt(values), np.where(values < SMALLEST, 1 / values, y))
