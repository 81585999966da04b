"""Sentences that several charts share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import plural
from bench.render.charts.axes import Spacing

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from bench.core.score import Score


def spacing_note(spacings: Collection[Spacing], score: Score) -> str:
    """The sentence of a chart with a logarithmic axis of the score; empty for a linear axis."""
    if Spacing.ERRORS in spacings:
        return f" The axis of {score.heading} is logarithmic in the error: equal steps divide it by the same factor."
    if Spacing.POWERS in spacings:
        return f" The axis of {score.heading} is logarithmic."
    return ""


def untimed_note(summary: pd.DataFrame) -> str:
    """The sentence of a chart of times on cells that it cannot draw; empty if it draws all cells with a result."""
    judged = summary[summary["n"] > 0]
    absent = int((judged["timed"] == 0).sum())
    if not absent:
        return ""
    verb = "is" if absent == 1 else "are"
    return f" {absent} of {plural(len(judged), 'cell')} {verb} not drawn: no OK trial was timed alone."
