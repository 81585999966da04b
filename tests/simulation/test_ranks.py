"""How often a report ranks cells apart that are equal, and how often it finds the one that is better.

Through the code that makes the ranks of every table, title and export.
"""

from __future__ import annotations

import numpy as np
import pytest
from grids import significantly_above

from bench.analyse.intervals import Sample
from bench.analyse.separation import separation

DEVIATIONS = {
    "equal": lambda source, cells: np.full(cells, 0.25),
    "from 0.1 to 0.6": lambda source, cells: np.exp(source.normal(-1.4, 0.5, cells)),
    "from 0.03 to 2": lambda source, cells: np.exp(source.normal(-1.4, 1.0, cells)),
    "0.05 and 1": lambda source, cells: np.where(np.arange(cells) % 2 == 0, 0.05, 1.0),
    "one wild cell": lambda source, cells: np.where(np.arange(cells) == 0, 3.0, 0.1),
}
"""Of a seed, in points, for each cell."""


def pairs_of(values, step=0.0):
    """The cells of a report, their seeds in rows."""
    stds = values.std(axis=1, ddof=1)
    return separation(
        [Sample(values.shape[1], float(m), float(s), step) for m, s in zip(values.mean(axis=1), stds, strict=True)]
    )


def test_of_twenty_equal_cells_two_ranks_are_rare(counted):
    """Five seeds, equal deviations: at most 5 % of the reports show a rank other than 1."""
    source, number = np.random.default_rng(1), counted.grids
    count = sum(bool(pairs_of(source.normal(90, 0.25, (20, 5))).ahead(1).any()) for _ in range(number))
    counted("20 equal cells, 5 seeds: two ranks or more", count, 0.05)
    assert not significantly_above(count, number, 0.05)


@pytest.mark.parametrize("spread", DEVIATIONS)
@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("cells", [2, 4, 12, 60])
def test_equal_cells_share_a_rank_whatever_their_deviations(counted, cells, seeds, spread):
    """Two cells to sixty, three seeds and five."""
    source, number = np.random.default_rng(2), counted.grids
    count = 0
    for _ in range(number):
        stds = DEVIATIONS[spread](source, cells)
        count += bool(pairs_of(source.normal(90, stds[:, None], (cells, seeds))).ahead(1).any())
    counted(f"{cells} equal cells, {seeds} seeds, deviations {spread}: two ranks", count, 0.05)
    assert not significantly_above(count, number, 0.05)


@pytest.mark.parametrize("std", [0.1, 0.3, 1.0])
@pytest.mark.parametrize("seeds", [3, 5])
def test_equal_cells_share_a_rank_where_accuracies_move_in_steps(counted, seeds, std):
    """Twenty cells, steps of 1/360, the mean between two steps; deviations in steps."""
    source, number = np.random.default_rng(3), counted.grids
    count = sum(
        bool(pairs_of(np.round(324 + source.uniform() + source.normal(0, std, (20, seeds))), 1.0).ahead(1).any())
        for _ in range(number)
    )
    counted(f"20 equal cells, {seeds} seeds, {std} steps of 1/360: two ranks", count, 0.05)
    assert not significantly_above(count, number, 0.05)


def test_equal_cells_with_a_tail_of_bad_seeds_share_a_rank(counted):
    """Skewness -1, twenty cells, five seeds."""
    source, number = np.random.default_rng(4), counted.grids
    count = sum(bool(pairs_of(-source.gamma(4, size=(20, 5))).ahead(1).any()) for _ in range(number))
    counted("20 equal cells, 5 seeds, skewness -1: two ranks", count, 0.05)
    assert not significantly_above(count, number, 0.05)


def test_a_cell_that_is_a_point_better_leads(counted):
    """Twenty cells, deviation 0.25, five seeds: it has rank 1, and each other cell ranks behind it in nine of ten."""
    source, number = np.random.default_rng(5), counted.grids
    beaten, alone, first = 0.0, 0, 0
    for _ in range(number):
        values = source.normal(90, 0.25, (20, 5))
        values[7] += 1
        ranks = pairs_of(values).ahead(1)
        others = np.delete(ranks, 7) > 0
        first, beaten, alone = first + (ranks[7] == 0), beaten + others.mean(), alone + others.all()
    counted("one of 20 cells is 1 point better: rank 1", first, 1.0)
    counted("one of 20 cells is 1 point better: another ranks behind it", round(beaten), 0.9)
    counted("one of 20 cells is 1 point better: all others rank behind it", alone, 0.7)
    assert first == number
    assert beaten >= 0.9 * number
    assert alone >= 0.7 * number


def test_the_best_of_twenty_equal_cells_has_an_interval_that_holds(counted):
    """The headline gives the interval of a mean that was picked: 95 %, where each cell's own holds it in 75 %."""
    source, number = np.random.default_rng(6), counted.grids
    missed = 0
    for _ in range(number):
        pairs = pairs_of(source.normal(90, 0.25, (20, 5)))
        missed += not pairs.mean_interval(int(np.argmax(pairs.mean))).holds(90)
    counted("the best of 20 equal cells: its interval misses its mean", missed, 0.05)
    assert not significantly_above(missed, number, 0.05)


def test_uncorrected_ranks_would_fail_these_tests():
    """Pairs one at a time at 5 %: nearly every report of twenty equal cells shows two ranks."""
    source, count = np.random.default_rng(7), 0
    for _ in range(200):
        values = source.normal(90, 0.25, (20, 5))
        best, worst = values[np.argmax(values.mean(axis=1))], values[np.argmin(values.mean(axis=1))]
        count += bool(pairs_of(np.array([worst, best])).ahead(1).any())
    assert significantly_above(count, 200, 0.05)
