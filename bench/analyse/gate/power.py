"""What a gate can see: how small a drop, by which margin, with how many seeds. Pure, and seeded.

The chances are counted over simulated checks of the whole grid, with normal seeds of the deviations that were measured,
and go through the very decision that judges a run. Seeds of the two sides are taken to be unrelated: where they are
related and compared in pairs, the gate sees more.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.decision import Call, Rates, decided_on
from bench.analyse.gate.evidence import Estimate, reaches, unpaired
from bench.analyse.gate.samples import Moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.analyse.gate.decision import Rule

    Floats = NDArray[np.float64]

DRAWS = 2_000
"""Simulated checks: their chance of 0.9 has a standard error of 0.7 points."""

FEWEST_DRAWS = 200
MOST_CELLS = 200_000
"""Cells in all simulated checks together: large grids are simulated less often, to take seconds."""

MOST_SEEDS = 200
HALVINGS = 12
"""Of the search for the smallest drop, which begins with 20 deviations and two margins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A check that is planned.

    Attributes:
        base_seeds: accepted seeds of a cell.
        seeds: current seeds of a cell, at the first look.
        std: (cells,) float64, the deviation of each cell's seeds, in the score's unit.
        margin: (cells,) float64, the margin of each.
        step: (cells,) float64, the finest difference that the test set of each can show.
        rates: of the check.
        rule: what REGRESSED means.
    """

    base_seeds: int
    seeds: int
    std: Floats
    margin: Floats
    step: Floats
    rates: Rates
    rule: Rule = "difference"


@dataclass(frozen=True, slots=True)
class Chances:
    """How probable each call is; arrays (cells,) float64."""

    regressed: Floats
    passed: Floats


class Simulation:
    """Simulated checks of one design; every question is put to the same draws, so that answers can be compared."""

    def __init__(self, design: Design) -> None:
        noise = np.random.default_rng(20_261_124)
        cells, looks = len(design.std), design.rates.looks
        draws = min(DRAWS, max(FEWEST_DRAWS, MOST_CELLS // cells))
        self._design = design
        base = _drawn(noise, (draws, cells), design.base_seeds)
        parts = [_drawn(noise, (draws, cells), design.seeds) for _ in range(looks)]
        least = design.step**2 / 4
        self._looks = [
            unpaired(_scaled(base, design.std), _scaled(_joined(parts[: look + 1]), design.std), least)
            for look in range(looks)
        ]

    def chances(self, drop: Floats) -> Chances:
        """What becomes of cells with these true drops, (cells,) in the score's unit, where all others stay.

        Holm's procedure asks of a cell that alone dropped a p-value of at most alpha over the number of cells.
        """
        calls = self._calls(drop, alone=True)
        return Chances((calls == Call.REGRESSED).mean(axis=0), _green(calls).mean(axis=0))

    def green(self) -> float:
        """How probable it is that all cells of an unchanged check pass, at the last look."""
        return float(_green(self._calls(np.zeros_like(self._design.std), alone=False)).all(axis=-1).mean())

    def margin_for_green(self, probability: float) -> float:
        """The narrowest margin, the same for all cells, with which an unchanged check passes with this probability.

        At the last look; infinite where there are too few seeds.
        """
        of = self._looks[-1]
        needed = (reaches(of, self._design.rates.missed_per_look) - of.difference).max(axis=-1)
        return float(np.quantile(needed, probability)) if np.isfinite(needed).all() else float("inf")

    def smallest_drop(self, power: float) -> Floats:
        """The smallest true drop that is called REGRESSED with at least this probability; (cells,), in its unit."""
        std, margin = self._design.std, self._design.margin
        low, high = np.zeros_like(std), 20 * np.maximum(std, self._design.step) + 2 * margin
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            enough = self.chances(middle).regressed >= power
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return high

    def _calls(self, drop: Floats, *, alone: bool) -> NDArray[np.int8]:
        rates, margin = self._design.rates, self._design.margin
        looks = [replace(of, difference=of.difference - drop) for of in self._looks]
        if alone:  # every cell is a grid of its own, at its share of the rate
            rates = Rates(rates.alpha / len(margin), rates.missed, rates.looks)
            looks = [_apart(of) for of in looks]
            margin = margin[:, None]
        calls = decided_on(looks, margin, rates, self._design.rule)
        return calls[..., 0] if alone else calls


def seeds_needed(design: Design, power: float) -> list[int | None]:
    """How many current seeds each cell needs for its margin.

    Enough are those with which an unchanged cell passes, and a drop of twice the margin is called REGRESSED, each with
    at least the probability `power`. A drop of the margin itself is where the rules part: it may pass at most once in
    twenty checks, and the rule `margin` never calls it REGRESSED.

    Returns:
        Per cell; None where more than 200 would be needed, so that the baseline needs more seeds first.
    """

    def enough(seeds: int) -> NDArray[np.bool_]:
        simulation = Simulation(replace(design, seeds=seeds))
        passed = simulation.chances(np.zeros_like(design.std)).passed
        return (passed >= power) & (simulation.chances(2 * design.margin).regressed >= power)

    answer: list[int | None] = [None] * len(design.std)
    for seeds in _numbers(2):
        for index in np.flatnonzero(enough(seeds)):
            answer[index] = answer[index] or seeds
        if None not in answer:
            break
    return answer


def seeds_for_green(design: Design, probability: float, *, accepted: bool = False) -> int | None:
    """How many current seeds, or accepted ones, let an unchanged check pass with this probability.

    Args:
        design: of the check; the other number of seeds stays.
        probability: that all cells pass.
        accepted: ask for accepted seeds.

    Returns:
        At least as many as there are; None where more than 200 would be needed.
    """

    def grown(seeds: int) -> Design:
        return replace(design, base_seeds=seeds) if accepted else replace(design, seeds=seeds)

    numbers = _numbers(design.base_seeds if accepted else design.seeds)
    # more seeds never make a check less green but for chance, so half of the numbers can be left out again and again
    place = bisect_left(numbers, True, key=lambda seeds: Simulation(grown(seeds)).green() >= probability)
    return numbers[place] if place < len(numbers) else None


def _numbers(start: int) -> list[int]:
    """Numbers of seeds to try: all small ones, then in steps of a tenth."""
    numbers = [start]
    while (following := numbers[-1] + max(1, numbers[-1] // 10)) <= MOST_SEEDS:
        numbers.append(following)
    return numbers


def _drawn(noise: np.random.Generator, shape: tuple[int, int], seeds: int) -> Moments:
    """The moments of standard normal seeds: the mean is normal, and independent of it the variance chi-squared."""
    variance = noise.chisquare(seeds - 1, shape) / (seeds - 1) if seeds > 1 else np.full(shape, np.nan)
    return Moments(np.full(shape, float(seeds)), noise.standard_normal(shape) / np.sqrt(seeds), variance)


def _joined(parts: list[Moments]) -> Moments:
    """The moments of several sets of seeds together."""
    joined = parts[0]
    for part in parts[1:]:
        n = joined.n + part.n
        gap = part.mean - joined.mean
        squares = (joined.n - 1) * joined.variance + (part.n - 1) * part.variance + gap**2 * joined.n * part.n / n
        joined = Moments(n, joined.mean + gap * part.n / n, squares / (n - 1))
    return joined


def _scaled(standard: Moments, std: Floats) -> Moments:
    return Moments(standard.n, standard.mean * std, standard.variance * std**2)


def _apart(of: Estimate) -> Estimate:
    """The same with one more axis, so that every cell is a grid of its own."""
    return Estimate(*(getattr(of, field.name)[..., None] for field in fields(of)))


def _green(calls: NDArray[np.int8]) -> NDArray[np.bool_]:
    green: NDArray[np.bool_] = (calls == Call.PASS) | (calls == Call.IMPROVED)
    return green
