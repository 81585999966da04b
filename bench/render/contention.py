"""Why times are excluded, in the words of the records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.core.formatting import elided, plural
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from bench.record.records import RunResult

FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
KINDS = 3  # kinds of reasons that a sentence names
REASON_WIDTH = 160  # characters of a recorded reason that a sentence can carry


def contention(result: RunResult) -> str:
    """Why timings were left out, in the words of the records: each kind of reason with its figures and trials."""
    kinds: dict[str, list[str]] = {}
    for trial in result.trials:
        if trial.status is Status.OK and trial.contention:
            for reason in trial.contention.split("; "):
                # reasons that differ in their figures alone are of one kind
                kinds.setdefault(FIGURE.sub("", reason), []).append(reason)
    named = sorted(kinds.values(), key=len, reverse=True)
    texts = [elided(_spanned(reasons), REASON_WIDTH) for reasons in named[:KINDS]]
    return "; ".join(texts) + (f"; and {plural(len(named) - KINDS, 'other reason')}" if len(named) > KINDS else "")


def _spanned(reasons: Sequence[str]) -> str:
    """Reasons of one kind as one, each figure with its range, and how many trials gave it where they differ."""
    texts = list(dict.fromkeys(reasons))
    if len(texts) == 1:
        return texts[0]
    figures = zip(*(FIGURE.findall(text) for text in texts), strict=True)
    ends = [(min(of, key=_value), max(of, key=_value)) for of in figures]
    spans = iter(low if low == high else f"{low} to {high}" for low, high in ends)
    return f"{FIGURE.sub(lambda _: next(spans), texts[0])} ({plural(len(reasons), 'trial')})"


def _value(figure: str) -> float:
    return float(figure.replace(",", ""))


def untimed_line(result: RunResult, cells: pd.DataFrame) -> str:
    """Why some or all train times are missing, for a terminal; empty where none is."""
    contended = int(cells["contended"].sum())
    if not contended:
        return ""
    judged = cells[cells["n"] > 0]
    absent = int((judged["timed"] == 0).sum())
    subject = f"No train time of {plural(absent, 'cell')}" if absent else f"{plural(contended, 'train time')} excluded"
    return f"{subject}: {contention(result)}."
