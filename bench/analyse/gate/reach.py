"""What the seeds of a check can pass if nothing changed, and how many would be enough. Pure, and seeded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.power import Design, Simulation, seeds_for_green
from bench.analyse.gate.side import margin_in_force, seeds_of, step_of
from bench.record.verdicts import Reach, Remedy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.gate.decision import Rates
    from bench.record.baseline import AcceptedCell, Baseline

GREEN = 0.9
"""The share of green checks that is aimed at."""

MOST_CELLS = 200
"""Cells for which seeds are searched within a second; `bench power` does it for more."""


def usual_seeds(baseline: Baseline) -> int:
    """How many current seeds a check has that follows the advice to accept twice as many; never fewer than allowed."""
    return max(baseline.gate.min_seeds, min(len(cell.seeds) for cell in baseline.cells) // 2)


def design_of(
    baseline: Baseline, rates: Rates, seeds: int, cells: Sequence[AcceptedCell] | None = None
) -> Design | None:
    """A check against a baseline, with so many current seeds; None where a cell has one accepted seed.

    Args:
        baseline: what was accepted.
        rates: of the check.
        seeds: current seeds of a cell.
        cells: those that are judged; None for all of the baseline.

    Raises:
        NotJudgedError: the rules give a cell no margin.
    """
    score, cells = baseline.score, baseline.cells if cells is None else cells
    accepted = [seeds_of([seed.score for seed in cell.seeds]) for cell in cells]
    deviations = [cell.std for cell in accepted if cell.std is not None]
    if len(deviations) < len(accepted):
        return None
    return Design(
        base_seeds=min(cell.n for cell in accepted),
        seeds=seeds,
        std=np.array(deviations),
        margin=np.array([margin_in_force(baseline.gate, cell, score) for cell in cells]),
        step=np.array([step_of(cell, score) for cell in cells]),
        rates=rates,
        rule=baseline.gate.rule,
    )


def reach_of(design: Design) -> Reach:
    """What a check of this design can pass; seeds of the two sides are taken to be unrelated."""
    simulation = Simulation(design)
    margin = simulation.margin_for_green(GREEN)
    return Reach(
        margin=margin if math.isfinite(margin) else None,
        green=simulation.green(),
        seeds=design.seeds,
        accepted=design.base_seeds,
    )


def remedy_of(design: Design) -> Remedy | None:
    """How many seeds would be enough; None for so many cells that the search would hold up a check."""
    if len(design.std) > MOST_CELLS:
        return None
    return Remedy(accepted=seeds_for_green(design, GREEN, accepted=True), seeds=seeds_for_green(design, GREEN))
