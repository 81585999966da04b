"""The summary of a run, cell by cell."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from factories import cell, failed, result, trial

from bench.analyse.stats import phase_shares, phase_times, summary
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.record.measures import SUMMARY_COLUMNS
from bench.record.records import Doubt, Outcome, Phases, Status

if TYPE_CHECKING:
    import pandas as pd

    from bench.record.records import TrialRecord, Yardstick


def summarised(*trials: TrialRecord) -> pd.DataFrame:
    return summary(trials_frame(result(*trials)), ACCURACY)


def timed(seed: int, train_time_s: float, *, contention: str = "") -> TrialRecord:
    """A trial of two epochs of 50 steps each with a given training time."""
    record = trial(cell(epochs=2, batch_size=100), seed, contention=contention)
    outcome = replace(
        record.outcome,
        train_images=5_000,
        phases=replace(record.outcome.phases, train_time_s=train_time_s),
        epochs=tuple(replace(epoch, train_time_s=train_time_s / 2) for epoch in record.outcome.epochs),
    )
    return replace(record, outcome=outcome)


def test_columns_and_dtypes_are_as_documented() -> None:
    """The summary has the documented columns and dtypes, with trials and without."""
    for frame in (summarised(trial()), summarised(failed()), summarised()):
        assert dict(SUMMARY_COLUMNS) == {name: str(dtype) for name, dtype in frame.dtypes.items()}


def test_accuracy_over_seeds_by_hand() -> None:
    """Of 0.97, 0.98 and 0.99 the mean is 0.98, s is 0.01 and t(2) = 4.302653 makes the interval."""
    row = summarised(*(trial(seed=s, accuracy=a) for s, a in enumerate((0.97, 0.99, 0.98), start=1))).iloc[0]

    reach = 4.302653 * 0.01 / 3**0.5
    assert (3, 3, "OK") == (row["seeds"], row["n"], row["status"])
    assert (0.98, 0.01) == pytest.approx((row["score_mean"], row["score_std"]))
    # The upper end, 1.0048, is no accuracy: it is cut off at 1.
    assert (0.98 - reach, 1.0) == pytest.approx((row["score_low"], row["score_high"]), abs=1e-7)
    assert (0.97, 0.99) == (row["score_min"], row["score_max"])


def test_test_error_is_the_median_trials_own() -> None:
    """Three trials of 10,000 images have the interval of one trial, not that of 30,000 images."""
    row = summarised(*(trial(seed=s, accuracy=a) for s, a in enumerate((0.99, 0.9812, 0.97), start=1))).iloc[0]

    # Wilson for 188 of 10,000, by the closed formula: (p + z2/2n +/- z sqrt(p q / n + z2/4n2)) / (1 + z2/n).
    assert row["test_error"] == pytest.approx(0.0188)
    assert (0.0163169, 0.0216527) == pytest.approx((row["error_low"], row["error_high"]), abs=1e-7)


def test_of_an_even_number_the_worse_middle_trial_counts() -> None:
    """The median of two trials is the one with more errors: a trial that exists, and no flattery."""
    row = summarised(trial(seed=1, accuracy=0.99), trial(seed=2, accuracy=0.98)).iloc[0]

    assert row["test_error"] == pytest.approx(0.02)


def test_failed_trials_count_as_seeds_but_in_no_statistic() -> None:
    """A failure shows in the status and leaves the mean alone."""
    row = summarised(
        trial(seed=1, accuracy=0.98), trial(seed=2, accuracy=0.98), failed(seed=3, status=Status.DIVERGED)
    ).iloc[0]

    assert (3, 2, "2 of 3 OK", "2 OK, 1 DIVERGED") == tuple(row[["seeds", "n", "status", "statuses"]])
    assert row["score_mean"] == 0.98


def test_an_accuracy_of_a_trial_that_is_not_ok_is_not_used() -> None:
    """A trial that timed out after an evaluation still has no say."""
    late = replace(trial(seed=2, accuracy=0.5), status=Status.TIMEOUT)

    assert summarised(trial(accuracy=0.98), late).iloc[0]["score_mean"] == 0.98


def test_a_cell_without_result_has_no_numbers() -> None:
    """Where no trial is OK every statistic is missing, and the row is still there."""
    row = summarised(failed()).iloc[0]

    assert (0, "0 of 1 OK") == (row["n"], row["status"])
    assert row[["score_mean", "score_low", "test_error", "train_time_median_s", "peak_rss_bytes"]].isna().all()


def test_contended_timings_are_left_out() -> None:
    """Median and quartiles are of the trials that ran alone."""
    trials = [timed(s, t) for s, t in enumerate((10.0, 11.0, 14.0), start=1)]
    row = summarised(*trials, timed(4, 99.0, contention="2 trials at once")).iloc[0]

    assert (3, 1, 4) == (row["timed"], row["contended"], row["n"])
    assert (10.5, 11.0, 12.5) == tuple(row[["train_time_q1_s", "train_time_median_s", "train_time_q3_s"]].astype(float))


def test_images_per_second_are_those_of_the_train_time() -> None:
    """Two epochs of 5,000 images in 10 s are 1,000 images/s."""
    assert summarised(timed(1, 10.0)).iloc[0]["images_per_s"] == pytest.approx(1000.0)


def test_images_per_second_belong_to_the_train_time_of_the_row() -> None:
    """A slow first epoch counts: images seen over the train time that stands beside them, the median trial's."""
    slow = timed(2, 18.0)
    epochs = (replace(slow.outcome.epochs[0], train_time_s=14.0), replace(slow.outcome.epochs[1], train_time_s=4.0))
    row = summarised(timed(1, 10.0), replace(slow, outcome=replace(slow.outcome, epochs=epochs)), timed(3, 30.0)).iloc[
        0
    ]
    assert (18.0, 10_000 / 18.0) == pytest.approx((row["train_time_median_s"], row["images_per_s"]))


