"""All pairs of cells at once: by hand, and against one pair at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from bench.analyse.intervals import Sample, sample
from bench.analyse.separation import Separation, separation

TWO = ([0.981, 0.982, 0.98, 0.983, 0.979], [0.975, 0.9755, 0.9745, 0.976, 0.974])


def drawn(cells: int, seeds: int, source: np.random.Generator, *, sd: float = 0.25, better: float = 0.0) -> Separation:
    """Cells with equal deviations, the first better than the others."""
    values = source.normal(0, sd, (cells, seeds))
    values[0] += better
    return separation([sample(list(row)) for row in values])


def test_two_cells_by_hand() -> None:
    """Equal deviations: variances as they are; degrees of freedom between Welch's and the smaller side's 4."""
    first, second = (np.var(values, ddof=1) / 5 for values in TWO)
    welch = (first + second) ** 2 / (first**2 / 4 + second**2 / 4)
    reach = stats.t.ppf(0.975, (welch + 4) / 2) * math.sqrt(first + second)
    pair = separation([sample(list(values)) for values in TWO])

    gap = np.mean(TWO[0]) - np.mean(TWO[1])
    interval = pair.interval(0, 1)
    assert (gap - reach, gap + reach) == pytest.approx((interval.low, interval.high))
    assert [0, 1] == pair.ahead(1).tolist()
    assert [1, 0] == pair.ahead(-1).tolist()


def test_the_level_is_divided_by_the_number_of_pairs() -> None:
    """Three cells have three pairs: the same two are then further from certain."""
    values = [*TWO, TWO[0]]
    pairs = separation([sample(list(row)) for row in values])

    assert 0.05 / 6 == pytest.approx(pairs.level)
    wide, narrow = pairs.interval(0, 1), separation([sample(list(values)) for values in TWO]).interval(0, 1)
    assert wide.high - wide.low > 1.2 * (narrow.high - narrow.low)


def test_many_cells_lend_each_other_their_deviation() -> None:
    """Of 40 cells that deviate alike, variances are near the usual one; each keeps its mean."""
    pairs = drawn(40, 3, np.random.default_rng(0))
    variances = pairs.error * 3

    assert 0.25**2 == pytest.approx(float(np.median(variances)), rel=0.25)
    assert variances.max() < 2.5 * variances.min()
    assert (pairs.freedom > 10).all()


def test_a_wild_cell_keeps_its_own_deviation() -> None:
    """One cell among 40 deviates twelve times as much: it is not taken for quiet, and the others not for wild."""
    source = np.random.default_rng(1)
    values = source.normal(0, 0.25, (40, 5))
    values[7] *= 12
    pairs = separation([sample(list(row)) for row in values])

    assert np.var(values[7], ddof=1) / 5 == pytest.approx(pairs.error[7])
    assert 4 == pairs.freedom[7]
    assert np.median(pairs.error) < 0.03


def test_few_cells_stand_for_themselves() -> None:
    """Up to three say nothing about what is usual."""
    values = np.random.default_rng(2).normal(0, 1, (3, 3))
    pairs = separation([sample(list(row)) for row in values])

    assert np.var(values, axis=1, ddof=1) / 3 == pytest.approx(pairs.error)
    assert [2, 2, 2] == pairs.freedom.tolist()


@pytest.mark.parametrize("sign", [1, -1])
def test_counts_agree_with_one_pair_at_a_time(sign: int) -> None:
    """600 cells of 2 to 6 seeds, in blocks: the count of each is that of intervals that exclude 0."""
    source = np.random.default_rng(3)
    samples = [
        sample(list(source.normal(source.normal(0, 1), math.exp(source.normal(-1, 0.7)), source.integers(2, 7))))
        for _ in range(600)
    ]
    pairs = separation(samples)
    counts = pairs.ahead(sign)

    for cell in range(0, 600, 23):
        ends = (pairs.interval(other, cell) for other in range(600) if other != cell)
        assert counts[cell] == sum(end.low > 0 if sign > 0 else end.high < 0 for end in ends)
    assert counts.max() > 0


def test_a_picked_mean_has_an_interval_for_all_cells() -> None:
    """Two cells: each at 97.5 %; a deviation of the mean may be given a floor."""
    pair = separation([sample(list(values)) for values in TWO])
    reach = stats.t.ppf(1 - 0.025 / 2, 4) * math.sqrt(float(pair.error[0]))

    assert np.mean(TWO[0]) - reach == pytest.approx(pair.mean_interval(0).low)
    assert np.mean(TWO[0]) - stats.t.ppf(1 - 0.025 / 2, 4) == pytest.approx(pair.mean_interval(0, 1.0).low)


def test_equal_seeds_deviate_by_half_a_step() -> None:
    """Two cells that differ by one of 360 examples in every seed cannot be separated; nor can nothing be compared."""
    one, other = (Sample(3, right / 360, 0.0, 1 / 360) for right in (324, 323))

    assert [0, 0] == separation([one, other]).ahead(1).tolist()
    assert [0, 0] == separation([Sample(3, 0.9, 0.0)] * 2).ahead(1).tolist()
    assert [] == separation([]).ahead(1).tolist()
