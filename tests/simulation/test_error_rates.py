"""The error rates that the gate states, counted over simulated grids: 10,000 with `nox -s simulate`, 2,000 without it.

Every count is exact for its seed, so a test that passes once passes always. "Not above" means: not significantly above
at the 1 % level, by an exact binomial test.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from grids import Grids, green, regressed, significantly_above, simulate, skewed

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
def test_skewed_seeds_keep_false_alarms_within_alpha(counted, alpha, cells, skewness, looks):
    """With noise more skewed than real seeds' is."""
    grids = Grids(cells=cells, std=1.0, rates=Rates(alpha, looks=looks))
    count = regressed(simulate(grids, counted.grids, noise=skewed(skewness)))
    counted(f"no drop, {cells} cells, skewness {skewness}, {looks} looks", count, alpha)
    assert not significantly_above(count, counted.grids, alpha)


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("std", DEVIATIONS)
def test_a_drop_by_the_margin_rarely_passes(counted, std, looks):
    """A cell that truly dropped by its margin passes in at most 5 % of checks."""
    calls = simulate(Grids(cells=1, std=std, drop=0.5, rates=Rates(0.01, looks=looks)), counted.grids)
    count = int(green(calls).sum())
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


SEEDS = [(3, 3), (10, 3), (10, 5)]
SPREADS = {
    "log-normal": lambda cells, noise: 0.3 * np.exp(0.7 * noise.standard_normal(cells)),
    "two kinds": lambda cells, noise: np.where(np.arange(cells) % 2 == 0, 0.05, 1.0),
    "inverse chi-squared": lambda cells, noise: 0.3 * np.sqrt(4 / noise.chisquare(4, cells)),
    "one wild cell": lambda cells, noise: np.where(np.arange(cells) == 0, 2.0, 0.1),
    "every twentieth four times as wide": lambda cells, noise: np.where(np.arange(cells) % 20 == 0, 0.4, 0.1),
}
"""How deviations differ from cell to cell; the prior of the moderated variances is the third of them."""


@pytest.mark.parametrize("related", [0.0, 0.9], ids="related {}".format)
@pytest.mark.parametrize("cells", [4, 20])
@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("sides", SEEDS, ids=str)
def test_cells_of_unequal_deviations_share_what_they_know(counted, sides, spread, cells, related):
    """Moderated variances, with pairs and without: no more false alarms than alpha."""
    base, seeds = sides
    std, shared = SPREADS[spread](cells, np.random.default_rng(1)), seeds if related else 0
    grids = Grids(cells=cells, std=std, margin=0.0, base_seeds=base, seeds=seeds, shared=shared, related=related)
    count = regressed(simulate(grids, counted.grids))
    counted(f"no drop, {cells} cells, {spread}, {base}/{seeds} seeds, correlation {related}", count, 0.01)
    assert not significantly_above(count, counted.grids, 0.01)


@pytest.mark.parametrize("cells", [60, 200])
def test_wide_cells_among_many_quiet_ones_borrow_little(counted, cells):
    """Every twentieth cell deviates four times as much as the others, three shared seeds: neither rate rises."""
    std = SPREADS["every twentieth four times as wide"](cells, np.random.default_rng(1))
    grids = Grids(cells=cells, std=std, margin=0.0, seeds=3, shared=3, related=0.9)
    number = min(counted.grids, 4_000)
    count = regressed(simulate(grids, number))
    counted(f"no drop, {cells} cells, every twentieth four times as wide, 10/3 seeds in pairs", count, 0.01, number)
    assert not significantly_above(count, number, 0.01)
    missed = simulate(replace(grids, margin=0.5, drop=0.5), number, seed=2)
    count = int(green(missed)[:, 0].sum())
    counted(f"a drop by the margin passes, the wide one of {cells} cells, 10/3 seeds in pairs", count, 0.05, number)
    assert not significantly_above(count, number, 0.05)


@pytest.mark.parametrize(("cells", "often"), [(1, 0.08), (20, 0.004), (100, 0.0008)])
def test_the_worst_rate_of_collapses_is_stated(counted, cells, often):
    """So rare that the accepted seeds show none, and frequent enough that the current ones do: it is 15 % at most."""
    count = regressed(simulate(Grids(cells=cells, failing=often), counted.grids))
    counted(f"no drop, {often:.2%} of seeds collapse, {cells} cells, 10/5 seeds", count, 0.16)
    assert not significantly_above(count, counted.grids, 0.16)


@pytest.mark.parametrize("cells", [1, 2, 4, 20])
@pytest.mark.parametrize("related", [0.0, 0.3, 0.5, 0.7, 0.9, 0.98])
@pytest.mark.parametrize("seeds", [3, 5])
def test_the_choice_of_pairs_keeps_both_rates(counted, seeds, related, cells):
    """Whatever the correlation of shared seeds is, and however few pairs have to tell it."""
    grids = Grids(cells=cells, margin=0.0, seeds=seeds, shared=seeds, related=related)
    count = regressed(simulate(grids, counted.grids))
    counted(f"no drop, {cells} cells, {seeds} shared seeds, correlation {related}", count, 0.01)
    assert not significantly_above(count, counted.grids, 0.01)
    missed = simulate(Grids(cells=cells, seeds=seeds, shared=seeds, related=related, drop=0.5), counted.grids, seed=2)
    count = int(green(missed)[:, 0].sum())
    counted(f"a drop by the margin passes, {cells} cells, {seeds} shared seeds, correlation {related}", count, 0.05)
    assert not significantly_above(count, counted.grids, 0.05)


