"""The error rates that the gate states, counted over simulated grids: 10,000 with `nox -s simulate`, 2,000 without it.

Every count is exact for its seed, so a test that passes once passes always. "Not above" means: not significantly above
at the 1 % level, by an exact binomial test.
"""

from __future__ import annotations

import numpy as np
import pytest
from grids import Grids, regressed, significantly_above, simulate, skewed

from bench.analyse.gate.decision import Call, Rates

DEVIATIONS = (0.05, 0.3, 1.0)
LOOKS = (1, 3)


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("std", DEVIATIONS)
@pytest.mark.parametrize("cells", [1, 20, 100])
@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_false_alarms_stay_within_alpha(counted, alpha, cells, std, looks):
    """Nothing changed: some cell of a grid is called REGRESSED in at most alpha of the grids."""
    count = regressed(simulate(Grids(cells=cells, std=std, rates=Rates(alpha, looks=looks)), counted.grids))
    counted(f"no drop, {cells} cells, deviation {std}, {looks} looks", count, alpha)
    assert not significantly_above(count, counted.grids, alpha)


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("skewness", [-1.0, 1.0])
@pytest.mark.parametrize("cells", [1, 20])
@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_skewed_seeds_at_most_double_the_false_alarms(counted, alpha, cells, skewness, looks):
    """With noise more skewed than real seeds' is."""
    grids = Grids(cells=cells, std=1.0, rates=Rates(alpha, looks=looks))
    count = regressed(simulate(grids, counted.grids, noise=skewed(skewness)))
    counted(f"no drop, {cells} cells, skewness {skewness}, {looks} looks", count, alpha)
    assert not significantly_above(count, counted.grids, 2 * alpha)


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("std", DEVIATIONS)
def test_a_drop_by_the_margin_rarely_passes(counted, std, looks):
    """A cell that truly dropped by its margin passes in at most 5 % of checks."""
    calls = simulate(Grids(cells=1, std=std, drop=0.5, rates=Rates(0.01, looks=looks)), counted.grids)
    count = int(np.isin(calls, [Call.PASS, Call.IMPROVED]).sum())
    counted(f"drop by the margin passes, deviation {std}, {looks} looks", count, 0.05)
    assert not significantly_above(count, counted.grids, 0.05)


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("std", DEVIATIONS)
@pytest.mark.parametrize("cells", [1, 20])
def test_under_the_rule_margin_a_drop_by_it_is_no_alarm(counted, cells, std, looks):
    """Every cell dropped by exactly the margin: at most alpha of grids are called REGRESSED."""
    grids = Grids(cells=cells, std=std, drop=0.5, rule="margin", rates=Rates(0.01, looks=looks))
    count = regressed(simulate(grids, counted.grids))
    counted(f"rule margin, all at the margin, {cells} cells, deviation {std}, {looks} looks", count, 0.01)
    assert not significantly_above(count, counted.grids, 0.01)


def test_a_drop_of_a_point_in_one_cell_of_twenty_is_found(counted):
    """Deviation 0.3, 10 accepted and 5 current seeds, three looks: found in at least 90 % of checks."""
    drop = np.zeros(20)
    drop[7] = 1.0
    calls = simulate(Grids(cells=20, std=0.3, drop=drop, rates=Rates(0.01, looks=3)), counted.grids)
    found = int((calls[:, 7] == Call.REGRESSED).sum())
    counted("a drop of 1 point in one of 20 cells is found", found, 0.9)
    assert found >= 0.9 * counted.grids


@pytest.mark.parametrize("drop", [2.0, 5.0])
def test_an_uncorrected_gate_would_fail_these_tests(counted, drop):
    """The tests can fail: one look at a time, uncorrected for the cells, alarms far too often."""
    calls = simulate(Grids(cells=1, std=1.0, rates=Rates(0.01 * drop)), counted.grids)
    alarms = (calls[: counted.grids // 20 * 20, 0] == Call.REGRESSED).reshape(-1, 20).any(axis=1).sum()
    assert significantly_above(int(alarms), counted.grids // 20, 0.01)
