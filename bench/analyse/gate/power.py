"""What a gate can see: how small a drop, with how many seeds. Pure, and seeded.

The chances are counted over simulated checks that go through the very decision that judges a run, with normal seeds of
the deviation that was measured. One cell of the grid drops, the others stay; Holm's procedure then asks of that cell a
p-value of at most alpha over the number of cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.decision import Call, Rates, decide, look_again
from bench.analyse.gate.evidence import Moments, evidence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.analyse.gate.decision import Calls, Rule

    Floats = NDArray[np.float64]

DRAWS = 2_000
"""Simulated checks: their chance of 0.9 has a standard error of 0.7 points."""

MOST_SEEDS = 200
HALVINGS = 12
"""Of the search for the smallest drop, which begins with 20 deviations and two margins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A check that is planned.

    Attributes:
        base_seeds: accepted seeds of a cell.
        seeds: current seeds of a cell, at the first look.
        cells: of the whole grid.
        rates: of the check.
        rule: what REGRESSED means.
    """

    base_seeds: int
    seeds: int
    cells: int
    rates: Rates
    rule: Rule = "difference"


@dataclass(frozen=True, slots=True)
class Chances:
    """How probable each call is; arrays (cells,) float64."""

    regressed: Floats
    passed: Floats


class Simulation:
    """Simulated checks of one design; every question is put to the same draws, so that answers can be compared."""

    def __init__(self, design: Design, draws: int = DRAWS) -> None:
        noise = np.random.default_rng(20_261_124)
        looks = design.rates.looks
        self._design = design
        self._rates = Rates(design.rates.alpha / design.cells, design.rates.missed, looks)
        self._base = _moments(noise.standard_normal((draws, design.base_seeds)))
        drawn = noise.standard_normal((draws, design.seeds * looks))
        self._looks = [_moments(drawn[:, : look * design.seeds]) for look in range(1, looks + 1)]

    def chances(self, std: Floats, drop: Floats, margin: Floats) -> Chances:
        """What becomes of cells with these deviations, true drops and margins; all (cells,), in the score's unit."""
        tolerated = margin if self._design.rule == "margin" else np.zeros_like(margin)
        base = _scaled(self._base, std, np.zeros_like(drop))
        calls: Calls | None = None
        for look in self._looks:
            now = evidence(base, _scaled(look, std, drop), margin[:, None], tolerated[:, None])
            if calls is None:
                calls, stands = decide(now, self._rates), now
            else:
                calls, stands = look_again(calls, stands, now, self._rates)
        assert calls is not None  # noqa: S101  there is at least one look
        calls = calls[..., 0]
        return Chances(
            (calls == Call.REGRESSED).mean(axis=0), ((calls == Call.PASS) | (calls == Call.IMPROVED)).mean(axis=0)
        )

    def smallest_drop(self, std: Floats, margin: Floats, power: float) -> Floats:
        """The smallest true drop that is called REGRESSED with at least this probability; (cells,), in its unit."""
        low, high = np.zeros_like(std), 20 * std + 2 * margin
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            found = self.chances(std, middle, margin).regressed >= power
            low, high = np.where(found, low, middle), np.where(found, middle, high)
        return high


def seeds_needed(design: Design, std: Floats, margin: Floats, power: float) -> list[int | None]:
    """How many current seeds each cell needs for its margin.

    Enough are those with which an unchanged cell passes, and a drop of twice the margin is called REGRESSED, each with
    at least the probability `power`. A drop of the margin itself is where the rules part: it may pass at most once in
    twenty checks, and the rule `margin` never calls it REGRESSED.

    Returns:
        Per cell; None where more than 200 would be needed, so that the baseline needs more seeds first.
    """
    answer: list[int | None] = [None] * len(std)
    number = 2
    while number <= MOST_SEEDS and None in answer:
        of = Simulation(Design(
            base_seeds=design.base_seeds, seeds=number, cells=design.cells, rates=design.rates, rule=design.rule
        ))  # fmt: skip
        open_cells = [index for index, found in enumerate(answer) if found is None]
        s, m = std[open_cells], margin[open_cells]
        enough = (of.chances(s, np.zeros_like(m), m).passed >= power) & (of.chances(s, 2 * m, m).regressed >= power)
        for index in np.asarray(open_cells)[enough]:
            answer[int(index)] = number
        number += max(1, number // 10)
    return answer


def _scaled(moments: Moments, std: Floats, drop: Floats) -> Moments:
    """Standard moments (draws,) as those of every cell; (draws, cells, 1), each cell a grid of its own."""
    return Moments(
        moments.n[:, None, None],
        (moments.mean[:, None] * std - drop)[..., None],
        (moments.variance[:, None] * std**2)[..., None],
    )


def _moments(drawn: Floats) -> Moments:
    n = np.full(len(drawn), drawn.shape[1], dtype=float)
    return Moments(n, drawn.mean(axis=1), drawn.var(axis=1, ddof=1))