@pytest.mark.parametrize("cells", [1, 20, 100])
@pytest.mark.parametrize("std", [0.05, 0.1, 0.3, 0.6])
@pytest.mark.parametrize("related", [0.0, 0.9], ids="related {}".format)
def test_accuracies_in_steps_of_one_example(counted, related, std, cells):
    """360 test examples, 3 and 3 seeds, a margin below one step: equal seeds are no certainty."""
    shared = 3 if related else 0
    grids = Grids(
        cells=cells, std=std, margin=0.2, base_seeds=3, seeds=3, step=100 / 360, shared=shared, related=related
    )  # fmt: skip
    count = regressed(simulate(grids, counted.grids))
    counted(f"no drop, steps of 1/360, {cells} cells, deviation {std}, 3/3 seeds, correlation {related}", count, 0.01)
    assert not significantly_above(count, counted.grids, 0.01)


@pytest.mark.parametrize(("base", "seeds"), [(10, 5), (10, 3), (3, 3)], ids=str)
@pytest.mark.parametrize("cells", [1, 4, 20])
@pytest.mark.parametrize("spread", [2.0, 5.0])
def test_seeds_that_lie_further_apart_now(counted, spread, cells, base, seeds):
    """The mean stays: the page states these rates, and they may not be more than twice and four times alpha."""
    grids = Grids(cells=cells, margin=0.0, base_seeds=base, seeds=seeds, spread=spread)
    count = regressed(simulate(grids, counted.grids))
    stated = {2.0: 0.02, 5.0: 0.04}[spread]
    counted(f"no drop, deviation times {spread}, {cells} cells, {base}/{seeds} seeds", count, stated)
    assert not significantly_above(count, counted.grids, stated)


def test_seeds_that_collapse_now_and_then_are_no_alarm_in_large_checks(counted):
    """5 % of the seeds of either side end at chance; 500 cells, 3 and 3 seeds."""
    grids = Grids(cells=500, base_seeds=3, seeds=3, failing=0.05)
    number = min(counted.grids, 4_000)
    count = regressed(simulate(grids, number))
    counted("no drop, 5 % of seeds collapse, 500 cells, 3/3 seeds", count, 0.01, number)
    assert not significantly_above(count, number, 0.01)


@pytest.mark.parametrize(("cells", "base", "seeds", "stated"), [(1, 10, 5, 0.15), (20, 10, 5, 0.01), (20, 3, 3, 0.06)])
def test_seeds_that_collapse_by_themselves_may_alarm_in_small_checks(counted, cells, base, seeds, stated):
    """Where no accepted seed collapsed by chance, the first that does is taken for news: the page states how often."""
    count = regressed(simulate(Grids(cells=cells, base_seeds=base, seeds=seeds, failing=0.05), counted.grids))
    counted(f"no drop, 5 % of seeds collapse, {cells} cells, {base}/{seeds} seeds", count, stated)
    assert not significantly_above(count, counted.grids, stated)


@pytest.mark.parametrize(("often", "cells", "least"), [(0.05, 1, 0.2), (0.2, 1, 0.6), (0.05, 20, 0.95)])
def test_a_fault_that_sends_seeds_to_chance_is_red_where_it_hits_one(counted, often, cells, least):
    """It passes only where no seed of the check was hit, and never with a collapsed seed."""
    calls = simulate(Grids(cells=cells, failing=0.0, failing_now=often), counted.grids)
    count = regressed(calls)
    counted(f"{often:.0%} of the current seeds collapse, {cells} cells: REGRESSED", count, least)
    assert count >= least * counted.grids
    unseen = (1 - often) ** (5 * cells)
    passed = int(green(calls).all(axis=1).sum())
    counted(f"{often:.0%} of the current seeds collapse, {cells} cells: passes", passed, unseen)
    assert not significantly_above(passed, counted.grids, unseen)


@pytest.mark.parametrize(
    ("cells", "base", "seeds", "least"),
    [(20, 3, 3, 0.33), (20, 10, 3, 0.74), (60, 10, 3, 0.64), (20, 10, 5, 0.84)],
)
def test_power_of_shared_variances(counted, cells, base, seeds, least):
    """A drop of a point in one cell, deviation 0.25: found at least this often, at one look and without pairs."""
    drop = np.zeros(cells)
    drop[0] = 1.0
    calls = simulate(Grids(cells=cells, std=0.25, drop=drop, base_seeds=base, seeds=seeds), counted.grids)
    count = int((calls[:, 0] == Call.REGRESSED).sum())
    counted(f"a drop of 1 point in one of {cells} cells is found, deviation 0.25, {base}/{seeds} seeds", count, least)
    assert count >= least * counted.grids


@pytest.mark.parametrize("drop", [2.0, 5.0])
def test_an_uncorrected_gate_would_fail_these_tests(counted, drop):
    """The tests can fail: one look at a time, uncorrected for the cells, alarms far too often."""
    calls = simulate(Grids(cells=1, std=1.0, rates=Rates(0.01 * drop)), counted.grids)
    alarms = (calls[: counted.grids // 20 * 20, 0] == Call.REGRESSED).reshape(-1, 20).any(axis=1).sum()
    assert significantly_above(int(alarms), counted.grids // 20, 0.01)
