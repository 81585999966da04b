"""What the harness and a warm server say to each other about jobs. All of these values pickle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A function for a fresh worker process to call.

    Attributes:
        job_id: unique within a server.
        function: `package.module:function`, called as `function(payload, send)`; what it sends arrives as `Message`s.
        payload: its argument.
        folder: the current folder of the harness, which the worker works in as well.
        temporary: a folder for temporary files; it is there while the job runs, and gone with its content afterwards.
        log: the file that captures everything printed, as an absolute path; None throws it away.
        further_logs: files that the job captures output in by itself; they are kept as short as `log`.
        timeout_s: seconds until the worker, and all that it started, are ended; None lets it run.
        memory_limit_bytes: what the worker and all that it started may hold; None leaves it to the machine.
        lasting: the function is called as `function(payload, send, following)`, where `following` is an iterator over
            further payloads; it ends when the harness has no more.
    """

    job_id: int
    function: str
    payload: Any
    folder: str
    temporary: str
    log: str | None = None
    further_logs: tuple[str, ...] = ()
    timeout_s: float | None = None
    memory_limit_bytes: int | None = None
    lasting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """A further payload for a lasting worker that waits for one.

    Attributes:
        content: the payload, pickled: the server passes it on unread.
        log: the file that the worker captures output in from then on, as an absolute path.
        timeout_s: seconds from now until the worker is ended.
    """

    job_id: int
    content: bytes
    log: str
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """A lasting worker has nothing to do for now: it may wait for as long as it takes."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Leave:
    """A lasting worker gets nothing more, and ends."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Data sets for the server to read, so that workers inherit them; it lets go of all others.

    Attributes:
        datasets: the file and the SHA-256 of each.
    """

    datasets: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """The server has imported what workers need.

    Attributes:
        start_method: `fork`, or `spawn` where forking is not safe.
        import_time_s: seconds the imports took.
    """

    start_method: str
    import_time_s: float


@dataclass(frozen=True, slots=True)
class Message:
    """Something a worker sent, still pickled: the server passes it on unread."""

    job_id: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """A worker is gone, and so is every process that it started.

    Attributes:
        exit_code: as `multiprocessing` gives it; a negative signal number when a signal ended it.
        timed_out: whether its deadline had passed.
        held_bytes: what it and its processes held when that was more than its limit, for which they were ended; else 0.
    """

    job_id: int
    exit_code: int
    timed_out: bool = False
    held_bytes: int = 0
