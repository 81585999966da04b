"""How trials end: their records, and what a worker that said nothing died of."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.core.formatting import plural, seconds, size
from bench.core.text import storable
from bench.execute.failures import reason_text
from bench.execute.harness.launcher import end_of
from bench.execute.system.logs import last_line
from bench.execute.system.machine import machine_signature
from bench.record.records import Doubt, Outcome, Phases, Status, TrialRecord

if TYPE_CHECKING:
    from pathlib import Path

    from bench.execute.messages import TrialEnded, TrialTask
    from bench.execute.protocol import Ended
    from bench.record.records import EpochRecord


@dataclass(slots=True)
class Running:
    """A trial under way, as far as its worker has reported.

    Attributes:
        jobs: trials that run at a time, at most.
        alone: whether its worker had done nothing before, by intention.
        began: whether the worker has taken it up.
        ended: what the worker said of its end.
    """

    task: TrialTask
    run_id: str
    started_at: str
    memory_limit_bytes: int
    jobs: int
    alone: bool = False
    began: bool = False
    epochs: list[EpochRecord] = field(default_factory=list)
    ended: TrialEnded | None = None


def ended_record(trial: Running, otherwise: tuple[Status, str] | None = None) -> TrialRecord:
    """The record of a trial that has ended.

    Args:
        trial: as far as its worker has reported.
        otherwise: status and reason, where the worker has not said how it ended.
    """
    if trial.ended is not None:
        status, reason, outcome = trial.ended.status, trial.ended.reason, trial.ended.outcome
    else:
        status, reason = otherwise or (Status.FAILED, "")
        trained = sum(epoch.train_time_s for epoch in trial.epochs)
        phases = Phases(train_time_s=trained, total_time_s=time.perf_counter() - trial.task.decided_at)
        outcome = Outcome(epochs=tuple(trial.epochs), data_sha256=trial.task.data_sha256, phases=phases)
    contention, doubts = (trial.ended.contention, trial.ended.doubts) if trial.ended else ("", ())
    if trial.jobs > 1:
        contention = f"{plural(trial.jobs, 'trial')} ran at a time (--jobs {trial.jobs})"
        doubts = (Doubt.JOBS,)
    return record_of(
        trial.task,
        trial.run_id,
        status,
        reason,
        outcome=outcome,
        started_at=trial.started_at,
        contention=contention,
        doubts=doubts,
    )


def post_mortem(trial: Running, end: Ended, log: Path) -> tuple[Status, str]:
    """Why a worker ended without a word, with the status of its trial.

    Args:
        trial: that it had.
        end: of the worker.
        log: of the trial.
    """
    task = trial.task
    reached = f"after {plural(len(trial.epochs), 'epoch')} of {task.cell.settings.epochs}"
    if end.timed_out:
        return (
            Status.TIMEOUT,
            f"The trial took longer than its {seconds(task.cell.timeout_s)} and was ended {reached}.",
        )
    limit = size(trial.memory_limit_bytes)
    if end.held_bytes:
        held = f"The trial held {size(end.held_bytes)} with the processes that it started"
        return Status.FAILED, f"{held}, and was ended {reached}: its memory limit is {limit}."
    said = last_line(log)
    if "bad_alloc" in said or "Cannot allocate memory" in said:
        return (
            Status.FAILED,
            f"The trial reached its memory limit of {limit} {reached}: {said}",
        )
    return Status.FAILED, f"The worker was ended by {end_of(end)} {reached}; the last line of its log: {said}"


def record_of(
    task: TrialTask,
    run_id: str,
    status: Status,
    reason: str,
    *,
    outcome: Outcome | None = None,
    started_at: str = "",
    contention: str = "",
    doubts: tuple[Doubt, ...] = (),
) -> TrialRecord:
    """The record of a task that ended with `status`; its texts are such that any file can hold them."""
    record = TrialRecord(
        trial_id=task.trial_id,
        key=task.key,
        run_id=run_id,
        cell=task.cell,
        seed=task.seed,
        status=status,
        reason=reason_text(reason),
        contention=contention,
        doubts=doubts,
        machine=machine_signature() if started_at else "",
        started_at=started_at or datetime.now(UTC).isoformat(timespec="milliseconds"),
        log=task.log if started_at or task.refusal else "",
        node=task.node,
        node_kind=task.node_kind,
        attempt=task.attempt,
        outcome=outcome or Outcome(),
    )
    return storable(record)
