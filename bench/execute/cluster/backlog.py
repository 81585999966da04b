"""The trials that were taken from the source and wait for a node of their kind, or for the survey of their shape."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.execute.cluster.shapes import Shapes
    from bench.execute.messages import TrialTask


class Backlog:
    """Trials by kind of node, in the order in which they are to be trained.

    Args:
        kinds: names of all kinds; a cell that names none is of the first.
        shapes: who waits for a survey.
    """

    def __init__(self, kinds: Iterable[str], shapes: Shapes) -> None:
        self._ready: dict[str, deque[TrialTask]] = {kind: deque() for kind in kinds}
        self._shapes = shapes
        self._number = 0

    def __len__(self) -> int:
        """Trials, those that wait for a survey included."""
        return self._number

    @property
    def tasks(self) -> tuple[TrialTask, ...]:
        """All of them."""
        return (*(task for ready in self._ready.values() for task in ready), *self._shapes.parked)

    def kind(self, task: TrialTask) -> str:
        """The kind of node that trains a task."""
        return task.cell.node_kind or next(iter(self._ready))

    def add(self, task: TrialTask) -> None:
        """A trial comes last."""
        self._ready[self.kind(task)].append(task)
        self._number += 1

    def repeat(self, task: TrialTask) -> None:
        """A trial whose node was lost comes first."""
        self._ready[self.kind(task)].appendleft(task)
        self._number += 1

    def next(self, kind: str) -> tuple[TrialTask, bool] | None:
        """The next trial of a kind that can begin, and whether it measures the engines first; None where none can."""
        ready = self._ready[kind]
        while ready:
            settled = self._shapes.settled(ready.popleft())
            if settled is not None:  # else it waits for the survey of its shape
                self._number -= 1
                return settled
        return None

    def survey_decided(self, task: TrialTask) -> None:
        """Whether the engines were measured for a shape is decided: those that wait for it go on."""
        self._ready[self.kind(task)].extendleft(reversed(self._shapes.decided(task)))

    def survey_lost(self, task: TrialTask) -> None:
        """The node that measured is lost: one of those that wait measures anew."""
        self._ready[self.kind(task)].extendleft(reversed(self._shapes.given_up(task)))

    def stranded(self, alive: Mapping[str, int]) -> list[str]:
        """The kinds that have trials and no node left."""
        return [kind for kind, ready in self._ready.items() if ready and not alive[kind]]

    def drop(self, kind: str) -> TrialTask | None:
        """Take out the first trial of a kind, which will not be trained; None where there is none."""
        if not self._ready[kind]:
            return None
        self._number -= 1
        return self._ready[kind].popleft()
