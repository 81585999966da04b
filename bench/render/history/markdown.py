"""A history as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.render.history import words
from bench.render.history.rows import columns, rows
from bench.render.markdown import code_cell, escaped

if TYPE_CHECKING:
    from bench.analyse.history.story import SuiteHistory

NUMBERS = {3, 4}
CODE = {0, 7}
"""Columns of names that are no prose."""


def history_markdown(history: SuiteHistory, suite: str) -> str:
    """A heading, the finding, a table of all changes, notes."""
    lines = [f"# History of {escaped(suite)}", "", f"**{escaped(words.title(history))}.**", ""]
    table = rows(history)
    if table:
        names = columns(history)
        lines += [
            f"| {' | '.join(escaped(name) for name in names)} |",
            f"|{'|'.join(' ---: ' if place in NUMBERS else ' --- ' for place in range(len(names)))}|",
            *(f"| {' | '.join(_cell(place, value) for place, value in enumerate(row))} |" for row in table),
            "",
        ]
    notes = [f"- {escaped(note)}" for note in words.notes(history)]
    lines += [*notes, ""] if notes else []
    return "\n".join([*lines, escaped(words.HOW), ""])


def _cell(place: int, value: str) -> str:
    return code_cell(value) if place in CODE else escaped(value)
