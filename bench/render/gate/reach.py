"""Which margin the seeds of a check can hold, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import percent, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.core.score import Score
    from bench.record.verdicts import Judgement, Reach

WANTED = 0.9
"""The share of green checks that `Reach.margin` is for."""
PAIRS = "Related seeds that both sides have are compared in pairs and allow a narrower margin."
"""What a plan cannot know: how closely the seeds of a later run follow the accepted ones."""

SURE, HOPELESS = 0.995, 0.005
"""Shares that whole percents would print as 100 % and 0 %; they are counted in a simulation and known no better."""


def reach_text(reach: Reach, margins: Sequence[float], score: Score) -> str:
    """How many checks of an unchanged run are green, and at which margin 90 % are.

    Args:
        reach: what the seeds can pass.
        margins: of every cell of the check, in the score's unit.
        score: what is judged.
    """
    cells = plural(len(margins), "cell") if len(margins) == 1 else f"all {plural(len(margins), 'cell')}"
    seeds = f"With {reach.accepted:,} accepted and {plural(reach.seeds, 'current seed')} per cell"
    green = f"{_share(reach.green)} of checks of an unchanged run are green ({cells}, {_margins(margins, score)})."
    return f"{seeds}, {green} {_wanted(reach, score)}"


def reach_lines(judgement: Judgement) -> tuple[str, ...]:
    """The same for a check that was made; empty where it was not computed."""
    if judgement.reach is None or not judgement.cells:
        return ()
    return (reach_text(judgement.reach, [cell.margin for cell in judgement.cells], judgement.score),)


def _wanted(reach: Reach, score: Score) -> str:
    if reach.margin is None:
        return f"No margin reaches {percent(WANTED, 0)}: more seeds are needed."
    margin = score.gap_text(reach.margin)
    if reach.green >= WANTED:
        return f"The narrowest margin with {percent(WANTED, 0)} is {margin}."
    return f"With a margin of {margin}, {percent(WANTED, 0)} would be green."


def _margins(margins: Sequence[float], score: Score) -> str:
    low, high = min(margins), max(margins)
    if score.gap(low) == score.gap(high):
        return f"margin {score.gap_text(low)}"
    return f"margins {score.gap(low)} to {score.gap_text(high)}"


def _share(share: float) -> str:
    if share >= SURE:
        return "more than 99 %"
    return "less than 1 %" if share < HOPELESS else percent(share, 0)
