"""What a gate can see, in the terminal: the whole check first, then its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.power import Simulation, seeds_for_green, seeds_needed
from bench.core.formatting import MISSING, one_line, percent, plural
from bench.core.formatting import seconds as duration
from bench.render.plan import new_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from bench.analyse.gate.power import Design
    from bench.core.score import Score


def print_power(
    console: Console, design: Design, cells: Sequence[tuple[str, float]], power: float, score: Score
) -> None:
    """Print what a check of this design sees.

    Args:
        console: where to.
        design: of the check, in the unit of gains.
        cells: the id of each, and the seconds that a trial of it takes.
        power: the probability that is asked for.
        score: what is judged.
    """
    simulation = Simulation(design)
    worse = "drop" if score.higher_is_better else "rise"
    looks = f", up to {design.rates.looks} looks" if design.rates.looks > 1 else ""
    console.print(
        f"{design.base_seeds} accepted and {plural(design.seeds, 'current seed')}{looks}, "
        f"{plural(len(cells), 'cell')}, alpha {percent(design.rates.alpha, 1)}, rule {design.rule}",
        style="dim",
    )
    _print_check(console, design, simulation, power, score)
    console.print(_table(design, simulation, cells, power, score))
    unit = f"percentage points of {score.heading}" if score.unit else f"the unit of {score.heading}"
    console.print(
        f"Deviations, margins and {worse}s are in {unit}. A {worse} is detected with probability {percent(power, 0)}. "
        f"Enough seeds for the margin: an unchanged cell passes and a {worse} of twice the margin is detected, each "
        "with that probability. Seeds that both sides have may be compared in pairs; the gate then detects smaller "
        f"{worse}s.",
        style="dim",
    )


def _print_check(console: Console, design: Design, simulation: Simulation, power: float, score: Score) -> None:
    """What becomes of the whole check, and what would help."""
    green = simulation.green()
    console.print(f"An unchanged check passes with probability {percent(green, 0)}: every cell of it.")
    if green >= power:
        return
    margin = simulation.margin_for_green(power)
    helps = [] if np.isinf(margin) else [f"a margin of {score.gap_text(margin)}"]
    if seeds := seeds_for_green(design, power):
        helps.append(f"{plural(seeds, 'current seed')}")
    if accepted := seeds_for_green(design, power, accepted=True):
        helps.append(f"{plural(accepted, 'accepted seed')}")
    if helps:
        console.print(f"It would with probability {percent(power, 0)} with {' or '.join(helps)}.")
    if not seeds and not accepted:
        console.print("Neither more current nor more accepted seeds alone reach that.", style="yellow")


def _table(
    design: Design, simulation: Simulation, cells: Sequence[tuple[str, float]], power: float, score: Score
) -> object:
    drops = simulation.smallest_drop(power)
    unchanged = simulation.chances(np.zeros_like(design.std)).passed
    worse = "drop" if score.higher_is_better else "rise"
    table = new_table(
        None, ("cell", False), ("deviation", True), ("margin", True), (f"detects a {worse} of", True),
        ("unchanged, passes", True), ("seeds for the margin", True), ("they take", True),
    )  # fmt: skip
    for index, ((cell_id, trial_time_s), seeds) in enumerate(zip(cells, seeds_needed(design, power), strict=True)):
        table.add_row(
            one_line(cell_id), score.gap(design.std[index]), score.gap(design.margin[index]),
            score.gap(drops[index]), percent(unchanged[index], 0), "over 200" if seeds is None else str(seeds),
            MISSING if seeds is None else duration(seeds * trial_time_s),
        )  # fmt: skip
    return table
