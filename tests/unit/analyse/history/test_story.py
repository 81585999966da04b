"""The history of a suite: which runs count, what is judged, and what differs beside a change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from factories import cell, environment, run_record

from bench.analyse.history.changed import Changed, Kind, changed
from bench.analyse.history.story import Quantity, Silence, suite_history
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.record.history import PastTrial

CELL = cell("a").id


def past(scores: np.ndarray, times: np.ndarray | None = None, **of_run: list) -> list[PastTrial]:
    """A row of seeds for each run; keys of runs and of their environments have a value for each."""
    trials = []
    for number, row in enumerate(scores):
        values = {key: each[number] for key, each in of_run.items()}
        data = values.pop("data", "")
        run = run_record(run_id=f"r{number:03d}", started_at=f"2026-01-{number + 1:02d}T00:00:00Z", **values)
        trials += [
            PastTrial(
                run=run, cell_id=CELL, seed=seed, score=float(value), test_images=10_000, data=data,
                train_time_s=None if times is None else float(times[number, seed]),
            )
            for seed, value in enumerate(row)
        ]  # fmt: skip
    return trials


def scores(runs: int = 16, seeds: int = 4, drop_at: int | None = None) -> np.ndarray:
    """About 0.98, a point lower from a run on."""
    values = 0.98 + np.random.default_rng(1).normal(0, 0.001, (runs, seeds))
    if drop_at is not None:
        values[drop_at:] -= 0.01
    return values


def of(trials: list[PastTrial]):
    (only,) = suite_history(trials, [CELL], ACCURACY).cells
    return only


def test_a_change_names_runs_levels_and_direction() -> None:
    """By places among the runs."""
    (change,) = of(past(scores(drop_at=9))).changes
    assert (Quantity.SCORE, 8, 9, 8, 9, False) == (
        change.quantity, change.last, change.first, change.earliest, change.latest, change.better
    )  # fmt: skip
    assert (0.98, 0.97) == (pytest.approx(change.before, abs=1e-3), pytest.approx(change.after, abs=1e-3))


def test_a_lower_error_is_better() -> None:
    """The score has the direction."""
    trials = past(scores(drop_at=9))
    (only,) = suite_history(trials, [CELL], SCORES["mean_absolute_error"]).cells
    assert only.changes[0].better


def test_a_change_of_time_is_a_ratio() -> None:
    """Half as long again, with its interval."""
    times = np.random.default_rng(2).normal(10, 0.1, (16, 4))
    times[6:] *= 1.5
    (change,) = of(past(scores(), times)).changes
    assert (Quantity.TIME, 6, False) == (change.quantity, change.first, change.better)
    assert change.after / change.before == pytest.approx(1.5, abs=0.03)
    assert change.interval.holds(1.5)


def test_a_small_change_of_time_is_not_named() -> None:
    """3 % is what machines do."""
    times = np.random.default_rng(2).normal(10, 0.01, (16, 4))
    times[6:] *= 1.03
    assert () == of(past(scores(), times)).changes


def test_runs_of_other_data_are_left_out() -> None:
    """A drop that comes with other data is no change of this series."""
    only = of(past(scores(drop_at=9), data=["old"] * 9 + ["new"] * 7))
    assert ((), 9, 7) == (only.changes, only.left.data, only.runs)


def test_times_of_other_machines_and_spoiled_times_are_left_out_and_counted() -> None:
    """The store has left such times out; the run says why."""
    trials = past(scores(6), np.full((6, 4), 3.0), machine=["aa"] * 2 + ["bb"] * 4)
    trials = [
        replace(one, train_time_s=None) if one.run.machine == "aa" or one.run.run_id == "r004" else one
        for one in trials
    ]
    only = of(trials)
    assert (2, 1) == (only.left.machine, only.left.contended)
    assert (None, Silence.FEW_RUNS) == (only.score_silence, only.time_silence)


@pytest.mark.parametrize(("runs", "seeds", "why"), [(3, 4, Silence.FEW_RUNS), (9, 1, Silence.ONE_SEED), (4, 2, None)])
def test_what_is_not_judged_says_why(runs: int, seeds: int, why: Silence | None) -> None:
    """Few runs first."""
    only = of(past(scores(runs, seeds)))
    assert (why, Silence.NO_TIMES, ()) == (only.score_silence, only.time_silence, only.changes)


def test_runs_without_a_revision_are_counted() -> None:
    """Outside of a repository, or of earlier versions."""
    environments = [None, environment(git_revision=None), *[environment()] * 3]
    assert 2 == suite_history(past(scores(5), environment=environments), [CELL], ACCURACY).without_revision


def test_scores_that_are_not_finite_are_left_out() -> None:
    """An error may overflow, and a metric of the user's own may be NaN."""
    values = scores(drop_at=9)
    values[2, 1], values[3, 0] = np.inf, np.nan
    assert 9 == of(past(values)).changes[0].first


def test_a_cell_without_trials_has_no_history() -> None:
    """It failed in every run."""
    assert () == suite_history([], [CELL], ACCURACY).cells


def test_what_else_changed_is_named() -> None:
    """Code, versions, Python, machine and variables; what is equal or not recorded is not."""
    old = environment(packages={"keras": "3.14", "numpy": "2"}, python="3.11.2", variables={"A": "1"})
    new = environment(packages={"keras": "3.15", "jax": "0.7", "numpy": "2"}, python="3.12.0", variables={"A": "2"})
    before = run_record(environment=old, code={"mlp": "c0", "cnn": "c1"}, machine="aa")
    after = run_record(environment=new, code={"mlp": "c9", "cnn": "c1", "own": "c2"}, machine="bb")
    assert (
        Changed(Kind.CODE, "mlp"),
        Changed(Kind.MACHINE),
        Changed(Kind.PYTHON, "", "3.11.2", "3.12.0"),
        Changed(Kind.PACKAGE, "jax", "", "0.7"),
        Changed(Kind.PACKAGE, "keras", "3.14", "3.15"),
        Changed(Kind.VARIABLE, "A", "1", "2"),
    ) == changed(before, after)
    assert () == changed(replace(before, environment=None, code={}, machine=""), after)
