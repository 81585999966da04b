"""Simulated grids: many checks at once, through the very code that judges a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from bench.analyse.gate.decision import Call, Rates, Rule, decide, look_again
from bench.analyse.gate.evidence import Moments, evidence

Noise = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
"""Draws values of mean 0 and deviation 1."""

AT_ONCE = 100_000
"""Cells that are judged in one go: more would only cost memory."""


@dataclass(frozen=True, kw_only=True)
class Grids:
    """What is simulated; accuracies are in points, which changes nothing.

    Attributes:
        drop: true drop of each cell, or of all.
        std: deviation of a seed.
    """

    cells: int
    std: float
    drop: float | np.ndarray = 0.0
    margin: float = 0.5
    base_seeds: int = 10
    seeds: int = 5
    rates: Rates = Rates(0.01)  # noqa: RUF009  frozen
    rule: Rule = "difference"


def normal(noise: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal noise."""
    return noise.standard_normal(shape)


def skewed(skewness: float) -> Noise:
    """Noise of that skewness (negative: a long tail of bad seeds), a shifted gamma distribution."""
    shape = 4 / skewness**2

    def draw(noise: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
        return np.sign(skewness) * (noise.gamma(shape, size=size) - shape) / np.sqrt(shape)

    return draw


def simulate(grids: Grids, number: int, *, noise: Noise = normal, seed: int = 1) -> np.ndarray:
    """The calls of so many independent checks.

    Returns:
        (number, cells) int8, values of `Call`.
    """
    source = np.random.default_rng(seed)
    batch = max(1, AT_ONCE // grids.cells)
    parts = [_batch(grids, min(batch, number - done), noise, source) for done in range(0, number, batch)]
    return np.concatenate(parts)


def regressed(calls: np.ndarray) -> int:
    """In how many checks some cell was called REGRESSED."""
    return int((calls == Call.REGRESSED).any(axis=1).sum())


def significantly_above(count: int, number: int, rate: float, level: float = 0.01) -> bool:
    """Whether so many of `number` are more than a true rate explains, by an exact binomial test."""
    return bool(stats.binomtest(count, number, rate, alternative="greater").pvalue < level)


def judged(grids: Grids, base: np.ndarray, current: np.ndarray) -> np.ndarray:
    """The calls of checks whose seeds are given.

    Args:
        grids: how they are judged.
        base: (checks, cells, seeds), accepted accuracies.
        current: (checks, cells, seeds of all looks), in the order they are trained.
    """
    accepted = _moments(base)
    tolerated = grids.margin if grids.rule == "margin" else 0.0
    now = evidence(accepted, _moments(current[..., : grids.seeds]), grids.margin, tolerated)
    calls = decide(now, grids.rates)
    for look in range(2, grids.rates.looks + 1):
        more = evidence(accepted, _moments(current[..., : look * grids.seeds]), grids.margin, tolerated)
        calls, now = look_again(calls, now, more, grids.rates)
    return calls


def _batch(grids: Grids, number: int, noise: Noise, source: np.random.Generator) -> np.ndarray:
    shape = (number, grids.cells)
    base = noise(source, (*shape, grids.base_seeds)) * grids.std
    drop = np.expand_dims(np.broadcast_to(grids.drop, shape), -1)
    return judged(grids, base, noise(source, (*shape, grids.seeds * grids.rates.looks)) * grids.std - drop)


def _moments(values: np.ndarray) -> Moments:
    n = np.full(values.shape[:-1], values.shape[-1], dtype=float)
    return Moments(n, values.mean(axis=-1), values.var(axis=-1, ddof=1))
