"""Having the models of a run looked at before it trains; the harness's side of `bench.execute.worker.inspection`."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.core.text import storable
from bench.execute.failures import reason_text
from bench.execute.harness.visits import Visit, visit_all
from bench.execute.messages import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bench.execute.events import Answer
    from bench.execute.harness.servers import Servers
    from bench.execute.harness.visits import Welcome
    from bench.execute.messages import TrialTask

LOOK = Visit(
    function="bench.execute.worker.inspection:inspect",
    payload=lambda task, log: (task, log),
    log="-model.log",
    key=lambda task: task.cell.id,
    doing="the model was built",
)


def inspect_models(
    servers: Servers, tasks: Iterable[TrialTask], folder: Path, welcome: Welcome = nullcontext
) -> dict[str, Answer]:
    """Have the model of every task built, called on a few inputs and compiled, in workers.

    Args:
        servers: warm, or getting there.
        tasks: one for each cell.
        folder: of the run, for the logs of builders.
        welcome: entered while a worker is waited for, so that an interruption is let in.

    Returns:
        By cell id: what was found; why no trial of the cell can be trained; None where only a trial can tell.

    Raises:
        ExecutionError: a warm server is gone.
    """
    tasks = tuple(tasks)
    answers = visit_all(LOOK, servers, tasks, folder, welcome)
    return {task.cell.id: _with_log(task, answers[task.cell.id]) for task in tasks}


def _with_log(task: TrialTask, answer: Answer) -> Answer:
    if isinstance(answer, Refusal):
        return replace(answer, reason=reason_text(answer.reason), log=LOOK.log_of(task))
    return storable(answer)
