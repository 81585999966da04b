"""A trial's stopwatch: the time each phase took, by `time.perf_counter`."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from bench.record.records import Phases

if TYPE_CHECKING:
    from collections.abc import Iterator

Phase = Literal["load", "build", "warmup", "compile", "train", "evaluate", "measure"]


class PhaseClock:
    """Collects phase times; a phase that was never entered stays None.

    Args:
        decided_at: when the harness decided to start the trial, on the same clock.
    """

    def __init__(self, decided_at: float) -> None:
        self._started = time.perf_counter()
        self._start_time_s = self._started - decided_at
        self._taken: dict[Phase, float] = {}

    @contextmanager
    def phase(self, name: Phase) -> Iterator[None]:
        """Time what happens inside, also when it raises."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - begun)

    def add(self, name: Phase, duration_s: float) -> None:
        """Add seconds measured elsewhere to a phase."""
        self._taken[name] = self._taken.get(name, 0.0) + duration_s

    def read(self) -> Phases:
        """The times so far."""
        taken = {f"{name}_time_s": duration for name, duration in self._taken.items()}
        return Phases(start_time_s=self._start_time_s, total_time_s=time.perf_counter() - self._started, **taken)
