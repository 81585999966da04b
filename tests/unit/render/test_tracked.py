"""What trackers are told of a trial: settings, finite figures, and times only where they count."""

from __future__ import annotations

import math
from dataclasses import replace

from factories import HOSTILE, cell, failed, reference_study, result, trial

from bench.core.formatting import printable
from bench.render.exports.tracked import SCORE, run_tags, safe_name, tracked_trials

STUDY = reference_study()


def test_settings_and_figures_of_a_trial():
    """The cell's settings by name, a figure per epoch, the score at the end."""
    record = trial(cell(learning_rate=0.25, batch_size=16, parameters={"hidden": [8, 4], "rate": 0.5}), seed=3)
    (tracked,) = tracked_trials(result(record))
    wanted = {"learning_rate": 0.25, "batch_size": 16, "seed": 3, "param_hidden": "8-4", "param_rate": 0.5}
    assert wanted.items() <= tracked.parameters.items()
    assert [epoch.loss for epoch in record.outcome.epochs] == [one.figures["epoch/loss"] for one in tracked.epochs]
    assert record.outcome.accuracy == tracked.figures[SCORE] == tracked.figures["test/accuracy"]
    times = [one.time_s for one in tracked.epochs]
    assert sorted(times) == times
    assert tracked.begun_s < times[0] < times[-1] <= tracked.ended_s


def test_times_that_do_not_count_are_left_out():
    """Of the trial and of its epochs; a tag says why."""
    record = replace(trial(), contention="2 trials ran at a time (--jobs 2)")
    (tracked,) = tracked_trials(result(record))
    names = {name for one in (tracked, *tracked.epochs) for name in one.figures}
    assert not {name for name in names if "time" in name or "images_per_s" in name}
    assert "excluded: 2 trials ran at a time (--jobs 2)" == tracked.tags["bench.times"]


def test_no_figure_is_anything_but_a_number():
    """A metric of a builder's own may be NaN; a trial that failed has what it got to."""
    record = trial()
    odd = replace(record, outcome=replace(record.outcome, metrics={"auc": math.nan, "f1": 0.5, "rate": math.inf}))
    (tracked, broken) = tracked_trials(result(odd, failed(cell("other"), 1)))
    assert 0.5 == tracked.figures["test/f1"]
    assert all(math.isfinite(value) for value in tracked.figures.values())
    assert {"test/auc", "test/rate"}.isdisjoint(tracked.figures)
    assert SCORE not in broken.figures
    assert "FAILED" == broken.tags["bench.status"]


def test_names_are_names_and_texts_are_harmless():
    """Whatever a suite or a builder wrote: no path, no control character, no name twice."""
    assert ["_", "_", "a_b", "__x"] == [safe_name(text) for text in ("", "..", "a/b", "//x")]
    odd = cell(HOSTILE, parameters={"a/b": 1, "a:b": HOSTILE, "a b": 2})
    run = result(trial(odd))
    (tracked,) = tracked_trials(replace(run, run=replace(run.run, suite_name=HOSTILE)))
    assert {"param_a_b", "param_a_b 2", "param_a b"} <= tracked.parameters.keys()
    texts = [tracked.name, *tracked.tags.values(), *map(str, tracked.parameters.values()), *run_tags(run).values()]
    assert all(text == printable(text) and "\n" not in text for text in texts)


def test_a_time_that_is_none_is_the_first_that_trackers_take():
    """A record that somebody wrote by hand may hold any text."""
    for text in ("", "yesterday", "0001-01-01", "99999999999999999999"):
        (tracked,) = tracked_trials(result(replace(trial(), started_at=text)))
        assert 0.0 == tracked.begun_s


def test_passwords_are_not_passed_on():
    """The command of a run may name a store by its URL."""
    run = replace(STUDY.run, command="bench run --store postgresql+psycopg://me:hunter2@host/bench")
    assert "hunter2" not in "".join(run_tags(replace(STUDY, run=run)).values())
