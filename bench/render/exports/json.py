"""A run's trials as JSON records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.record.collect import trials_frame

if TYPE_CHECKING:
    from bench.record.records import RunResult


def json_text(result: RunResult) -> str:
    """A list with an object per trial, keyed by the columns of the tidy frame; what is missing is null."""
    frame = trials_frame(result)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return json.dumps(rows, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
