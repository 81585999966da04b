"""How often the history chart and `bench compare` name a change where nothing has changed, and what they find.

Through the code that makes their titles and calls.
"""

from __future__ import annotations

import numpy as np
import pytest
from grids import significantly_above

from bench.analyse.differences import differences, differing
from bench.analyse.intervals import Sample
from bench.analyse.past import Past, changes
from bench.core.score import ACCURACY

CELLS = 30
"""Of larger comparisons fewer are simulated: as many as have so many cells for each one that is asked for."""


def checks(counted, cells):
    """How many are simulated."""
    return min(counted.grids, CELLS * counted.grids // cells)


def samples(values, step=0.0):
    """A row of seeds each."""
    stds = values.std(axis=1, ddof=1)
    return [Sample(values.shape[1], float(m), float(s), step) for m, s in zip(values.mean(axis=1), stds, strict=True)]


def pairs(before, now, step=0.0):
    """Cells with both sides."""
    return list(zip(samples(before, step), samples(now, step), strict=True))


@pytest.mark.parametrize("images", [360, 10_000])
@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("std", [0.1, 0.3])
def test_the_history_of_sixty_equal_cells_names_a_change_in_at_most_5_percent(counted, std, seeds, images):
    """Deviations in points, steps of the test set, the mean anywhere between two of them."""
    source, number = np.random.default_rng(seeds), checks(counted, 60)
    count = 0
    for _ in range(number):
        exact = 0.9 + source.uniform(0, 1, (60, 1, 1)) / images + source.normal(0, std / 100, (60, 2, seeds))
        lines = {
            str(cell): [Past(run, tuple(values[run]), 1.0, images) for run in (0, 1)]
            for cell, values in enumerate(np.round(exact * images) / images)
        }
        count += bool(changes(lines, ACCURACY).gaps)
    counted(f"history, 60 equal cells, {seeds} seeds, deviation {std}, steps of 1/{images}", count, 0.05, number)
    assert not significantly_above(count, number, 0.05)


@pytest.mark.parametrize("spread", ["equal", "from 0.15 to 0.4", "from 0.03 to 2", "one wild cell"])
@pytest.mark.parametrize(("before", "now"), [(3, 3), (5, 5), (10, 3)])
@pytest.mark.parametrize("cells", [6, 20, 60])
def test_a_comparison_of_equal_cells_calls_one_in_at_most_5_percent(counted, cells, before, now, spread):
    """Whatever the deviations of the cells are, as long as a cell deviates alike on both sides."""
    source, number = np.random.default_rng(cells), checks(counted, cells)
    count = 0
    for _ in range(number):
        stds = {
            "equal": np.full(cells, 0.25),
            "from 0.15 to 0.4": np.exp(source.normal(-1.4, 0.3, cells)),
            "from 0.03 to 2": np.exp(source.normal(-1.4, 1.0, cells)),
            "one wild cell": np.where(np.arange(cells) == 0, 3.0, 0.1),
        }[spread][:, None]
        gaps = differences(pairs(source.normal(90, stds, (cells, before)), source.normal(90, stds, (cells, now))))
        count += not all(one.interval.holds(0) for one in gaps)
    what = f"compare, {cells} equal cells, {before} and {now} seeds, deviations {spread}"
    counted(f"{what}: better or worse", count, 0.05, number)
    assert not significantly_above(count, number, 0.05)


@pytest.mark.parametrize(("before", "now"), [(3, 3), (10, 3)])
def test_one_equal_cell_is_called_in_at_most_5_percent(counted, before, now):
    """Nothing to be corrected for, and no other cell to learn from."""
    source, number = np.random.default_rng(11), counted.grids
    count = sum(
        any(differing(pairs(source.normal(90, 1, (1, before)), source.normal(90, 1, (1, now))))) for _ in range(number)
    )
    counted(f"compare, 1 equal cell, {before} and {now} seeds: better or worse", count, 0.05)
    assert not significantly_above(count, number, 0.05)


@pytest.mark.parametrize("skewness", [-1.0, 1.0])
def test_skewed_seeds_change_nothing(counted, skewness):
    """A tail of bad seeds, or of good ones: 60 cells, three seeds."""
    source, number = np.random.default_rng(8), checks(counted, 60)
    count = sum(any(differing(pairs(*(skewness * source.gamma(4, size=(2, 60, 3)))))) for _ in range(number))
    counted(f"compare, 60 equal cells, 3 seeds, skewness {skewness}", count, 0.05, number)
    assert not significantly_above(count, number, 0.05)


def test_a_side_that_deviates_twice_as_much_at_most_doubles_the_rate(counted):
    """Ten seeds before and three now, of twice the deviation: no test of means holds its rate there."""
    source, number = np.random.default_rng(9), checks(counted, 20)
    count = sum(
        any(differing(pairs(source.normal(90, 0.25, (20, 10)), source.normal(90, 0.5, (20, 3))))) for _ in range(number)
    )
    counted("compare, 20 equal cells, 10 and 3 seeds, deviation 0.25 and 0.5", count, 0.05, number)
    assert not significantly_above(count, number, 0.1)


def test_a_drop_of_a_point_in_one_of_sixty_cells_is_found(counted):
    """Deviation 0.25, three seeds on either side: in at least two of three comparisons; with five nearly always."""
    source, number = np.random.default_rng(10), checks(counted, 60)
    for seeds, least in ((3, 0.67), (5, 0.95)):
        count = 0
        for _ in range(number):
            before, now = source.normal(90, 0.25, (2, 60, seeds))
            now[7] -= 1
            count += differing(pairs(before, now))[7]
        counted(f"a drop of 1 point in one of 60 cells is found, {seeds} seeds", count, least, number)
        assert count >= least * number
