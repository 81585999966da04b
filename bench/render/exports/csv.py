"""The tidy frame of trials as a CSV file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bench.record.collect import trials_frame

if TYPE_CHECKING:
    from pathlib import Path

    from bench.record.records import RunResult


def csv_text(result: RunResult) -> str:
    """The trials of a run, a line each, every number in full precision; missing values are empty."""
    return str(trials_frame(result).to_csv(index=False, lineterminator="\n"))


def write_csv(result: RunResult, path: Path) -> Path:
    """Writes the trials to `path`; readers see the old file or the whole new one.

    Raises:
        OSError: the folder cannot be written to.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(csv_text(result), encoding="utf-8", newline="")
    unfinished.replace(path)
    return path
