"""How much the best of many means flatters, and how probable it is that the winner is truly the best. Pure.

Other seeds would give other means. They are drawn around the means observed, with the deviations that all cells show
together (a parametric bootstrap; Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 6.5). What the
winner of a draw has more than the mean it was drawn around is what picking adds. Where true means lie closer together
than observed ones, the estimate is too low: tests/simulation/test_optimism.py counts by how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.separation import separation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.intervals import Sample

DRAWS = 4_000
MOST = 300
"""Cells that can win: of more, those with the best means."""


@dataclass(frozen=True, slots=True)
class Optimism:
    """What choosing the best of several cells by their means does.

    Attributes:
        cells: among which was chosen.
        gain: by how much the winner's mean is too good, in the unit of the score and never negative.
        best: the probability that the winner has the best true mean, in [0, 1].
    """

    cells: int
    gain: float
    best: float


def optimism(samples: Sequence[Sample], sign: int) -> Optimism | None:
    """Of the cell with the best mean; None for fewer than two cells.

    Args:
        samples: of at least two values each.
        sign: 1 where more is better, else -1.
    """
    if len(samples) < 2:  # noqa: PLR2004  nothing was chosen
        return None
    known = separation(samples)
    order = np.argsort(-sign * known.mean, kind="stable")[:MOST]
    mean, error = sign * known.mean[order], np.sqrt(known.error[order])
    drawn = mean + error * np.random.default_rng(1).standard_normal((DRAWS, len(order)))
    winners = drawn.argmax(axis=1)
    gain = drawn[np.arange(DRAWS), winners] - mean[winners]
    return Optimism(len(samples), max(float(gain.mean()), 0.0), float((winners == 0).mean()))
