"""A cell over the runs of its suite, and what has changed since the run before."""

from __future__ import annotations

import math

import pytest
from factories import cell, run_record

from bench.analyse.past import Past, changes, past_line
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.record.history import PastTrial

CELL = cell("a").id


def test_a_line_has_the_runs_that_trained_the_cell() -> None:
    """Times are medians over trials that ran alone; a run that trained nothing of the cell is left out."""
    runs = [run_record(run_id=name) for name in "xyz"]
    past = [
        PastTrial(run=run, cell_id=CELL, seed=seed, score=0.9 + seed / 100, train_time_s=time)
        for run in (runs[0], runs[2])
        for seed, time in enumerate((4.0, 2.0, None))
    ]
    first, last = past_line(past, runs, CELL)

    assert (0, 2, 3.0, (0.9, 0.91, 0.92)) == (first.run, last.run, first.time_s, pytest.approx(last.scores))


def test_only_changes_beyond_chance_count_and_the_largest_comes_first() -> None:
    """At an error of 5 % over all cells compared; a cell of one run is not compared."""
    steady, noisy = (0.9, 0.901, 0.899), (0.9, 0.95, 0.85)
    found = changes(
        {
            "small": [Past(0, steady, 1.0), Past(1, tuple(value + 0.01 for value in steady), 1.0)],
            "large": [Past(0, steady, 1.0), Past(1, tuple(value - 0.05 for value in steady), 1.0)],
            "noise": [Past(0, noisy, 1.0), Past(1, tuple(value + 0.01 for value in noisy), 1.0)],
            "new": [Past(1, steady, 1.0)],
        },
        ACCURACY,
    )
    assert (3, 0, ["large", "small"]) == (found.compared, found.single, list(found.gaps))
    assert -0.05 == pytest.approx(found.gaps["large"])


def test_one_seed_cannot_tell() -> None:
    """90 % with one seed and then 50 %: that is neither a change nor none."""
    found = changes({"a": [Past(0, (0.9,), 1.0), Past(1, (0.5, 0.51), 1.0)]}, ACCURACY)
    assert (0, 1, {}) == (found.compared, found.single, found.gaps)


def test_equal_seeds_of_a_small_test_set_have_not_changed() -> None:
    """324 of 360 in every seed, then 323: that happens by rounding; of 10,000 images it is 0.28 points."""
    before, now = (324 / 360,) * 3, (323 / 360,) * 3
    for images, gaps in ((360, []), (10_000, ["a"])):
        line = [Past(0, before, 1.0, images), Past(1, now, 1.0, images)]
        assert gaps == list(changes({"a": line}, ACCURACY).gaps)


def test_an_interval_keeps_to_the_bounds_of_the_score() -> None:
    """Accuracy ends at 1, an error only at 0; one seed has no interval."""
    near = Past(0, (0.99, 1.0, 0.98), math.nan)
    assert 1.0 == near.interval(ACCURACY).high < near.interval(SCORES["mean_absolute_error"]).high
    assert not Past(0, (0.9,), math.nan).interval(ACCURACY).known
