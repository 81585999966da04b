"""What a gate can see, in the terminal: the whole check first, then its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import MISSING, one_line, percent, plural
from bench.core.formatting import seconds as duration
from bench.render.plan import new_table

if TYPE_CHECKING:
    from rich.console import Console

    from bench.core.score import Score
    from bench.render.documents.power import PowerDocument


def print_power(console: Console, check: PowerDocument, score: Score) -> None:
    """Print what a check sees.

    Args:
        console: where to.
        check: its figures.
        score: what is judged.
    """
    worse = "drop" if score.higher_is_better else "rise"
    looks = f", up to {check.looks} looks" if check.looks > 1 else ""
    console.print(
        f"{check.accepted_seeds} accepted and {plural(check.seeds, 'current seed')}{looks}, "
        f"{plural(len(check.cells), 'cell')}, alpha {percent(check.alpha, 1)}, rule {check.rule}",
        style="dim",
    )
    _print_check(console, check, score)
    console.print(_table(check, score))
    unit = f"percentage points of {score.heading}" if score.unit else f"the unit of {score.heading}"
    console.print(
        f"Deviations, margins and {worse}s are in {unit}. A {worse} is detected with probability "
        f"{percent(check.power, 0)}. "
        f"Enough seeds for the margin means: an unchanged cell passes, and a {worse} of twice the margin is "
        "detected, each with that probability. Seeds that both sides have may be compared in pairs; the "
        f"gate then detects smaller {worse}s.",
        style="dim",
    )


def _print_check(console: Console, check: PowerDocument, score: Score) -> None:
    """What becomes of the whole check, and what would help."""
    green = percent(check.unchanged_passes, 0)
    console.print(f"If nothing changed, all cells of a check pass with probability {green}.")
    if check.enough:
        return
    helps = [] if check.margin_needed is None else [f"a margin of {score.gap_text(check.margin_needed)}"]
    if check.seeds_needed:
        helps.append(f"{plural(check.seeds_needed, 'current seed')}")
    if check.accepted_seeds_needed:
        helps.append(f"{plural(check.accepted_seeds_needed, 'accepted seed')}")
    if helps:
        console.print(f"For a probability of {percent(check.power, 0)}, use {' or '.join(helps)}.")
    if not check.seeds_needed and not check.accepted_seeds_needed:
        console.print("More current seeds alone do not reach that, nor do more accepted seeds alone.", style="yellow")


def _table(check: PowerDocument, score: Score) -> object:
    worse = "drop" if score.higher_is_better else "rise"
    table = new_table(
        None, ("cell", False), ("deviation", True), ("margin", True), (f"detects a {worse} of", True),
        ("unchanged, passes", True), ("seeds for the margin", True), ("they take", True),
    )  # fmt: skip
    for cell in check.cells:
        seeds, time_s = cell.seeds_for_margin, cell.trial_time_s
        table.add_row(
            one_line(cell.cell_id), score.gap(cell.std), score.gap(cell.margin), score.gap(cell.smallest_drop),
            percent(cell.unchanged_passes, 0), "over 200" if seeds is None else str(seeds),
            MISSING if seeds is None or time_s is None else duration(seeds * time_s),
        )  # fmt: skip
    return table
