"""Simulated grids: many checks at once, through the very code that judges a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from bench.analyse.gate.decision import Call, Decision, Rates, Rule, decided
from bench.analyse.gate.samples import Samples

Noise = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
"""Draws values of mean 0 and deviation 1."""

AT_ONCE = 40_000
"""Cells that are judged in one go: more would only cost memory."""


@dataclass(frozen=True, kw_only=True)
class Grids:
    """What is simulated; accuracies are in points, which changes nothing.

    Attributes:
        std: deviation of a seed; of each cell, or of all.
        drop: true drop of each cell, or of all.
        spread: multiplies the deviation of the current seeds.
        shared: how many of the first look's seeds were accepted too.
        related: correlation of the two scores of a shared seed.
        step: the finest difference of accuracies, in points; 0 for none.
        failing: how often a seed of either side ends at chance, `COLLAPSE` points lower.
        failing_now: the same of the current seeds; None for as often.
    """

    cells: int
    std: float | np.ndarray = 0.3
    drop: float | np.ndarray = 0.0
    margin: float = 0.5
    base_seeds: int = 10
    seeds: int = 5
    rates: Rates = Rates(0.01)  # noqa: RUF009  frozen
    rule: Rule = "difference"
    spread: float = 1.0
    shared: int = 0
    related: float = 0.0
    step: float = 0.0
    failing: float = 0.0
    failing_now: float | None = None


COLLAPSE = 60.0


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


def green(calls: np.ndarray) -> np.ndarray:
    """Which calls let a check pass."""
    return np.isin(calls, [Call.PASS, Call.IMPROVED])


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
    return decision(grids, base, current).calls


def decision(grids: Grids, base: np.ndarray, current: np.ndarray) -> Decision:
    """The same with all that the calls stand on."""
    own = base.shape[-1] - grids.shared
    hole = np.full((*base.shape[:-1], current.shape[-1] - grids.shared), np.nan)
    looks = np.concatenate([np.ones(base.shape[-1]), np.arange(grids.shared, current.shape[-1]) // grids.seeds + 1])
    before, after = current[..., : grids.shared], current[..., grids.shared :]
    samples = Samples(
        np.concatenate([base, hole], axis=-1),
        np.concatenate([before, np.full((*base.shape[:-1], own), np.nan), after], axis=-1),
        looks.astype(np.int64),
        np.full(grids.cells, grids.step),
    )
    margin = np.full(grids.cells, grids.margin)
    return decided(samples, margin, grids.rates, rule=grids.rule, looks=grids.rates.looks)


def _batch(grids: Grids, number: int, noise: Noise, source: np.random.Generator) -> np.ndarray:
    shape = (number, grids.cells)
    std = np.expand_dims(np.broadcast_to(grids.std, shape), -1)
    base = noise(source, (*shape, grids.base_seeds))
    now = noise(source, (*shape, grids.seeds * grids.rates.looks))
    common = base[..., : grids.shared]
    fresh = now[..., : grids.shared]
    now[..., : grids.shared] = grids.related * common + np.sqrt(1 - grids.related**2) * fresh
    drop = np.expand_dims(np.broadcast_to(grids.drop, shape), -1)
    # where between two steps a mean lies decides how often values are equal
    mean = source.uniform(0, grids.step, (*shape, 1)) if grids.step else 0.0
    base, now = mean + std * base, mean + std * grids.spread * now - drop
    if grids.failing or grids.failing_now:
        often = grids.failing if grids.failing_now is None else grids.failing_now
        base = base - COLLAPSE * (source.random(base.shape) < grids.failing)
        now = now - COLLAPSE * (source.random(now.shape) < often)
    if grids.step:
        base, now = (np.round(values / grids.step) * grids.step for values in (base, now))
    return judged(grids, base, now)
