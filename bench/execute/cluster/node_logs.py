"""The logs that trials leave on a node, taken for the driver."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bench.execute.cluster.messages import Logs
    from bench.execute.messages import TrialTask

LONGEST_LOG_BYTES = 8 * 2**20
"""How much of a log is sent: its end."""


def take_logs(folder: Path, tasks: Iterable[TrialTask]) -> Logs:
    """Read the logs of tasks and remove them from the node; logs that cannot be read are left out.

    Args:
        folder: of the run on this node.
        tasks: whose logs lie below it.
    """
    logs: Logs = {}
    for task in tasks:
        log = folder / task.log
        for path in (log, *log.parent.glob(f"{log.stem}-*.log")):
            with suppress(OSError):
                if path.is_file() and not path.is_symlink():
                    logs[path.relative_to(folder).as_posix()] = _end_of(path)
                    path.unlink()
    return logs


def _end_of(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LONGEST_LOG_BYTES))
        return file.read()
