"""`bench power` beside simulation: what it promises of one cell is what whole grids show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from grids import Grids, green, simulate

from bench.analyse.gate.decision import Call, Rates
from bench.analyse.gate.power import Design, Simulation, seeds_for_green, seeds_needed

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


def planned(cells: int, base: int, seeds: int, std, *, looks=1, rule="difference", margin=0.5, step=0.0) -> Design:
    """A check whose cells are alike, or have each its deviation."""
    return Design(
        base_seeds=base, seeds=seeds, std=np.broadcast_to(std, cells).astype(float), margin=np.full(cells, margin),
        step=np.full(cells, step), rates=Rates(0.01, looks=looks), rule=rule,
    )  # fmt: skip


@pytest.mark.parametrize("case", DESIGNS, ids=str)
def test_power_agrees_with_whole_grids(counted, case):
    """Within five points, for the cell that dropped and for one that did not."""
    cells, base, seeds, looks, rule, std, drop = case
    design = planned(cells, base, seeds, std, looks=looks, rule=rule)
    drops = np.zeros(cells)
    drops[0] = drop
    grids = Grids(cells=cells, std=std, drop=drops, base_seeds=base, seeds=seeds, rates=design.rates, rule=rule)
    calls = simulate(grids, min(counted.grids, 2_000), seed=7)
    promised = Simulation(design).chances(drops)
    assert promised.regressed[0] == pytest.approx((calls[:, 0] == Call.REGRESSED).mean(), abs=0.05)
    if cells > 1:
        assert promised.passed[1] == pytest.approx(green(calls[:, 1]).mean(), abs=0.05)


@pytest.mark.parametrize(
    ("cells", "std", "looks", "margin"), [(4, 0.3, 1, 0.7), (20, 0.3, 1, 0.6), (20, 0.3, 3, 0.6), (60, 0.2, 1, 0.4)]
)
def test_the_chance_of_a_green_check_agrees_with_whole_grids(counted, cells, std, looks, margin):
    """Every cell of it passes: rarer than that one does."""
    simulation = Simulation(planned(cells, 10, 5, std, looks=looks, margin=margin))
    number = min(counted.grids, 2_000)
    grids = Grids(cells=cells, std=std, margin=margin, rates=Rates(0.01, looks=looks))
    passed = green(simulate(grids, number, seed=7)).all(axis=1)
    assert simulation.green() == pytest.approx(passed.mean(), abs=0.05)
    assert simulation.green() < simulation.chances(np.zeros(cells)).passed.mean()


def test_the_narrowest_margin_makes_a_check_green(counted):
    """As often as was asked for."""
    simulation = Simulation(planned(20, 10, 5, 0.3))
    assert simulation.green() < 0.3
    margin = simulation.margin_for_green(0.9)
    grids = Grids(cells=20, std=0.3, margin=margin)
    passed = green(simulate(grids, min(counted.grids, 2_000), seed=7)).all(axis=1)
    assert passed.mean() == pytest.approx(0.9, abs=0.03)


def test_more_seeds_of_either_side_make_a_check_green():
    """As few as are enough: one fewer is not."""
    design = planned(8, 10, 5, 0.3, margin=0.6)
    for accepted in (False, True):
        seeds = seeds_for_green(design, 0.8, accepted=accepted)
        assert seeds > (10 if accepted else 5)
        more, less = (
            Simulation(replace(design, base_seeds=number) if accepted else replace(design, seeds=number)).green()
            for number in (seeds, seeds - max(1, seeds // 10))
        )
        assert less < 0.8 <= more


def test_current_seeds_cannot_make_up_for_accepted_ones():
    """Three accepted seeds of a point's deviation hold no margin of half a point."""
    assert seeds_for_green(planned(4, 3, 5, 1.0), 0.9) is None


def test_the_smallest_drop_is_detected_with_that_probability():
    """And a smaller one more rarely, whatever the deviation."""
    design = planned(20, 10, 5, np.resize([0.001, 0.003, 0.006], 20), looks=3, margin=0.005)
    simulation = Simulation(design)
    drop = simulation.smallest_drop(0.9)
    assert (np.diff(drop[:3]) > 0).all()
    assert (simulation.chances(drop).regressed >= 0.9).all()
    assert (simulation.chances(0.96 * drop).regressed < 0.9).all()


def test_more_deviation_needs_more_seeds():
    """Until no number of current seeds makes up for the accepted ones."""
    few, some, never, *_ = seeds_needed(planned(5, 10, 5, [0.001, 0.003, 0.03, 0.002, 0.002], margin=0.005), 0.9)
    assert few < some
    assert never is None
