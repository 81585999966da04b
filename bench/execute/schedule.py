"""What a run still has to train: takes finished trials from the store, claims the others, waits for those of other runs."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.execute.executor import WAIT, Wait
from bench.execute.messages import TrialTask
from bench.record.records import TrialRecord
from bench.record.store import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.catalog.datasets import Obtained
    from bench.declare.cell import Cell
    from bench.declare.plan import PlannedTrial
    from bench.record.store import Store

LEASE_MARGIN_S = 60.0
"""Beyond its time limit, what a trial on another machine may take to be committed."""


@dataclass(frozen=True, slots=True)
class Position:
    """A planned trial and its place in the plan."""

    index: int
    planned: PlannedTrial


class Schedule:
    """The task source of a run; see `executor.TaskSource`.

    Args:
        planned: in the order to run.
        store: where finished trials are looked for and others are claimed.
        run_id: of this run.
        fresh: train everything anew.
        task_of: makes the task of a planned trial at an index.
        on_reuse: told of every trial that is taken from the store.
    """

    def __init__(
        self,
        planned: Sequence[PlannedTrial],
        store: Store,
        run_id: str,
        *,
        fresh: bool,
        task_of: Callable[[Position], TrialTask],
        on_reuse: Callable[[Position, TrialRecord], None],
    ) -> None:
        self._todo = deque(Position(index, trial) for index, trial in enumerate(planned))
        self._store, self._run_id, self._fresh = store, run_id, fresh
        self._task_of, self._on_reuse = task_of, on_reuse

    @property
    def remaining(self) -> tuple[Position, ...]:
        """What has not been taken yet, in the order of the plan."""
        return tuple(sorted(self._todo, key=lambda position: position.index))

    def take(self) -> TrialTask | Wait | None:
        """The next trial that nobody has trained or is training."""
        for _ in range(len(self._todo)):
            position = self._todo.popleft()
            if self._fresh:
                return self._task_of(position)
            planned = position.planned
            answer = self._store.acquire(planned.key, self._run_id, lease_s=planned.cell.timeout_s + LEASE_MARGIN_S)
            if answer is Claim.GRANTED:
                return self._task_of(position)
            if isinstance(answer, TrialRecord):
                self._on_reuse(position, answer)
            else:
                self._todo.append(position)  # somebody is at it: the others first, then look again
        return WAIT if self._todo else None


def task_maker(
    run_id: str, data: Mapping[str, Obtained], targets: Callable[[Cell], str], search_path: tuple[str, ...]
) -> Callable[[Position], TrialTask]:
    """A function from a planned trial to the task that a worker can do.

    Args:
        run_id: of the run, part of every trial's id.
        data: by the cells' reference.
        targets: the builder of a cell as `package.module:function`.
        search_path: folders that builders may be imported from.
    """

    def make(position: Position) -> TrialTask:
        cell, seed, key = position.planned.cell, position.planned.seed, position.planned.key
        obtained = data[cell.dataset]
        return TrialTask(
            trial_id=f"{run_id}-{position.index:04d}",
            key=key,
            cell=cell,
            seed=seed,
            target=targets(cell),
            data_path=str(obtained.path),
            data_sha256=obtained.sha256,
            num_classes=len(obtained.classes),
            search_path=search_path,
            # a number and not the cell's name, which is the user's own text
            log=f"logs/{position.index:04d}.log",
        )

    return make
