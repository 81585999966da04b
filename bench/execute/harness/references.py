"""Having references drawn for cells to follow; the harness's side of `bench.execute.worker.reference`."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.execute.backends import BACKENDS
from bench.execute.failures import reason_text
from bench.execute.harness.visits import Visit, visit_all
from bench.execute.messages import Refusal
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.execute.harness.servers import Servers
    from bench.execute.harness.visits import Welcome
    from bench.execute.messages import TrialTask


def draw_references(
    servers: Servers, tasks: Sequence[TrialTask], files: Path, folder: Path, welcome: Welcome = nullcontext
) -> dict[int, Path | Refusal]:
    """Have what trials begin with drawn on the backends that they follow, each once.

    Args:
        servers: warm, or getting there.
        tasks: of trials whose cells follow another backend.
        files: a folder for what is drawn, which lives as long as the trials are trained.
        folder: of the run, for logs.
        welcome: entered while a worker is waited for.

    Returns:
        By position: the file of the reference; why there is none.

    Raises:
        ExecutionError: a warm server is gone.
    """
    references: dict[tuple[str, str, int], TrialTask] = {}
    leaders: dict[int, TrialTask] = {}
    for task in tasks:
        if task.stream is not None:
            continue
        cell = replace(task.cell, backend=task.cell.follows, follows="")
        reference = replace(task, cell=cell)
        # cells on several backends may follow one and the same
        leaders[task.position] = references.setdefault((cell.fingerprint(), cell.dataset, task.seed), reference)
    visit = Visit(
        function="bench.execute.worker.reference:draw",
        payload=lambda task, log: (task, log, str(_file(files, task))),
        log="-reference.log",
        key=lambda task: task.trial_id,
        doing="what it is to begin with was drawn on another backend",
        placed=True,
    )
    answers = visit_all(visit, servers, references.values(), folder, welcome)
    drawn: dict[int, Path | Refusal] = {
        task.position: Refusal(status=Status.FAILED, reason=_streamed(task))
        for task in tasks
        if task.stream is not None
    }
    for position, leader in leaders.items():
        answer, path = answers[leader.trial_id], _file(files, leader)
        if isinstance(answer, Refusal):
            drawn[position] = replace(answer, reason=reason_text(answer.reason), log=visit.log_of(leader))
        else:
            drawn[position] = path if path.is_file() else Refusal(status=Status.FAILED, reason=NO_MEMORY)
    return drawn


NO_MEMORY = "Memory ran out while what the trial is to begin with was drawn on the backend that it follows."


def _streamed(task: TrialTask) -> str:
    here, there = (BACKENDS[name].title for name in (task.cell.backend, task.cell.follows))
    return (
        f"Data that a loader streams comes in an order that {here} cannot take over from {there}. Declare the cell "
        "on one backend only, or let the loader return arrays."
    )


def _file(files: Path, task: TrialTask) -> Path:
    return files.absolute() / f"{task.trial_id}.npz"
