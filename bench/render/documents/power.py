"""`bench power --json`, and the figures that the terminal prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.power import Simulation, seeds_for_green, seeds_needed
from bench.render.documents.common import ScoreEntry, score_entry
from bench.render.documents.document import VERSION, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.gate.power import Design
    from bench.core.score import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCell:
    """A cell of a check. Deviations, margins and drops are in the unit of the score; a drop is a change for the worse.

    Attributes:
        std: standard deviation over its seeds.
        margin: the largest loss that is accepted.
        smallest_drop: that is detected with the probability `power`.
        unchanged_passes: the probability that it passes where nothing changed.
        seeds_for_margin: current seeds with which an unchanged cell passes and a drop of twice the margin is detected,
            each with the probability `power`; null for more than 200.
        trial_time_s: median seconds of a trial.
    """

    cell_id: str
    std: float
    margin: float
    smallest_drop: float
    unchanged_passes: float
    seeds_for_margin: int | None
    trial_time_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerDocument:
    """What a check sees.

    Attributes:
        power: the probability that was asked for.
        accepted_seeds: of a cell.
        seeds: current seeds of a cell.
        looks: at most.
        alpha: how often a check of an unchanged run shows a regression.
        rule: what REGRESSED means: `difference` or `margin`.
        unchanged_passes: the probability that every cell of an unchanged check passes.
        enough: whether that is at least `power`. If so, the next three are null.
        margin_needed: the narrowest margin with which it would be; null where no margin is wide enough.
        seeds_needed: current seeds with which it would be; null for more than 200.
        accepted_seeds_needed: the same of accepted seeds.
    """

    run_id: str
    score: ScoreEntry
    power: float
    accepted_seeds: int
    seeds: int
    looks: int
    alpha: float
    rule: str
    unchanged_passes: float
    enough: bool
    margin_needed: float | None
    seeds_needed: int | None
    accepted_seeds_needed: int | None
    cells: tuple[PowerCell, ...]
    version: int = VERSION


def power_document(
    run_id: str, design: Design, cells: Sequence[tuple[str, float]], power: float, score: Score
) -> PowerDocument:
    """What a check of this design sees.

    Args:
        run_id: whose seeds the deviations are of.
        design: of the check, in the unit of gains.
        cells: the id of each, and the seconds that a trial of it takes.
        power: the probability that is asked for.
        score: what is judged.
    """
    simulation = Simulation(design)
    green = simulation.green()
    enough = green >= power
    drops = simulation.smallest_drop(power)
    unchanged = simulation.chances(np.zeros_like(design.std)).passed
    needed = seeds_needed(design, power)
    return PowerDocument(
        run_id=run_id,
        score=score_entry(score),
        power=power,
        accepted_seeds=design.base_seeds,
        seeds=design.seeds,
        looks=design.rates.looks,
        alpha=design.rates.alpha,
        rule=design.rule,
        unchanged_passes=green,
        enough=enough,
        margin_needed=None if enough else number(simulation.margin_for_green(power)),
        seeds_needed=None if enough else seeds_for_green(design, power),
        accepted_seeds_needed=None if enough else seeds_for_green(design, power, accepted=True),
        cells=tuple(
            PowerCell(
                cell_id=cell_id,
                std=float(design.std[index]),
                margin=float(design.margin[index]),
                smallest_drop=float(drops[index]),
                unchanged_passes=float(unchanged[index]),
                seeds_for_margin=needed[index],
                trial_time_s=number(time_s),
            )
            for index, (cell_id, time_s) in enumerate(cells)
        ),
    )
