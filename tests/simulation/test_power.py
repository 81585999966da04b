"""`bench power` beside simulation: what it promises of one cell is what whole grids show."""

from __future__ import annotations

import numpy as np
import pytest
from grids import Grids, simulate

from bench.analyse.gate.decision import Call, Rates
from bench.analyse.gate.power import Design, Simulation, seeds_needed

DESIGNS = [
    # cells, accepted seeds, current seeds, looks, rule, deviation, drop; all in points
    (1, 10, 5, 1, "difference", 0.3, 0.6),
    (1, 5, 5, 1, "difference", 0.2, 0.5),
    (20, 10, 5, 1, "difference", 0.3, 0.9),
    (20, 10, 5, 3, "difference", 0.3, 0.8),
    (20, 10, 5, 3, "margin", 0.3, 1.2),
    (100, 20, 10, 1, "difference", 0.5, 1.0),
    (60, 10, 3, 3, "difference", 0.1, 0.6),
    (20, 10, 5, 1, "margin", 0.2, 1.1),
]


@pytest.mark.parametrize("case", DESIGNS, ids=str)
def test_power_agrees_with_whole_grids(counted, case):
    """Within five points, for the cell that dropped and for one that did not."""
    cells, base, seeds, looks, rule, std, drop = case
    rates = Rates(0.01, looks=looks)
    design = Design(base_seeds=base, seeds=seeds, cells=cells, rates=rates, rule=rule)
    drops = np.zeros(cells)
    drops[0] = drop
    grids = Grids(cells=cells, std=std, drop=drops, base_seeds=base, seeds=seeds, rates=rates, rule=rule)
    calls = simulate(grids, min(counted.grids, 2_000), seed=7)
    promised = Simulation(design).chances(np.array([std, std]), np.array([drop, 0.0]), np.array([0.5, 0.5]))
    found = (calls[:, 0] == Call.REGRESSED).mean()
    assert promised.regressed[0] == pytest.approx(found, abs=0.05)
    if cells > 1:
        passed = np.isin(calls[:, 1], [Call.PASS, Call.IMPROVED]).mean()
        assert promised.passed[1] == pytest.approx(passed, abs=0.05)


def test_the_smallest_drop_is_found_that_surely():
    """And a smaller one less surely, whatever the deviation."""
    simulation = Simulation(Design(base_seeds=10, seeds=5, cells=20, rates=Rates(0.01, looks=3)))
    std, margin = np.array([0.001, 0.003, 0.006]), np.full(3, 0.005)
    drop = simulation.smallest_drop(std, margin, 0.9)
    assert (np.diff(drop) > 0).all()
    assert (simulation.chances(std, drop, margin).regressed >= 0.9).all()
    assert (simulation.chances(std, 0.97 * drop, margin).regressed < 0.9).all()


def test_more_deviation_needs_more_seeds():
    """Until no number of current seeds makes up for the accepted ones."""
    design = Design(base_seeds=10, seeds=5, cells=5, rates=Rates(0.01))
    few, some, never = seeds_needed(design, np.array([0.001, 0.003, 0.03]), np.full(3, 0.005), 0.9)
    assert few < some
    assert never is None
