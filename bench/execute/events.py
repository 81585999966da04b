"""The seam between what is to be trained and where: an executor takes tasks from a source and tells of events.

The local executor runs trials on this machine; another one has the same two sides. An event is of one attempt at a
trial, which its task names: what an earlier attempt still says is dropped. Delivery is at least once; committing a
record twice is harmless.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from bench.execute.messages import Inspection, Refusal, TrialTask
    from bench.record.fleet import NodeRecord
    from bench.record.records import EpochRecord, TrialRecord

    Answer = Inspection | Refusal | None


@dataclass(frozen=True, slots=True)
class Wait:
    """What a source gives when it may have a task later.

    Attributes:
        seconds: after which it is worth asking again.
    """

    seconds: float = 0.5


WAIT = Wait()
"""Another run is at the work that is left."""


class TaskSource(Protocol):
    """Where an executor takes its tasks from."""

    def take(self) -> TrialTask | Wait | None:
        """The next task; WAIT when there may be one later; None when there is none."""
        ...


class Listed:
    """A source that holds all its tasks."""

    def __init__(self, tasks: Iterable[TrialTask]) -> None:
        self._tasks = deque(tasks)

    def take(self) -> TrialTask | None:
        """The next task; None when there is none."""
        return self._tasks.popleft() if self._tasks else None


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


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """A trial that was asked to keep its weights has them, in the model's order."""

    task: TrialTask
    arrays: tuple[NDArray[Any], ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """A trial has ended, one way or another."""

    task: TrialTask
    record: TrialRecord


@dataclass(frozen=True, slots=True)
class NodeLost:
    """A node is given up; what it was at is trained by another."""

    node: NodeRecord


Event = Surveying | Rating | Started | Progressed | Weighed | Finished | NodeLost


class Executor(Protocol):
    """Anything that can train, and see to what is needed before."""

    @property
    def running(self) -> tuple[TrialTask, ...]:
        """The trials under way, which an interruption cuts short."""
        ...

    @property
    def held(self) -> tuple[TrialTask, ...]:
        """The trials that were taken from the source and have not started."""
        ...

    def look(self, tasks: Iterable[TrialTask]) -> dict[str, Answer]:
        """Have the model of every task built once.

        Returns:
            By cell id: what was found; why no trial of the cell can be trained; None where only a trial can tell.
        """
        ...

    def draw(self, tasks: Sequence[TrialTask], files: Path) -> dict[int, Path | Refusal]:
        """Have drawn what trials begin with that follow another backend.

        Args:
            tasks: of such trials.
            files: a folder for what is drawn, which lives as long as the trials are trained.

        Returns:
            By position: the file of the reference; why there is none.
        """
        ...

    def run(self, source: TaskSource) -> Iterator[Event]:
        """Train what the source gives, and tell of everything as it happens."""
        ...

    def stop(self) -> None:
        """End all that is under way, at once; harmless when that has happened already."""
        ...
