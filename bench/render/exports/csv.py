"""The tidy frame of trials as a CSV file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.core.files import write_text
from bench.core.formatting import printable
from bench.record.collect import trials_frame
from bench.render.exports.texts import with_texts

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from bench.record.records import RunResult

# A spreadsheet takes text that begins so for a formula; an apostrophe is in the list so that the guard can be undone.
# A reader that knows no quotes, or takes another separator, begins a cell also inside a text.
_FORMULA = re.compile(r"""(^|[;\t\n])(?='|"*(?:[=@\uff1d\uff0b\uff0d\uff20]|[+-].))""")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?( ?%)?", re.IGNORECASE | re.ASCII)


def csv_text(result: RunResult) -> str:
    """The trials of a run, a line each, every number in full precision; missing values are empty.

    Names and reasons come from suite files and from other people's code. In texts and headings, what controls a
    terminal or a reader of the file is U+FFFD, a carriage return too. A spreadsheet would run a text such as
    `=HYPERLINK(...)`: an apostrophe therefore stands before `=`, `@`, an apostrophe, and before `+` or `-` with
    something behind it, wherever a cell may begin: at the start of a text, and in it after a semicolon, a tab or a line
    end. Taking these apostrophes off gives the text back. Numbers are left alone, also texts such as `-0.5`.
    """
    return str(guarded(trials_frame(result)).to_csv(index=False, lineterminator="\n"))


def guarded(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with texts and headings that no spreadsheet takes for a formula."""
    return with_texts(frame, guarded_text)


def guarded_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula; a number stays as it is."""
    printed = printable(text)
    return printed if _NUMBER.fullmatch(printed) else _FORMULA.sub(r"\1'", printed)


def write_csv(result: RunResult, path: Path) -> Path:
    """Writes the trials to `path`; readers see the old file or the whole new one.

    Raises:
        OSError: the folder cannot be written to.
    """
    return write_text(path, csv_text(result))
