"""Numbers that are drawn and not printed."""

from __future__ import annotations

import math


def drawn(value: float | None, unit: float = 1.0) -> float | None:
    """`value` in `unit`, to six significant digits, which no eye tells from the whole; None for NaN and infinity.

    Args:
        value: in base units: a fraction, seconds, bytes.
        unit: how much of them is one.
    """
    if value is None or value != value or math.isinf(value):  # noqa: PLR0124  pandas' own missing value is no float
        return None
    return float(f"{value / unit:.6g}")
