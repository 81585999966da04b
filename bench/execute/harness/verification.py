"""One trial trained in a fresh process, for its bits and not for the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.core.errors import ExecutionError
from bench.execute.events import Finished, Listed, Weighed
from bench.record.records import Outcome, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.execute.events import Executor
    from bench.execute.messages import TrialTask
    from bench.record.records import TrialRecord


@dataclass(frozen=True, slots=True)
class Twin:
    """A training with its ladder and its weights, in the model's order."""

    outcome: Outcome
    weights: tuple[NDArray[Any], ...]


def train_for_bits(executor: Executor, task: TrialTask) -> Twin:
    """Train a task in a fresh process, keeping every digest and the final weights.

    Raises:
        ExecutionError: the training did not end well; the message says how.
    """
    if task.refusal is not None:
        raise ExecutionError(f"{task.cell.id} cannot be trained: {task.refusal.reason}")
    weights: tuple[NDArray[Any], ...] = ()
    ended: TrialRecord | None = None
    for event in executor.run(Listed([replace(task, ladder=True, keep_weights=True)])):
        match event:
            case Weighed(arrays=arrays):
                weights = arrays
            case Finished(record=record):
                ended = record
    if ended is None or ended.status is not Status.OK:
        how = "was not trained" if ended is None else f"ended {ended.status}: {ended.reason}"
        raise ExecutionError(
            f"{task.cell.id} seed {task.seed} {how}",
            hint="What does not train cannot be compared; `bench run` shows its log.",
        )
    return Twin(ended.outcome, weights)
