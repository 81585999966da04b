"""What goes on during a measurement: whether its times may be trusted.

The kernel's own counters are read before and after (psutil; on Linux /proc/stat, proc(5)). Processors' time that was
neither idle nor this process's was taken by others; steal is the part of it that a hypervisor gave to other machines.
Idle time is counted, and not busy time, because the kernel measures when a processor goes idle and comes back, while
it samples at every tick who was busy: over windows of 0.1 s on two processors the deviation of what was read is 5 ms,
and 12 ms by the sum of busy times.

A window may be longer than what is timed in it (validation, callbacks), so all that others took in the window counts as
if they had taken it from what is timed: the shares are bounds from above.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from bench.core.formatting import percent, seconds
from bench.record.records import Doubt, Stability

if TYPE_CHECKING:
    from collections.abc import Sequence

OTHERS_SHARE = 0.10
"""Of all processors' time. On two cores a fifth of one: more than a desktop takes when nobody touches it."""

STEAL_SHARE = 0.05
"""Of all processors' time; on a quiet host it is below one percent."""

FREQUENCY_DROP = 0.15
"""Of the frequency at the beginning: a processor that became too hot, or lost its boost."""

EPOCH_SPREAD = 0.30
"""Interquartile range over median. Equal work on a steady machine varies by a few percent."""

RESOLUTION_S = 0.01
"""The kernel counts in hundredths of a second (USER_HZ, proc(5))."""

FEWEST_EPOCHS = 5
"""Quartiles of fewer say nothing."""


@dataclass(frozen=True, slots=True)
class Counters:
    """The kernel's counters at a moment, in seconds.

    Attributes:
        clock: of `time.perf_counter`.
        idle: of all processors, waiting for disks included.
        steal: of all processors; None where it is not counted.
        own: processors' time of this process and its ended children.
    """

    clock: float
    idle: float
    steal: float | None
    own: float


def read_counters() -> Counters:
    """The counters now; reading takes about a twentieth of a millisecond."""
    times = psutil.cpu_times()
    steal: float | None = getattr(times, "steal", None)
    return Counters(
        clock=time.perf_counter(),
        idle=times.idle + getattr(times, "iowait", 0.0),
        steal=steal,
        own=_own_s(),
    )


def stability(before: Counters, after: Counters, timed_s: float, cores: int) -> Stability:
    """What others took between two moments, as shares of what is timed between them.

    Args:
        before: read before what is timed.
        after: read after it.
        timed_s: seconds that are timed; the window may be longer.
        cores: logical processors of the machine.

    Returns:
        Shares of None where nothing was timed.
    """
    available = timed_s * cores
    if available <= 0:
        return Stability()
    window = (after.clock - before.clock) * cores
    stolen = None if before.steal is None or after.steal is None else max(0.0, after.steal - before.steal)
    others = window - (after.idle - before.idle) - (after.own - before.own) - (stolen or 0.0)
    return Stability(
        others_share=min(1.0, max(0.0, others) / available),
        steal_share=None if stolen is None else min(1.0, stolen / available),
        resolution_share=RESOLUTION_S / available,
    )


def spread(times_s: Sequence[float]) -> float | None:
    """Interquartile range over median; None for fewer than five."""
    if len(times_s) < FEWEST_EPOCHS:
        return None
    low, middle, high = statistics.quantiles(times_s, n=4, method="inclusive")
    return (high - low) / middle if middle else None


def doubts(measured: Stability) -> tuple[Doubt, ...]:
    """Why a time is not to be trusted; empty when it is.

    What others took must be known to be little: where the shares, with what the clock cannot tell, may be above the
    limit, the time is not trusted either.
    """
    limits = {
        Doubt.OTHERS: (measured.others_share, OTHERS_SHARE),
        Doubt.STEAL: (measured.steal_share, STEAL_SHARE),
        Doubt.FREQUENCY: (measured.frequency_drop, FREQUENCY_DROP),
        Doubt.EPOCHS: (measured.epoch_spread, EPOCH_SPREAD),
    }
    certain = [code for code, (value, limit) in limits.items() if value is not None and value > limit]
    if not {Doubt.OTHERS, Doubt.STEAL} & set(certain) and not _is_certain(measured):
        certain.append(Doubt.TOO_SHORT)
    return tuple(certain)


def doubt_text(measured: Stability, timed_s: float) -> str:
    """The doubts as a clause; empty where there are none.

    Args:
        measured: what went on.
        timed_s: seconds that were timed.
    """
    texts = {
        Doubt.OTHERS: f"other programs took {percent(measured.others_share, 0)} of the processors",
        Doubt.STEAL: f"other virtual machines took {percent(measured.steal_share, 0)} of the processors",
        Doubt.FREQUENCY: f"the processors' frequency fell by {percent(measured.frequency_drop, 0)}",
        Doubt.EPOCHS: f"epoch times were unstable (IQR {percent(measured.epoch_spread, 0)} of their median)",
        Doubt.TOO_SHORT: f"{seconds(timed_s)} is too short to tell what other programs took",
    }
    return "; ".join(texts[code] for code in doubts(measured))


class StabilityWatch:
    """Watches something that is timed: made before it, `begin` at its beginning, `lap` at its end, or at each end."""

    def __init__(self) -> None:
        self._frequency = _frequency()
        self._before: Counters | None = None
        self._after: Counters | None = None

    def begin(self) -> None:
        """What is timed begins now."""
        self._before = read_counters()

    def lap(self) -> None:
        """What is timed ends now, unless it goes on to another end."""
        self._after = read_counters()

    def stop(self, timed_s: float, epoch_times_s: Sequence[float] = ()) -> Stability:
        """What went on from the beginning to the last end.

        Args:
            timed_s: seconds that are timed.
            epoch_times_s: of equal work; the first one, which finds its memory and threads, is left out of the spread.
        """
        now = _frequency()
        drop = max(0.0, 1 - now / self._frequency) if self._frequency and now else None
        measured = Stability()
        if self._before is not None and self._after is not None:
            measured = stability(self._before, self._after, timed_s, psutil.cpu_count() or 1)
        return Stability(
            others_share=measured.others_share,
            steal_share=measured.steal_share,
            resolution_share=measured.resolution_share,
            frequency_drop=drop,
            epoch_spread=spread(epoch_times_s[1:]),
        )


def _is_certain(measured: Stability) -> bool:
    """Whether the kernel's clock is fine enough to tell that others took little."""
    if measured.others_share is None or measured.resolution_share is None:
        return False
    return measured.others_share + (measured.steal_share or 0.0) + measured.resolution_share <= OTHERS_SHARE


def _own_s() -> float:
    """Processors' time of this process, to the nanosecond, and of its ended children, to a hundredth of a second."""
    ended = os.times()
    return time.process_time() + ended.children_user + ended.children_system


def _frequency() -> float | None:
    """Of the processors, in MHz; None where it cannot be read."""
    measured = psutil.cpu_freq() if hasattr(psutil, "cpu_freq") else None
    return measured.current if measured and measured.current else None
