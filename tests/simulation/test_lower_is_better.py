"""The gate's rates for a score of which lower is better, with noise as errors have it: skewed, unequal, never below 0.

Seeds of a mean absolute error are drawn from a gamma distribution: most lie near the best that a network reaches, some
far above. Cells differ in their level and in how far their seeds lie apart, and the judged run may spread more than
the accepted one. Every value enters through `gains`, the door of the gate, and is judged by the very code that judges
a run.
"""

from __future__ import annotations

import numpy as np
import pytest
from grids import Grids, judged, regressed, significantly_above

from bench.analyse.gate.decision import Call, Rates
from bench.analyse.gate.power import Design, Simulation
from bench.analyse.gate.side import gains
from bench.core.scores import SCORES

MAE = SCORES["mean_absolute_error"]
LEVELS = np.array([40.0, 12.0, 90.0, 40.0, 25.0])
"""The mean of each cell, in the unit of the error."""

SPREADS = np.array([1.0, 0.05, 2.0, 0.1, 0.3])
"""The deviation of each cell's seeds; the margin is 0.5."""

SKEWNESS = 1.0
"""Above that of 40 real seeds of mnist-mlp; the long tail is that of bad seeds."""

AT_ONCE = 20_000
LOOKS = (1, 3)


def errors(source, number: int, seeds: int, cells: int, *, rise=0.0, spread=1.0, tail=1) -> np.ndarray:
    """Mean absolute errors, (number, cells, seeds).

    Args:
        source: of random numbers.
        number: of checks.
        seeds: of a cell.
        cells: of a check.
        rise: added to the mean, of all cells or of each.
        spread: multiplies the deviation.
        tail: 1 for a long tail of bad seeds, -1 for one of good ones.
    """
    levels, spreads = (np.resize(values, cells) for values in (LEVELS, SPREADS))
    shape = 4 / SKEWNESS**2
    noise = tail * (source.gamma(shape, size=(number, cells, seeds)) - shape) / np.sqrt(shape)
    return (levels + rise)[:, None] + spread * spreads[:, None] * noise


def gained(values: np.ndarray) -> np.ndarray:
    """The same as gains, as the gate takes them from trials and baselines."""
    return np.array(gains(MAE, values.ravel().tolist())).reshape(values.shape)


def simulate(grids: Grids, number: int, *, rise=0.0, spread=1.0, tail=1) -> np.ndarray:
    """The calls of so many checks whose true errors rose; (number, cells)."""
    source, parts = np.random.default_rng(1), []
    batch = max(1, AT_ONCE // grids.cells)
    for done in range(0, number, batch):
        many = min(batch, number - done)
        base = errors(source, many, grids.base_seeds, grids.cells, tail=tail)
        now = errors(source, many, grids.seeds * grids.rates.looks, grids.cells, rise=rise, spread=spread, tail=tail)
        parts.append(judged(grids, gained(base), gained(now)))
    return np.concatenate(parts)


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("cells", [1, 5, 20])
@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_false_alarms_of_errors_with_a_tail_of_bad_seeds_stay_within_alpha(counted, alpha, cells, looks):
    """Nothing changed: some cell is called REGRESSED in at most alpha of the checks."""
    grids = Grids(cells=cells, std=0.0, rates=Rates(alpha, looks=looks))
    count = regressed(simulate(grids, counted.grids))
    counted(f"MAE, no rise, {cells} cells, {looks} looks", count, alpha)
    assert not significantly_above(count, counted.grids, alpha)


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("cells", [1, 20])
def test_a_tail_of_good_seeds_at_most_doubles_the_false_alarms(counted, cells, looks):
    """A few lucky seeds in the baseline look like a rise afterwards."""
    count = regressed(simulate(Grids(cells=cells, std=0.0, rates=Rates(0.01, looks=looks)), counted.grids, tail=-1))
    counted(f"MAE, no rise, a tail of good seeds, {cells} cells, {looks} looks", count, 0.01)
    assert not significantly_above(count, counted.grids, 0.02)


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_another_spread_at_most_doubles_the_false_alarms(counted, spread, looks):
    """The mean stays, the seeds of the judged run lie half or twice as far apart."""
    grids = Grids(cells=5, std=0.0, rates=Rates(0.01, looks=looks))
    count = regressed(simulate(grids, counted.grids, spread=spread))
    counted(f"MAE, no rise, 5 cells, spread times {spread}, {looks} looks", count, 0.01)
    assert not significantly_above(count, counted.grids, 0.02)


@pytest.mark.parametrize("looks", LOOKS)
def test_a_rise_by_the_margin_rarely_passes(counted, looks):
    """Every cell truly rose by its margin, and passes in at most 5 % of checks."""
    cells = len(LEVELS)
    calls = simulate(Grids(cells=cells, std=0.0, rates=Rates(0.01, looks=looks)), counted.grids, rise=0.5)
    for cell, spread in enumerate(SPREADS):
        count = int(np.isin(calls[:, cell], [Call.PASS, Call.IMPROVED]).sum())
        counted(f"MAE, a rise by the margin passes, deviation {spread}, {looks} looks", count, 0.05)
        assert not significantly_above(count, counted.grids, 0.05)


def test_a_rise_of_two_margins_in_one_cell_of_twenty_is_found(counted):
    """Deviation 0.3, 10 accepted and 5 current seeds, three looks: found in at least 90 % of checks."""
    rise = np.zeros(20)
    rise[4] = 1.0
    calls = simulate(Grids(cells=20, std=0.0, rates=Rates(0.01, looks=3)), counted.grids, rise=rise)
    count = int((calls[:, 4] == Call.REGRESSED).sum())
    counted("MAE, a rise of 1 in one of 20 cells is found", count, 0.9)
    assert count >= 0.9 * counted.grids


def test_a_fall_is_an_improvement_and_no_alarm(counted):
    """Every error fell by twice the margin: alarms are rarer than where nothing changed, little spread improves."""
    calls = simulate(Grids(cells=5, std=0.0, rates=Rates(0.01)), counted.grids, rise=-1.0)
    assert regressed(calls) <= 0.001 * counted.grids
    assert (calls[:, 1] == Call.IMPROVED).mean() > 0.99


def test_without_the_door_rises_would_be_taken_for_gains(counted):
    """The tests above can fail: errors judged as they are call a rise IMPROVED."""
    source = np.random.default_rng(1)
    grids = Grids(cells=5, std=0.0, rates=Rates(0.01))
    base, now = errors(source, 500, 10, 5), errors(source, 500, 5, 5, rise=1.0)
    assert (judged(grids, base, now)[:, 1] == Call.IMPROVED).all()
    assert (judged(grids, gained(base), gained(now))[:, 1] == Call.REGRESSED).all()


@pytest.mark.parametrize(("cell", "rise"), [(0, 2.0), (3, 0.55), (4, 0.7)])
def test_power_agrees_with_whole_grids_of_errors(counted, cell, rise):
    """What `bench power` promises of normal noise is within ten points of what skewed errors show."""
    rates, rises = Rates(0.01), np.zeros(len(LEVELS))
    rises[cell] = rise
    calls = simulate(Grids(cells=len(LEVELS), std=0.0, rates=rates), min(counted.grids, 2_000), rise=rises)
    same = np.full(len(LEVELS), 0.5)
    design = Design(base_seeds=10, seeds=5, std=SPREADS, margin=same, step=np.zeros(len(LEVELS)), rates=rates)
    promised = Simulation(design).chances(rises)
    assert promised.regressed[cell] == pytest.approx((calls[:, cell] == Call.REGRESSED).mean(), abs=0.1)
