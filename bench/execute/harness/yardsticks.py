"""What is known of the rates of a run's devices: measured before the first trial, and remembered for the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.execute.messages import TrialTask
    from bench.record.records import Yardstick

ATTEMPTS = 3
"""Measurements of a device at most, while others disturb them: each is half a second that no trial runs."""

Configuration = tuple[str, str, str, bool]


@dataclass(slots=True)
class _Known:
    attempts: int = 0
    best: Yardstick | None = None


class Yardsticks:
    """The yardsticks of a run, one for each configuration that its workers have."""

    def __init__(self) -> None:
        self._known: dict[Configuration, _Known] = {}
        self.spent_s = 0.0

    def wanted(self, task: TrialTask) -> bool:
        """Whether the rate has to be measured before the task: never yet, or not yet undisturbed."""
        known = self._known.get(_configuration(task), _Known())
        return known.attempts == 0 or (known.attempts < ATTEMPTS and known.best is not None and bool(known.best.doubts))

    def find(self, task: TrialTask) -> Yardstick | None:
        """The yardstick for a task; None where it could not be measured."""
        return self._known.get(_configuration(task), _Known()).best

    def keep(self, task: TrialTask, yardstick: Yardstick | None, *, spent_s: float) -> None:
        """Keep what was measured: the fastest product counts, and one measurement that nobody disturbed is enough."""
        known = self._known.setdefault(_configuration(task), _Known())
        known.attempts += 1
        known.best = _better(known.best, yardstick)
        self.spent_s += spent_s


def _better(first: Yardstick | None, second: Yardstick | None) -> Yardstick | None:
    if first is None or second is None:
        return second if first is None else first
    fastest = max(first, second, key=lambda yardstick: yardstick.flops_per_s)
    # whoever was disturbed was slowed down: a rate that was reached can be reached
    return fastest if first.doubts and second.doubts else replace(fastest, doubts=())


def _configuration(task: TrialTask) -> Configuration:
    """What a rate depends on within a run: the runtime, device and threads, precision, and settings for exact bits."""
    cell = task.cell
    return cell.backend, cell.device, cell.precision, cell.deterministic
