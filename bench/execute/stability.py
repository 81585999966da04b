"""What goes on around a training: whether its timing may be trusted.

The kernel's own counters are read before and after (psutil; on Linux /proc/stat, proc(5)): the processors' time that
neither this process nor the idle loop took was somebody else's, and steal is what a hypervisor gave to other machines.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from bench.core.formatting import percent
from bench.record.records import Stability

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

SHORTEST_S = 0.5
"""The kernel counts in hundredths of a second: over less time the shares say nothing."""

FEWEST_EPOCHS = 5
"""Quartiles of fewer say nothing."""


@dataclass(frozen=True, slots=True)
class Counters:
    """The kernel's counters at a moment, in seconds since the machine started.

    Attributes:
        busy: of all processors, idling and steal left out.
        steal: of all processors; None where it is not counted.
        own: of this process and its ended children.
        frequency: of the processors, in MHz; None where it cannot be read.
    """

    clock: float
    busy: float
    steal: float | None
    own: float
    frequency: float | None


def read_counters() -> Counters:
    """The counters now."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    steal: float | None = getattr(times, "steal", None)
    # guests' time is part of user time already (proc(5))
    guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    own = os.times()
    frequency = psutil.cpu_freq() if hasattr(psutil, "cpu_freq") else None
    return Counters(
        clock=time.perf_counter(),
        busy=sum(times) - idle - guests - (steal or 0.0),
        steal=steal,
        own=own.user + own.system + own.children_user + own.children_system,
        frequency=frequency.current if frequency and frequency.current else None,
    )


def stability(before: Counters, after: Counters, epoch_times_s: Sequence[float], cores: int) -> Stability:
    """What went on between two moments.

    Args:
        before: read before the training.
        after: read after it.
        epoch_times_s: the first epoch, which finds its memory and threads, is left out of the spread.
        cores: logical processors of the machine.
    """
    elapsed = after.clock - before.clock
    others = steal = drop = None
    if elapsed >= SHORTEST_S:
        available = elapsed * cores
        others = min(1.0, max(0.0, (after.busy - before.busy - (after.own - before.own)) / available))
        if before.steal is not None and after.steal is not None:
            steal = min(1.0, max(0.0, (after.steal - before.steal) / available))
    if before.frequency and after.frequency:
        drop = max(0.0, 1 - after.frequency / before.frequency)
    return Stability(
        others_share=others, steal_share=steal, frequency_drop=drop, epoch_spread=spread(epoch_times_s[1:])
    )


def spread(times_s: Sequence[float]) -> float | None:
    """Interquartile range over median; None for fewer than five."""
    if len(times_s) < FEWEST_EPOCHS:
        return None
    low, middle, high = statistics.quantiles(times_s, n=4, method="inclusive")
    return (high - low) / middle if middle else None


def doubt(found: Stability) -> str:
    """Why a timing is not to be trusted, as a clause; empty when it is."""
    told = [
        (found.others_share, OTHERS_SHARE, "other programs took {} of the processors"),
        (found.steal_share, STEAL_SHARE, "other virtual machines took {} of the processors"),
        (found.frequency_drop, FREQUENCY_DROP, "the processors' frequency fell by {}"),
        (found.epoch_spread, EPOCH_SPREAD, "epoch times were unstable (IQR {} of their median)"),
    ]
    return "; ".join(
        text.format(percent(value, 0)) for value, limit, text in told if value is not None and value > limit
    )


class StabilityWatch:
    """Watches a training from beginning to end."""

    def __init__(self) -> None:
        self._before = read_counters()

    def stop(self, epoch_times_s: Sequence[float]) -> Stability:
        """What went on since this watch was made."""
        return stability(self._before, read_counters(), epoch_times_s, psutil.cpu_count() or 1)
