"""Functions of whole degrees of freedom, computed once for each number that occurs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def by_degrees(function: Callable[[Floats], Floats], degrees: Floats) -> Floats:
    """The function of every entry.

    Seeds are few, so a check of a thousand cells has a handful of different degrees of freedom, and special functions
    are what a check spends most of its time on.

    Args:
        function: of an array (k,) float64; element by element.
        degrees: float64 of any shape; whole numbers of at least 1.
    """
    whole = degrees.astype(np.intp)
    table = function(np.arange(1, whole.max(initial=1) + 1, dtype=np.float64))
    return table[whole - 1]
