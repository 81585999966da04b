"""How often drift is reported, counted over simulated chains of acceptances.

Every acceptance has 10 seeds, the run has 5; each chain goes through the very function that a check calls.
"""

from __future__ import annotations

import numpy as np
import pytest
from chains import CONTENT, chain, past
from grids import significantly_above

from bench.analyse.gate.decision import Rates
from bench.analyse.gate.drift import Descendant, find_drifts

MARGIN, ACCEPTANCES, ACCEPTED, CURRENT = 0.005, 5, 10, 5


def chains(number: int, *, cells: int, std: float, steps: np.ndarray, now: float = 0.0, seed: int = 1):
    """Chains of simulated acceptances, each with a simulated run.

    Args:
        number: how many.
        cells: of each.
        std: deviation of a seed, a fraction.
        steps: (acceptances,), the true change of every cell's mean at each acceptance since the first.
        now: the same of the run.
        seed: of the noise.
    """
    source = np.random.default_rng(seed)
    for _ in range(number):
        accepted = 0.9 + steps[:, None, None] + std * source.standard_normal((len(steps), cells, ACCEPTED))
        current = 0.9 + now + std * source.standard_normal((cells, CURRENT))
        means, deviations = accepted.mean(axis=-1).tolist(), accepted.std(axis=-1, ddof=1).tolist()
        yield (
            [Descendant(str(cell), CONTENT, values, MARGIN) for cell, values in enumerate(current.tolist())],
            chain([
                {str(cell): past(means[step][cell], deviations[step][cell], ACCEPTED) for cell in range(cells)}
                for step in range(len(steps))
            ]),
        )  # fmt: skip


@pytest.mark.parametrize("std", [0.003, 0.01])
@pytest.mark.parametrize("cells", [1, 20])
def test_drift_is_rarely_reported_where_nothing_changed(counted, cells, std):
    """Five acceptances of unchanged cells: some drift in at most alpha of checks."""
    steps = np.zeros(ACCEPTANCES)
    count = sum(
        bool(find_drifts(now, accepted, Rates(0.01)))
        for now, accepted in chains(counted.grids, cells=cells, std=std, steps=steps)
    )
    counted(f"drift, nothing changed, {cells} cells, 5 acceptances, deviation {std}", count, 0.01)
    assert not significantly_above(count, counted.grids, 0.01)


def test_the_best_acceptance_alone_would_be_reported_too_often(counted):
    """The test can fail: choosing the best of four earlier ones and correcting only for the cells exceeds alpha."""
    grids, alpha, count = 5 * counted.grids, 0.05, 0
    for now, accepted in chains(grids, cells=1, std=0.01, steps=np.zeros(ACCEPTANCES)):
        best = max(accepted[:-1], key=lambda acceptance: acceptance.cells["0"].mean)
        count += bool(find_drifts(now, (best, accepted[-1]), Rates(alpha)))
    counted("drift since the best of four, not corrected", count, None, grids)
    assert significantly_above(count, grids, alpha)


def test_a_baseline_that_creeps_is_reported(counted):
    """Ten acceptances, each 0.2 points lower, 20 cells, deviation 0.3 points, margin 0.5 points."""
    number, some, cells = counted.grids // 4, 0, 0
    for now, accepted in chains(number, cells=20, std=0.003, steps=-0.002 * np.arange(10), now=-0.02):
        drifts = find_drifts(now, accepted, Rates(0.01))
        some += bool(drifts)
        cells += len(drifts)
    share = cells / (20 * number)
    counted("ten accepted steps of 0.2 points, 20 cells: some drift", some, None, number)
    counted("the same, of the cells", cells, None, 20 * number)
    assert some >= 0.99 * number
    assert share >= 0.9
