"""How much of the winner's true optimism the estimate of a report finds, and how often the winner is truly the best."""

from __future__ import annotations

import numpy as np
import pytest

from bench.analyse.intervals import sample
from bench.analyse.optimism import optimism

NUMBER = 250
SEED_STD = 0.003
CASES = {
    # name: cells, seeds, deviation of true means over that of a seed, least and most of the truth that is estimated
    "far apart": (60, 3, 4.0, (0.75, 1.25)),
    "as far as seeds": (60, 3, 1.0, (0.60, 1.10)),
    "many seeds": (20, 10, 1.0, (0.70, 1.15)),
    "all equal": (20, 3, 0.0, (0.55, 1.10)),
    "few cells": (5, 5, 1.0, (0.55, 1.15)),
}


def simulated(cells: int, seeds: int, spread: float) -> np.ndarray:
    """Per run: true optimism, its estimate, whether the winner was the best, its estimated probability: (NUMBER, 4)."""
    noise = np.random.default_rng(7)
    rows = []
    for _ in range(NUMBER):
        true = 0.95 + spread * SEED_STD * noise.standard_normal(cells)
        scores = true[:, None] + SEED_STD * noise.standard_normal((cells, seeds))
        means = scores.mean(axis=1)
        winner = int(means.argmax())
        found = optimism([sample(list(map(float, of))) for of in scores], 1)
        assert found is not None
        rows.append((means[winner] - true[winner], found.gain, winner == true.argmax(), found.best))
    return np.array(rows, dtype=float)


@pytest.mark.parametrize("name", CASES)
def test_the_estimate_is_near_the_truth(name: str) -> None:
    """Over runs, the mean estimate over the mean truth lies within the stated part, and so do the probabilities."""
    *case, (least, most) = CASES[name]
    truth, estimate, best, probability = simulated(*case).mean(axis=0)
    print(f"{name}: {estimate / truth:.0%} of the truth; best {best:.0%}, said {probability:.0%}")
    assert least <= estimate / truth <= most
    assert probability >= best - 0.05  # said as what it is at most
    if case[2]:  # of equal cells none is the best
        assert probability <= best + 0.12
