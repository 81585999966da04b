"""Sentences that several charts share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import plural

if TYPE_CHECKING:
    import pandas as pd


LOGARITHMIC = " Equal steps on the axis of accuracy divide the error by the same factor."
"""What a chart says whose axis is spread by the errors."""


def untimed_note(summary: pd.DataFrame) -> str:
    """What a chart of times has to say of the cells it cannot show; empty where it shows all that have a result."""
    judged = summary[summary["n"] > 0]
    absent = int((judged["timed"] == 0).sum())
    if not absent:
        return ""
    verb = "is" if absent == 1 else "are"
    return f" {absent} of {plural(len(judged), 'cell')} {verb} not shown, having no OK trial that was timed alone."
