"""What the stated rates assume, counted: what happens where seeds depend on each other, or a check is repeated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from grids import Grids, judged, normal, regressed, significantly_above, simulate

from bench.analyse.gate.decision import Call, Rates

ALPHA, MISSED = 0.01, 0.05
REPEATS = 4


def autoregressive(correlation: float):
    """Noise in which each seed correlates so much with the one before it, of mean 0 and deviation 1."""

    def draw(source: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        values = source.standard_normal(shape)
        for seed in range(1, shape[-1]):
            values[..., seed] *= np.sqrt(1 - correlation**2)
            values[..., seed] += correlation * values[..., seed - 1]
        return values

    return draw


@pytest.mark.parametrize("looks", [1, 3])
@pytest.mark.parametrize("cells", [1, 20])
def test_seeds_that_depend_on_each_other_exceed_the_stated_rate(counted, cells, looks):
    """A correlation of 0.3 between successive seeds: more false alarms than alpha, which is why the gate says so."""
    grids = Grids(cells=cells, std=1.0, rates=Rates(ALPHA, looks=looks))
    count = regressed(simulate(grids, counted.grids, noise=autoregressive(0.3)))
    counted(f"no drop, {cells} cells, successive seeds correlate by 0.3, {looks} looks", count, ALPHA)
    assert significantly_above(count, counted.grids, ALPHA)


def test_a_check_that_is_repeated_until_it_is_green_exceeds_the_stated_rate(counted):
    """A cell dropped by its margin; each repetition has new seeds, four of them at most; one green one counts."""
    grids = Grids(cells=1, std=0.3, drop=0.5, rates=Rates(ALPHA, MISSED))
    passed = np.isin(_repeated(grids, counted.grids), [Call.PASS, Call.IMPROVED]).any(axis=1)
    count = int(passed.sum())
    counted(f"drop by the margin passes, one of {REPEATS} repetitions", count, MISSED)
    assert significantly_above(count, counted.grids, MISSED)


@pytest.mark.parametrize(
    ("what", "cell", "wrong", "rate"),
    [
        ("no drop: REGRESSED", {"std": 1.0}, (Call.REGRESSED,), ALPHA),
        ("drop by the margin passes", {"std": 0.5, "drop": 0.5}, (Call.PASS, Call.IMPROVED), MISSED),
    ],
)
def test_a_check_that_is_repeated_while_it_is_inconclusive_exceeds_the_stated_rates(counted, what, cell, wrong, rate):
    """The advice of earlier versions: run again with twice the seeds, here up to three times."""
    grids = Grids(cells=1, rates=Rates(ALPHA, MISSED), **cell)
    number = max(counted.grids, 10_000)
    source = np.random.default_rng(1)
    base = normal(source, (number, 1, grids.base_seeds)) * grids.std
    calls = np.full((number, 1), Call.INCONCLUSIVE, dtype=np.int8)
    for repeat in range(REPEATS):
        again = replace(grids, seeds=grids.seeds * 2**repeat)
        current = normal(source, (number, 1, again.seeds)) * grids.std - grids.drop
        calls = np.where(calls == Call.INCONCLUSIVE, judged(again, base, current), calls)
    count = int(np.isin(calls, wrong).sum())
    counted(f"{what}, run again with twice the seeds while inconclusive", count, rate, number)
    assert significantly_above(count, number, rate)


def _repeated(grids: Grids, number: int) -> np.ndarray:
    """The calls of a cell, (number, REPEATS): one baseline, new current seeds each time."""
    source = np.random.default_rng(1)
    base = normal(source, (number, 1, grids.base_seeds)) * grids.std
    shape = (number, 1, grids.seeds)
    return np.concatenate(
        [judged(grids, base, normal(source, shape) * grids.std - grids.drop) for _ in range(REPEATS)], axis=1
    )
