"""What a run still has to train: what the store holds is taken from there, what another run is at is waited for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.execute.choice import survey_budget_s
from bench.execute.events import WAIT, Wait
from bench.execute.messages import Inspection, Refusal, TrialTask
from bench.record.records import TrialRecord
from bench.record.store import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from bench.catalog.datasets import Obtained
    from bench.core.score import Score
    from bench.declare.plan import PlannedTrial
    from bench.record.store import Holder, Store


@dataclass(frozen=True, slots=True)
class Position:
    """A planned trial and its place in the plan."""

    index: int
    planned: PlannedTrial


class Schedule:
    """The task source of a run; see `events.TaskSource`.

    Args:
        planned: in the order to run.
        store: where finished trials are looked for and others are claimed.
        run_id: of this run.
        fresh: train everything anew.
        make_task: makes the task of a planned trial.
        on_reuse: told of every trial that is taken from the store.
        on_wait: told of everybody who is training what this run waits for, once each.
    """

    def __init__(
        self,
        planned: Sequence[PlannedTrial],
        store: Store,
        run_id: str,
        *,
        fresh: bool,
        make_task: Callable[[Position], TrialTask],
        on_reuse: Callable[[Position, TrialRecord], None],
        on_wait: Callable[[Holder], None],
    ) -> None:
        self._todo = deque(Position(index, trial) for index, trial in enumerate(planned))
        self._store, self._run_id, self._fresh = store, run_id, fresh
        self._make_task, self._on_reuse, self._on_wait = make_task, on_reuse, on_wait
        self._named: set[tuple[str, str, int]] = set()

    @property
    def remaining(self) -> tuple[Position, ...]:
        """What has not been taken yet, in the order of the plan."""
        return tuple(sorted(self._todo, key=lambda position: position.index))

    def take(self) -> TrialTask | Wait | None:
        """The next trial that nobody has trained or is training."""
        holders: list[Holder] = []
        for _ in range(len(self._todo)):
            position = self._todo.popleft()
            if self._fresh:
                return self._make_task(position)
            answer = self._store.acquire(position.planned.key, self._run_id)
            if answer is Claim.GRANTED:
                return self._make_task(position)
            if isinstance(answer, TrialRecord):
                self._on_reuse(position, answer)
            else:
                self._todo.append(position)  # somebody is at it: the others first, then look again
                holders += [answer.holder] if answer.holder is not None else []
        for holder in holders:
            name = holder.run_id, holder.hostname, holder.process_id
            if holder.run_id != self._run_id and name not in self._named:
                self._named.add(name)
                self._on_wait(holder)
        return WAIT if self._todo else None


@dataclass(frozen=True, slots=True)
class TaskMaker:
    """Makes the task that a worker can do from a planned trial.

    Attributes:
        run_id: of the run, part of every trial's id.
        data: by the cells' reference.
        builders: `package.module:function` by the cells' builder.
        score: what cells are ranked and judged by.
        search_path: folders that builders may be imported from.
        answers: what a look at their models found, by cell id.
        references: by position, the file that a trial of a cell which follows another backend begins with, or why there
            is none.
        shape_steps: training steps of all trials that are to be trained, by shape.
        models: the folder that trained models are saved in, as an absolute path; None to save none.
    """

    run_id: str
    data: Mapping[str, Obtained]
    builders: Mapping[str, str]
    score: Score
    search_path: tuple[str, ...]
    answers: Mapping[str, Inspection | Refusal | None] = field(default_factory=dict)
    references: Mapping[int, Path | Refusal] = field(default_factory=dict)
    shape_steps: Mapping[str, int] = field(default_factory=dict)
    models: Path | None = None

    def __call__(self, position: Position) -> TrialTask:
        """The task of a planned trial."""
        cell = position.planned.cell
        obtained = self.data[cell.dataset]
        answer = self.answers.get(cell.id)
        inspection = answer if isinstance(answer, Inspection) else None
        reference = self.references.get(position.index)
        refusal = next((result for result in (answer, reference) if isinstance(result, Refusal)), None)
        return TrialTask(
            # a number and not the cell's name, which is the user's own text and never becomes a path
            trial_id=f"{self.run_id}-{position.index:04d}",
            log=f"logs/{position.index:04d}.log",
            model_file="" if self.models is None else str(self.models / model_name(position.index)),
            position=position.index,
            key=position.planned.key,
            cell=cell,
            seed=position.planned.seed,
            shape=position.planned.shape,
            builder=self.builders[cell.builder],
            data_path=str(obtained.path),
            data_sha256=obtained.sha256,
            facts=obtained.facts,
            inspection=inspection,
            refusal=refusal,
            reference="" if reference is None or isinstance(reference, Refusal) else str(reference),
            survey_budget_s=survey_budget_s(inspection, self.shape_steps.get(position.planned.shape, 0)),
            target=obtained.target,
            stream=obtained.stream,
            score=self.score,
            search_path=self.search_path,
        )


def model_name(index: int) -> str:
    """The name of the file with the trained model of a trial, by its place in the plan of its run."""
    return f"{index:04d}.keras"
