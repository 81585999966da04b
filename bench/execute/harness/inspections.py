"""Having the models of a run looked at before it trains; the harness's side of `bench.execute.worker.inspection`."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import replace
from itertools import groupby
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from bench.core.formatting import seconds
from bench.core.text import storable
from bench.execute.failures import reason_text
from bench.execute.harness.launcher import RuntimeSignature, ServerLostError, end_of
from bench.execute.messages import Ended, Inspected, Inspection, Refusal
from bench.execute.system.logs import last_line
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bench.execute.harness.launcher import Servers, WarmServer
    from bench.execute.messages import TrialTask

    Answer = Inspection | Refusal | None


def inspect_models(
    servers: Servers,
    tasks: Iterable[TrialTask],
    folder: Path,
    welcome: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> dict[str, Answer]:
    """Have the model of every task built, called on a few inputs and compiled, in workers.

    A worker looks at many models in turn. Where one ends the worker, or takes longer than its trials may, that cell is
    refused and a new worker goes on with the next. Where the warm server is lost, it is started again, and the model
    that it was lost under is looked at once more.

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
    answers: dict[str, Answer] = {}
    retried: set[str] = set()
    tasks = sorted(tasks, key=_worker)
    data = dict.fromkeys((task.data_path, task.data_sha256) for task in tasks if task.stream is None)
    for backend in dict.fromkeys(task.cell.backend for task in tasks):
        with suppress(ServerLostError):  # whoever asks it next sees to that
            servers.start(RuntimeSignature(backend)).hold(data)
    for _, group in groupby(tasks, _worker):
        left = list(group)
        while left:
            given, end = _looked_at(servers, left, folder, welcome)
            answers.update({task.cell.id: _with_log(task, answer) for task, answer in zip(left, given, strict=False)})
            alone, left = len(left) == 1, left[len(given) :]
            if end is None:
                if left and left[0].cell.id in retried:
                    answers[left.pop(0).cell.id] = Refusal(status=Status.FAILED, reason=SERVER_LOST)
                retried |= {task.cell.id for task in left[:1]}
            elif left and (alone or not given):
                # it was the first of its worker, so nothing but itself has ended it
                lost = left.pop(0)
                answers[lost.cell.id] = _with_log(lost, _lost(lost, end, folder / _log(lost)))
    return answers


SERVER_LOST = "The warm server ended twice while the model was built."


def _log(task: TrialTask) -> str:
    """What a builder prints while its model is looked at, in the run's folder."""
    return task.log.replace(".log", "-model.log")


def _worker(task: TrialTask) -> tuple[str, int, float]:
    """Tasks that may share a worker: of one runtime and under the same limits."""
    return task.cell.backend, task.cell.memory_limit_bytes or 0, task.cell.timeout_s


def _looked_at(
    servers: Servers, tasks: Sequence[TrialTask], folder: Path, welcome: Callable[[], AbstractContextManager[object]]
) -> tuple[list[Answer], Ended | None]:
    """What one worker says of the tasks, as far as it gets, and how it ended; None where its server was lost."""
    given: list[Answer] = []
    (folder / _log(tasks[0])).parent.mkdir(parents=True, exist_ok=True)
    server = servers.start(RuntimeSignature(tasks[0].cell.backend))
    try:
        return given, _followed(server, tasks, folder, welcome, given)
    except ServerLostError as lost:
        servers.restart(server, lost)
        return given, None


def _followed(
    server: WarmServer,
    tasks: Sequence[TrialTask],
    folder: Path,
    welcome: Callable[[], AbstractContextManager[object]],
    given: list[Answer],
) -> Ended:
    """Have a worker look at the tasks, add every answer to `given`, and return how it ended."""
    first = tasks[0].cell
    job_id = server.submit(
        "bench.execute.worker.inspection:inspect",
        tuple((task, str((folder / _log(task)).absolute())) for task in tasks),
        further_logs=[folder / _log(task) for task in tasks],
        timeout_s=first.timeout_s,
        memory_limit_bytes=first.memory_limit_bytes,
    )
    while True:
        with welcome():
            spoke = wait([server.connection], timeout=server.patience())
        if not spoke:
            server.end_if_overdue()
            continue
        sender, event = server.receive()
        if sender != job_id:
            continue
        match event:
            case Inspected(answer=answer):
                given.append(answer)
            case Ended():
                return event


def _with_log(task: TrialTask, answer: Answer) -> Answer:
    if isinstance(answer, Refusal):
        return replace(answer, reason=reason_text(answer.reason), log=_log(task))
    return storable(answer)


def _lost(task: TrialTask, end: Ended, log: Path) -> Refusal | None:
    """What became of a cell whose model ended the worker."""
    said = last_line(log)
    if end.timed_out:
        took = seconds(task.cell.timeout_s)
        reason = f"Its model was not built within the {took} that a trial may take."
        return Refusal(status=Status.TIMEOUT, reason=reason)
    if end.held_bytes or "bad_alloc" in said or "Cannot allocate memory" in said:
        return None
    reason = f"The worker was ended by {end_of(end)} while the model was built; the last line of its log: {said}"
    return Refusal(status=Status.FAILED, reason=reason)
