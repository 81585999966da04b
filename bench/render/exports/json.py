"""JSON that other tools read, and a run's trials in it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from bench.core.formatting import printable
from bench.record.collect import trials_frame

if TYPE_CHECKING:
    from bench.record.records import RunResult


def json_text(result: RunResult) -> str:
    """A list with an object per trial, keyed by the columns of the tidy frame; what is missing is null."""
    frame = trials_frame(result)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return json_lines(rows)


def json_lines(content: object) -> str:
    """JSON in lines that a terminal, an editor and a strict parser can show, without loss.

    What `printable` would replace is written as its escape, half characters too, which UTF-8 cannot hold; other letters
    stay as they are.

    Args:
        content: values of JSON; NaN and infinities are refused.
    """
    text = json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False)
    return _NOT_ASCII.sub(_escaped, text) + "\n"


_NOT_ASCII = re.compile(r"[^\n -~]")


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    return char if printable(char) == char else json.dumps(char)[1:-1]
