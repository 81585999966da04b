"""The table of changes, the same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.render.history import words

if TYPE_CHECKING:
    from bench.analyse.history.story import SuiteHistory


def columns(history: SuiteHistory) -> tuple[str, ...]:
    """Headings."""
    unit = f", {history.score.unit}" if history.score.unit else ""
    return ("cell", "what", "from, to", f"change{unit}", "95 % interval", "call", "since run of", "revisions", "also")


def rows(history: SuiteHistory) -> list[tuple[str, ...]]:
    """A row for each change, the newest first."""
    return [
        (
            cell_id,
            words.quantity(change, history.score),
            words.levels(change, history.score),
            words.size(change, history.score),
            words.reach(change, history.score),
            words.call(change),
            words.when(history.runs[change.first]),
            words.revisions(change, history.runs),
            words.differences(change),
        )
        for cell_id, change in history.changes
    ]
