"""Removing the folders for temporary files that killed processes have left, and ending what those have left running."""

from __future__ import annotations

import shutil

from bench.core.temporary import left_folders
from bench.execute.system.marks import end_marked

END_S = 2.0
"""Seconds in which what a server has left behind must have ended."""


def sweep() -> None:
    """Remove the folders of servers that were killed together with their harnesses, and of commands that were."""
    for folder in left_folders():
        end_marked(str(folder), within_s=END_S)
        shutil.rmtree(folder, ignore_errors=True)
