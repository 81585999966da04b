"""The seam between what is to be trained and where: an executor takes tasks from a source and tells of events.

The local executor runs trials on this machine. Another one (a cluster's) has the same two sides. Delivery is at least
once; committing a record twice is harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.execute.messages import TrialTask
    from bench.record.records import EpochRecord, TrialRecord


class Wait:
    """What a source gives when there is work, but another run is at it."""


WAIT = Wait()


class TaskSource(Protocol):
    """Where an executor takes its tasks from."""

    def take(self) -> TrialTask | Wait | None:
        """The next task; WAIT when there may be one later; None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Surveying:
    """The engines are being timed for cells of this shape, before its first trial."""

    task: TrialTask


@dataclass(frozen=True, slots=True)
class Rating:
    """The rate of the device is being measured, before a trial on it."""

    task: TrialTask


@dataclass(frozen=True, slots=True)
class Started:
    """A trial has been handed to a worker."""

    task: TrialTask


@dataclass(frozen=True, slots=True)
class Progressed:
    """A trial has finished an epoch."""

    task: TrialTask
    epoch: EpochRecord


@dataclass(frozen=True, slots=True)
class Finished:
    """A trial has ended, one way or another."""

    task: TrialTask
    record: TrialRecord


Event = Surveying | Rating | Started | Progressed | Finished


class Executor(Protocol):
    """Anything that can train."""

    def run(self, source: TaskSource) -> Iterator[Event]:
        """Train what the source gives, and tell of everything as it happens."""
        ...
