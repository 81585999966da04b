"""How often a history names a change where nothing has changed, what it finds, and where it says that a change lies."""

from __future__ import annotations

import numpy as np
import pytest
from grids import significantly_above
from series import STILL, normal, points, stepped, times

from bench.analyse.history.breaks import ERROR, breaks


def number(counted) -> int:
    """A series costs as much as many checks of a grid."""
    return counted.grids // 10


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("noise", STILL)
def test_a_hundred_runs_without_a_change_show_one_in_at_most_1_percent(counted, noise, seeds):
    """Whatever the noise."""
    draw, step, wild = STILL[noise]
    source, of = np.random.default_rng(seeds), number(counted)
    count = sum(bool(breaks(points(draw(source, 100, seeds), step), ERROR, wild)) for _ in range(of))
    counted(f"history of 100 runs, {seeds} seeds, {noise}: any change", count, ERROR, of)
    assert not significantly_above(count, of, ERROR)


@pytest.mark.parametrize("runs", [4, 6, 10, 30])
def test_shorter_series_show_no_more(counted, runs):
    """Two seeds: little is known of their deviation."""
    source, of = np.random.default_rng(runs), number(counted)
    count = sum(bool(breaks(points(normal(source, runs, 2)))) for _ in range(of))
    counted(f"history of {runs} runs, 2 seeds, normal: any change", count, ERROR, of)
    assert not significantly_above(count, of, ERROR)


@pytest.mark.parametrize(
    ("runs", "place", "seeds", "least"),
    [
        (6, 3, 5, 0.5),
        (10, 5, 3, 0.75),
        (10, 5, 5, 0.95),
        (20, 10, 3, 0.95),
        (100, 50, 3, 0.98),
        (100, 97, 3, 0.9),
        (100, 97, 5, 0.9),
        (100, 98, 5, 0.9),
    ],
)  # fmt: skip
def test_a_step_of_a_point_is_found(counted, runs, place, seeds, least):
    """Deviation 0.25, from the run `place` on; the change that is named lies within a run of it."""
    source, of = np.random.default_rng(runs), number(counted)
    count = sum(
        any(abs(one.at - place) <= 1 for one in breaks(points(stepped(normal(source, runs, seeds), place))))
        for _ in range(of)
    )
    counted(f"history: 1 point lower from run {place} of {runs}, {seeds} seeds, is found", count, least, of)
    assert count >= least * of


@pytest.mark.parametrize(("place", "least"), [(50, 0.98), (95, 0.6)])
def test_a_tenth_more_time_is_found(counted, place, least):
    """Runs deviate by 3 %, 5 seeds."""
    source, of = np.random.default_rng(place), number(counted)
    drawn = (points(stepped(times(source, 100, 5), place, 0.1), 0.01) for _ in range(of))
    count = sum(any(abs(one.at - place) <= 1 for one in breaks(series, ERROR, 1)) for series in drawn)
    counted(f"history: 10 % slower from run {place} of 100, is found", count, least, of)
    assert count >= least * of


@pytest.mark.parametrize("size", [0.002, 0.004])
def test_the_range_of_a_change_holds_it_in_95_percent(counted, size):
    """Of those that are found: 60 runs, 10 seeds, deviation 0.25."""
    source, of, held, found = np.random.default_rng(60), number(counted), 0, 0
    for _ in range(of):
        for one in breaks(points(stepped(normal(source, 60, 10), 30, -size))):
            found += 1
            held += one.earliest <= 30 <= one.latest
    counted(f"history: the range of a change of {100 * size:g} points holds it", held, 0.95, found)
    assert found > of / 2
    assert not significantly_above(found - held, found, 0.05)
