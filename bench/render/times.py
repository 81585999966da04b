"""A ratio of two times in words: a figure only if the interval excludes 1 and the times differ by 5 %."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import about_one, ratio, ratio_range

if TYPE_CHECKING:
    from bench.analyse.gate.pace import Ratio


def differ(time: Ratio) -> bool:
    """Whether the interval of a ratio excludes 1, and the ratio is not about 1."""
    return not (time.low <= 1 <= time.high or about_one(time.value))


def comparison(time: Ratio, what: str, times: str, context: str = "") -> str:
    """`an epoch takes 2.01 times as long (1.90 to 2.12)`, or that times are about equal or cannot be separated.

    Args:
        time: of the later over the earlier, or of the other over the reference.
        what: is timed: `an epoch`.
        times: their plural: `epoch times`.
        context: what else stands in the brackets, with its comma.
    """
    interval = f"{ratio_range(time.low, time.high)}{context}"
    if differ(time):
        return f"{what} takes {ratio(time.value)} times as long ({interval})"
    separate = not time.low <= 1 <= time.high
    if separate or (about_one(time.low) and about_one(time.high)):
        return f"{times} are about equal (ratio {interval})"
    return f"{times} cannot be separated (ratio {interval})"
