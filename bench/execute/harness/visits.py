"""What workers see to for many tasks in turn, before a run trains: a look at every model, and references to follow."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from bench.core.formatting import seconds
from bench.execute.harness.launcher import ServerLostError, end_of
from bench.execute.harness.starting import RuntimeSignature
from bench.execute.messages import Drawn, Inspected, Refusal
from bench.execute.system.logs import last_line
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bench.execute.events import Answer
    from bench.execute.harness.launcher import WarmServer
    from bench.execute.harness.servers import Servers
    from bench.execute.messages import TrialTask
    from bench.execute.protocol import Ended

    Welcome = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a worker does for each of many tasks.

    Attributes:
        function: `package.module:function`; it sends an `Inspected` or a `Drawn` for each task, in order.
        payload: what the function is given of a task, with the file that captures what is printed meanwhile.
        log: the end of that file's name, in the run's folder.
        key: what the answer to a task is known by.
        doing: what is under way, as a clause in the past: `its model was built`.
        placed: whether it takes the device of a task, so that tasks of two devices need two workers.
    """

    function: str
    payload: Callable[[TrialTask, str], object]
    log: str
    key: Callable[[TrialTask], str]
    doing: str
    placed: bool = False

    def log_of(self, task: TrialTask) -> str:
        """The log of a task, relative to the run's folder."""
        return task.log.replace(".log", self.log)

    def worker(self, task: TrialTask) -> tuple[Any, ...]:
        """Tasks that may share a worker: of one runtime, under the same limits, and of one place where that matters."""
        cell = task.cell
        place = (cell.device, cell.deterministic) if self.placed else ()
        return cell.backend, cell.memory_limit_bytes or 0, cell.timeout_s, *place


def visit_all(
    visit: Visit, servers: Servers, tasks: Iterable[TrialTask], folder: Path, welcome: Welcome = nullcontext
) -> dict[str, Answer]:
    """Have workers see to every task.

    A worker sees to many tasks in turn. Where one ends the worker, or takes longer than its trials may, that task is
    refused and a new worker goes on with the next. Where the warm server is lost, it is started again, and the task
    that it was lost under is seen to once more.

    Args:
        visit: what is done.
        servers: warm, or getting there.
        tasks: each with a key of its own.
        folder: of the run, for logs.
        welcome: entered while a worker is waited for, so that an interruption is let in.

    Returns:
        By key: what the worker said; a refusal where it ended; None where only a trial can tell.

    Raises:
        ExecutionError: a warm server is gone.
    """
    answers: dict[str, Answer] = {}
    retried: set[str] = set()
    tasks = sorted(tasks, key=visit.worker)
    data = dict.fromkeys((task.data_path, task.data_sha256) for task in tasks if task.stream is None)
    for backend in dict.fromkeys(task.cell.backend for task in tasks):
        with suppress(ServerLostError):  # whoever asks it next sees to that
            servers.start(RuntimeSignature(backend)).hold(data)
    for _, group in groupby(tasks, visit.worker):
        left = list(group)
        while left:
            given, end = _answered(visit, servers, left, folder, welcome)
            answers.update({visit.key(task): answer for task, answer in zip(left, given, strict=False)})
            alone, left = len(left) == 1, left[len(given) :]
            if end is None:
                if left and visit.key(left[0]) in retried:
                    reason = f"The warm server ended twice while {visit.doing}."
                    answers[visit.key(left.pop(0))] = Refusal(status=Status.FAILED, reason=reason)
                retried |= {visit.key(task) for task in left[:1]}
            elif left and (alone or not given):
                # it was the first of its worker, so nothing but itself has ended it
                lost = left.pop(0)
                answers[visit.key(lost)] = _lost(visit, lost, end, folder / visit.log_of(lost))
    return answers


def _answered(
    visit: Visit, servers: Servers, tasks: Sequence[TrialTask], folder: Path, welcome: Welcome
) -> tuple[list[Answer], Ended | None]:
    """What one worker says of the tasks, as far as it gets, and how it ended; None where its server was lost."""
    given: list[Answer] = []
    logs = {folder / visit.log_of(task): task for task in tasks}
    next(iter(logs)).parent.mkdir(parents=True, exist_ok=True)
    server = servers.start(RuntimeSignature(tasks[0].cell.backend))
    try:
        return given, _followed(visit, server, logs, welcome, given)
    except ServerLostError as lost:
        servers.restart(server, lost)
        return given, None


def _followed(
    visit: Visit, server: WarmServer, tasks: Mapping[Path, TrialTask], welcome: Welcome, given: list[Answer]
) -> Ended:
    """Have a worker see to the tasks, by their logs; add every answer to `given`, and return how it ended."""
    first = next(iter(tasks.values())).cell
    job_id = server.submit(
        visit.function,
        tuple(visit.payload(task, str(log.absolute())) for log, task in tasks.items()),
        further_logs=tuple(tasks),
        timeout_s=first.timeout_s,
        memory_limit_bytes=first.memory_limit_bytes,
    )
    event = None
    for event in server.heard(job_id, welcome):
        if isinstance(event, Inspected):
            given.append(event.answer)
        elif isinstance(event, Drawn):
            given.append(event.refusal)
    return event  # type: ignore[return-value]  # the last is its end


def _lost(visit: Visit, task: TrialTask, end: Ended, log: Path) -> Refusal | None:
    """What became of a task that ended its worker."""
    said = last_line(log)
    if end.timed_out:
        took = seconds(task.cell.timeout_s)
        return Refusal(status=Status.TIMEOUT, reason=f"The {took} that a trial may take were over while {visit.doing}.")
    if end.held_bytes or "bad_alloc" in said or "Cannot allocate memory" in said:
        return None
    reason = f"The worker was ended by {end_of(end)} while {visit.doing}; the last line of its log: {said}"
    return Refusal(status=Status.FAILED, reason=reason)
