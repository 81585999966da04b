"""The command line as a user has it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_S = 300


def bench(*words: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `bench` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bench", *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "160", **variables},
    )


def start_bench(*words: str, cwd: Path | None = None) -> subprocess.Popen[str]:
    """Start `bench`, with its output to be read line by line."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "bench", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=cwd,
    )


def read_until(process: subprocess.Popen[str], text: str) -> list[str]:
    """The lines printed up to the first that contains `text`; all of them where none does."""
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if text in line:
            break
    return lines
