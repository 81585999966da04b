"""One trial trained in a fresh process, for its bits and not for the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.core.errors import ExecutionError
from bench.execute.harness.launcher import end_of
from bench.execute.harness.starting import RuntimeSignature
from bench.execute.messages import Ended, FinalWeights, TrialEnded
from bench.execute.system.logs import last_line
from bench.record.records import Outcome, Status

if TYPE_CHECKING:
    from bench.execute.harness.launcher import Servers
    from bench.execute.messages import TrialTask


@dataclass(frozen=True, slots=True)
class Twin:
    """A training with its ladder and its weights."""

    outcome: Outcome
    weights: FinalWeights


def train_for_bits(servers: Servers, task: TrialTask) -> Twin:
    """Train a task in a fresh process, keeping every digest and the final weights.

    Raises:
        ExecutionError: the training did not end well; the message says how.
    """
    if task.refusal is not None:
        raise ExecutionError(f"{task.cell.id} cannot be trained: {task.refusal.reason}")
    task = replace(task, ladder=True, keep_weights=True, measure=False)
    server = servers.start(RuntimeSignature(task.cell.backend))
    ended: TrialEnded | None = None
    weights = FinalWeights(task.trial_id, ())
    with server.log_file() as log:
        job_id = server.submit(
            "bench.execute.worker.training:train_trial",
            task,
            log=log,
            timeout_s=task.cell.timeout_s,
            memory_limit_bytes=task.cell.memory_limit_bytes,
        )
        while True:
            sender, event = server.receive()
            if sender != job_id:
                continue
            match event:
                case TrialEnded():
                    ended = event
                case FinalWeights():
                    weights = event
                case Ended():
                    break
        said = last_line(log)
    if ended is None:
        raise ExecutionError(f"{task.cell.id} seed {task.seed} was ended by {end_of(event)}: {said}")
    if ended.status is not Status.OK:
        raise ExecutionError(
            f"{task.cell.id} seed {task.seed} ended {ended.status}: {ended.reason}",
            hint="What does not train cannot be compared; `bench run` shows its log.",
        )
    return Twin(ended.outcome, weights)
