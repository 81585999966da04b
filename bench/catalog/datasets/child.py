"""Runs somebody else's program to fetch data: with a deadline, its output kept, and a look at it while it runs."""

from __future__ import annotations

import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_TICK_S = 0.2


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended.

    Attributes:
        code: its exit code; 0 means success.
        lines: the lines it wrote to either stream that are not blank, stripped.
    """

    code: int
    lines: tuple[str, ...]


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    deadline_s: float,
    tick: Callable[[], None],
) -> Ended:
    """Runs a program to its end.

    Args:
        command: the program and its arguments; no shell is involved.
        cwd: the folder it runs in.
        env: its whole environment.
        deadline_s: seconds after which it is killed.
        tick: called about five times a second while it runs.

    Raises:
        DataError: it cannot be started, or its deadline passed.
    """
    # A file takes any amount of output without anybody reading it meanwhile; a full pipe would block the program.
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(  # noqa: S603  the callers' own commands, with nothing of a user's text in them
                command, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise DataError(f"{command[0]} cannot be started: {error.strerror or error}") from error
        try:
            code = _watched(process, deadline_s, tick)
        finally:  # the deadline, Ctrl-C or a failing tick: never leave it running behind our back
            if process.poll() is None:
                process.kill()
                process.wait()
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Ended(code, tuple(line.strip() for line in text.splitlines() if line.strip()))


def _watched(process: subprocess.Popen[bytes], deadline_s: float, tick: Callable[[], None]) -> int:
    deadline = time.perf_counter() + deadline_s
    while time.perf_counter() < deadline:
        try:
            return process.wait(timeout=min(_TICK_S, deadline_s))
        except subprocess.TimeoutExpired:
            tick()
    raise DataError(f"no answer within {deadline_s:.0f} s")
