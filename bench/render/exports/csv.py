"""The tidy frame of trials as a CSV file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.core.files import write_text
from bench.record.collect import trials_frame

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from bench.record.records import RunResult

# A spreadsheet takes text that begins so for a formula; an apostrophe is in the list so that the guard can be undone.
FORMULA = re.compile(r"^(?=['=+\-@\t\r])")


def csv_text(result: RunResult) -> str:
    """The trials of a run, a line each, every number in full precision; missing values are empty.

    Names and reasons come from suite files and from other people's code, and a spreadsheet would run a text such as
    `=HYPERLINK(...)`. Text that begins with `=`, `+`, `-`, `@`, a tab, a carriage return or an apostrophe therefore
    gets an apostrophe in front; taking one leading apostrophe off gives the text back. Numbers are left alone.
    """
    return str(guarded(trials_frame(result)).to_csv(index=False, lineterminator="\n"))


def guarded(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before every text that a spreadsheet would take for a formula.

    Headings need none: they are ours, or begin with `param_`.
    """
    safe = frame.copy()
    for column, kind in frame.dtypes.items():
        if kind == "string":
            safe[column] = frame[column].str.replace(FORMULA, "'", regex=True)
    return safe


def write_csv(result: RunResult, path: Path) -> Path:
    """Writes the trials to `path`; readers see the old file or the whole new one.

    Raises:
        OSError: the folder cannot be written to.
    """
    return write_text(path, csv_text(result))