def test_inference_counts_by_what_went_on_while_it_was_measured() -> None:
    """A training that others disturbed leaves latency alone, and a disturbed measurement the time of the training.

    Records of earlier versions, which watched the training alone, count by that.
    """

    def spoke(seed: int, latency_s: float, *doubts: Doubt, contention: str = "") -> TrialRecord:
        record = trial(seed=seed, contention=contention)
        speed = replace(record.outcome.speed, latency_s=latency_s, doubts=doubts)
        return replace(record, outcome=replace(record.outcome, speed=speed))

    row = summarised(spoke(1, 0.1), spoke(2, 0.3, contention="busy"), spoke(3, 0.9, Doubt.OTHERS)).iloc[0]
    assert (2, pytest.approx(0.2)) == (row["timed"], row["latency_median_s"])
    old = spoke(2, 0.3, contention="busy")
    old = replace(old, outcome=replace(old.outcome, speed=replace(old.outcome.speed, stability=None)))
    assert 0.1 == summarised(spoke(1, 0.1), old).iloc[0]["latency_median_s"]


def test_utilisation_is_a_rate_over_that_of_the_yardstick() -> None:
    """400,000 operations at 1,000 images/s are 40 % of 1e9 a second; in doubt of the yardstick there is no share."""
    record = timed(1, 10.0)
    yardstick = replace(record.outcome.speed.yardstick, flops_per_s=1e9)

    def measured(yardstick: Yardstick | None) -> float:
        speed = replace(record.outcome.speed, flops_per_image=400_000.0, yardstick=yardstick)
        return summarised(replace(record, outcome=replace(record.outcome, speed=speed))).iloc[0]["utilisation"]

    assert pytest.approx(0.4) == measured(yardstick)
    assert math.isnan(measured(replace(yardstick, doubts=(Doubt.OTHERS,))))
    assert math.isnan(measured(None))


def test_the_share_of_a_trial_is_seconds_over_seconds() -> None:
    """Of trials of 10 and 20 s that train 5 and 16 s: 21 of 30, in the row and over all trials; 0 s have no share."""
    trials = [
        replace(t, outcome=replace(t.outcome, phases=Phases(train_time_s=train, load_time_s=1.0, total_time_s=whole)))
        for t, train, whole in ((trial(seed=1), 5.0, 10.0), (trial(seed=2), 16.0, 20.0))
    ]
    assert pytest.approx(0.7) == summarised(*trials).iloc[0]["train_share"]
    shares = phase_shares(trials_frame(result(*trials)))
    assert (pytest.approx(0.7), pytest.approx(2 / 30), 0.0) == (shares["train"], shares["load"], shares["build"])
    assert math.isnan(phase_shares(trials_frame(result()))["train"])


def test_engines_are_never_pooled() -> None:
    """Trials of one cell that ran different engines give an accuracy but no time."""
    row = summarised(trial(seed=1, engine="fit"), trial(seed=2, engine="epoch")).iloc[0]

    assert ("mixed", True, 0, 2) == (row["engine"], row["mixed_engines"], row["timed"], row["n"])
    assert row[["train_time_median_s", "epoch_time_median_s", "images_per_s"]].isna().all()


def test_devices_are_cells_of_their_own() -> None:
    """The same training on two devices is two rows, in the order of the plan."""
    frame = summarised(trial(cell(device="gpu:0")), trial(cell(device="cpu")))

    assert ["gpu:0", "cpu"] == list(frame["device"])


def test_phases_are_medians_per_phase() -> None:
    """Each phase has its own median; a phase that was not recorded stays missing."""
    trials = [
        replace(t, outcome=replace(t.outcome, phases=Phases(load_time_s=load, train_time_s=train)))
        for t, load, train in ((trial(seed=1), 1.0, 9.0), (trial(seed=2), 2.0, 5.0), (trial(seed=3), 6.0, 7.0))
    ]
    row = phase_times(trials_frame(result(*trials))).iloc[0]

    assert (2.0, 7.0, 3) == (row["load"], row["train"], row["timed"])
    assert row[["build", "compile", "evaluate"]].isna().all()


def test_phases_need_a_timed_trial() -> None:
    """A cell without a result, or with contended ones only, has no phases."""
    frame = trials_frame(result(failed(seed=1), trial(seed=2, contention="2 trials at once")))

    assert phase_times(frame).empty


def test_a_trial_without_errors_counted_has_no_error() -> None:
    """An OK trial that only kept its accuracy gives no test error, and no failure."""
    bare = replace(trial(), outcome=Outcome(accuracy=0.98, engine="fit"))

    assert summarised(bare)[["test_error", "error_low"]].isna().all(axis=None)
