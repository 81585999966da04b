"""Change points of one series: where they are found, and what is no change."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analyse.history.breaks import breaks
from bench.analyse.history.division import Division
from bench.analyse.history.points import Levels, Point, levels


def series(*rows: list[float], step: float = 1e-4, first: int = 0) -> list[Point]:
    """A row of seeds for each run."""
    return [Point(first + run, dict(enumerate(row)), step) for run, row in enumerate(rows)]


def noisy(runs: int, seeds: int, *steps: tuple[int, float], deviation: float = 0.0025) -> list[Point]:
    """Normal seeds about 0.9, from each place on higher by so much."""
    values = 0.9 + np.random.default_rng(3).normal(0, deviation, (runs, seeds))
    for place, size in steps:
        values[place:] += size
    return series(*values.tolist())


def test_a_step_is_found_where_it_is() -> None:
    """Size, interval and place."""
    (only,) = breaks(noisy(20, 5, (12, -0.01)))

    assert (only.at, only.earliest, only.latest) == (12, 12, 12)
    assert only.after - only.before == pytest.approx(-0.01, abs=0.002)
    assert only.interval.holds(-0.01)
    assert only.p < 0.001


def test_two_runs_at_either_end_are_enough_for_a_large_step() -> None:
    """The shortest segment."""
    assert [2] == [one.at for one in breaks(noisy(12, 5, (2, 0.02)))]
    assert [10] == [one.at for one in breaks(noisy(12, 5, (10, 0.02)))]


def test_a_level_that_returns_is_two_breaks() -> None:
    """Down and up again: a single break gains little."""
    assert [8, 16] == [one.at for one in breaks(noisy(24, 5, (8, -0.01), (16, 0.01)))]


def test_several_steps_in_one_direction_are_several_breaks() -> None:
    """A staircase."""
    assert [6, 12, 18] == [one.at for one in breaks(noisy(24, 5, (6, 0.01), (12, 0.01), (18, 0.01)))]


def test_a_single_bad_run_is_no_change() -> None:
    """However bad it is, first, in between or last."""
    for place in (0, 5, 11):
        points = noisy(12, 3)
        points[place] = Point(place, dict.fromkeys(range(3), 0.1), 1e-4)
        assert breaks(points) == ()


def test_results_that_repeat_say_no_more_than_one_run() -> None:
    """Twenty runs have the same three results, then twenty have three others: nothing but a new draw."""
    before, after = [0.9010, 0.9025, 0.9040], [0.9000, 0.9015, 0.9030]
    assert breaks(series(*[before] * 20, *[after] * 20)) == ()


def test_a_single_seed_says_nothing() -> None:
    """There is no deviation of seeds to compare with."""
    assert breaks(series(*[[0.9]] * 10, *[[0.8]] * 10)) == ()


@pytest.mark.parametrize("runs", [0, 1, 2, 3])
def test_fewer_than_four_runs_have_no_change(runs: int) -> None:
    """Two segments of two runs are the least."""
    assert breaks(noisy(runs, 5, (1, 0.5))) == ()


def test_equal_results_are_no_change() -> None:
    """Without any deviation, with a step and without."""
    assert breaks(series(*[[1.0, 1.0, 1.0]] * 10)) == ()
    assert breaks(series(*[[1.0, 1.0, 1.0]] * 10, step=0.0)) == ()


def test_noise_between_runs_is_no_change_of_time() -> None:
    """Seeds of a run that are all slow together: the scatter of runs counts, not that of seeds."""
    source = np.random.default_rng(5)
    times = math.log(3) + source.normal(0, 0.05, (60, 1)) + source.normal(0, 0.002, (60, 5))
    assert breaks(series(*times.tolist(), step=0.01)) == ()


def test_a_run_with_many_seeds_weighs_more() -> None:
    """Weights are one over the variance of a mean."""
    points = series(*[[0.9, 0.902]] * 9)
    points.append(Point(9, {seed: 0.9 + 0.002 * (seed % 2) for seed in range(20)}, 1e-4))
    weight = levels(points).weight
    assert 8 * weight[0] < weight[9] < 25 * weight[0]


def test_the_place_of_a_small_step_is_a_range_that_holds_it() -> None:
    """Where several places fit as well, all of them are named."""
    (only,) = breaks(noisy(60, 10, (30, -0.0012)))
    assert only.earliest < only.latest
    assert only.earliest <= 30 <= only.latest


@given(st.lists(st.floats(-10, 10), min_size=4, max_size=9), st.integers(1, 3))
def test_the_division_is_the_best_of_all(values: list[float], count: int) -> None:
    """Against every division into segments of at least two runs."""
    mean = np.array(values)
    weight = np.linspace(1, 2, len(values))
    division = Division(Levels(mean, weight))

    def cost(start: int, end: int) -> float:
        part, of = mean[start:end], weight[start:end]
        return float((of * (part - np.average(part, weights=of)) ** 2).sum())

    def best(start: int, left: int) -> float:
        if left == 0:
            return cost(start, len(values)) if len(values) - start >= 2 else math.inf
        return min(
            (cost(start, cut) + best(cut, left - 1) for cut in range(start + 2, len(values) - 1)), default=math.inf
        )

    assert division.rest(count) == pytest.approx(best(0, count), abs=1e-7)
    if math.isfinite(division.rest(count)):
        ends = (0, *division.places(count), len(values))
        assert sum(cost(a, b) for a, b in pairwise(ends)) == pytest.approx(division.rest(count), abs=1e-7)
