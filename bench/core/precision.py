"""What float32, in which models compute, can hold apart."""

from __future__ import annotations

import numpy as np

FEWEST_STEPS = 50
"""Of float32 between the smallest and the largest of some values; fewer make one number of many."""


def coarse_step(low: float, high: float) -> float | None:
    """The distance of float32 numbers at the size of some values, where it is too wide for them; else None.

    Args:
        low: the smallest value, finite.
        high: the largest one.
    """
    step = float(np.spacing(np.float32(max(abs(low), abs(high)))))
    return step if low < high and high - low < FEWEST_STEPS * step else None
