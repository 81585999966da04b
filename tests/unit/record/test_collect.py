"""Records become the two tidy frames that everything after them reads."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from factories import RUN_ID, cell, failed, reference_study, result, scored_run, trial

from bench.core.scores import SCORES
from bench.core.target import Task
from bench.record.collect import epochs_frame, trials_frame
from bench.record.measures import EPOCH_COLUMNS, TRIAL_COLUMNS
from bench.record.records import EpochRecord, Outcome, RunResult, Status, TrialRecord
from bench.record.runfile import read_run_file, write_run_file
from bench.render.exports.csv import csv_text
from bench.render.exports.parquet import parquet_bytes
from bench.results import Run

SHORT = cell(epochs=3)
RUNS = {
    "empty": result(),
    "failed only": result(*(failed(SHORT, seed, status=status) for seed, status in enumerate(Status))),
    "minimal": result(TrialRecord(trial_id="t", key="k", run_id="r", cell=SHORT, seed=0, status=Status.SKIPPED)),
    "mixed": result(trial(SHORT, 1, validation=True), failed(SHORT, 2)),
    "the study": reference_study(seeds=2),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_columns_and_dtypes_are_those_listed(run: RunResult) -> None:
    """Whatever is in a run, its frames have the same columns in the same order with the same dtypes."""
    trials, epochs = trials_frame(run), epochs_frame(run)
    listed = {name: str(dtype) for name, dtype in trials.dtypes.items() if not str(name).startswith("param_")}
    assert list(TRIAL_COLUMNS.items()) == list(listed.items())
    assert list(EPOCH_COLUMNS.items()) == [(name, str(dtype)) for name, dtype in epochs.dtypes.items()]
    assert len(run.trials) == len(trials)


def test_a_trial_is_a_row() -> None:
    """Every column has the value of its record."""
    of = cell(
        "mine",
        parameters={},
        dataset="data/letters.npz",
        optimizer={"name": "sgd", "momentum": 0.9},
        learning_rate={"schedule": "cosine", "initial": 0.5},
        epochs=3,
        target_accuracy=0.5,
        metrics=("auc",),
    )
    record = trial(of, 7, accuracy=0.9, validation=True, contention="2 at a time", run_id="earlier")
    (row,) = trials_frame(result(record, reused=frozenset({record.trial_id}))).to_dict("records")
    outcome, phases = record.outcome, record.outcome.phases
    expected = {
        "run_id": RUN_ID,
        "trial_id": record.trial_id,
        "reused": True,
        "trained_by": "earlier",
        "cell_id": "mine@letters@cpu",
        "architecture": "mine",
        "builder": "mlp",
        "dataset": "letters",
        "device": "cpu",
        "device_name": "AMD EPYC 7B13",
        "backend": "tensorflow",
        "precision": "float32",
        "deterministic": False,
        "engine": "fit",
        "engine_reason": "",
        "program_of": "",
        "seed": 7,
        "status": "OK",
        "reason": "",
        "score": 0.9,
        "accuracy": 0.9,
        "loss": outcome.loss,
        "validation_accuracy": outcome.validation_accuracy,
        "validation_loss": outcome.validation_loss,
        "test_errors": 1000,
        "test_images": 10_000,
        "train_images": 60_000,
        "epochs": 3,
        "epochs_trained": 3,
        "batch_size": 32,
        "optimizer": "sgd(momentum=0.9)",
        "learning_rate": 0.5,
        "schedule": "cosine(initial=0.5)",
        "loss_function": "categorical_crossentropy",
        "compiled_by": "suite",
        "outputs": "probabilities",
        "input_scaling": "unit",
        "input_offset": 0.0,
        "input_divisor": 255.0,
        "input_untouched": "",
        "model_scales": False,
        "validation_split": 0.0,
        "parameter_count": 101_770,
        "start_time_s": phases.start_time_s,
        "load_time_s": phases.load_time_s,
        "build_time_s": phases.build_time_s,
        "warmup_time_s": phases.warmup_time_s,
        "compile_time_s": phases.compile_time_s,
        "train_time_s": phases.train_time_s,
        "epoch_time_s": float(np.median([epoch.train_time_s for epoch in outcome.epochs])),
        "evaluate_time_s": phases.evaluate_time_s,
        "measure_time_s": phases.measure_time_s,
        "total_time_s": phases.total_time_s,
        "images_per_s": 60_000 / float(np.median([epoch.train_time_s for epoch in outcome.epochs])),
        "target_accuracy": 0.5,
        "target_on": "training",
        "epochs_to_target": 1,
        "time_to_target_s": outcome.epochs[0].train_time_s,
        "measured_in": "",
        "latency_s": 0.0004,
        "latency_p99_s": 0.0009,
        "inference_images_per_s": 90_000.0,
        "flops_per_image": 409_344.0,
        "utilisation": 409_344.0 * 60_000 / float(np.median([e.train_time_s for e in outcome.epochs])) / 2.4e10,
        "yardstick_flops_per_s": 2.4e10,
        "yardstick_source": "tensorflow",
        "train_share": outcome.phases.train_time_s / outcome.phases.total_time_s,
        "speed_contended": False,
        "peak_rss_bytes": outcome.peak_rss_bytes,
        "own_memory_bytes": 120 * 2**20,
        "device_peak_bytes": None,
        "threads": 2,
        "timing_contended": True,
        "contention": "2 at a time",
        "weights_digest": "5b" * 32,
        "data_sha256": "ab" * 32,
        "started_at": "2025-11-22T22:04:10Z",
        "log": "logs/7.log",
        "metric_auc": 0.99,
    }
    assert expected == row


def test_a_failed_trial_is_a_row_without_numbers() -> None:
    """Its status and reason are there, its accuracy is missing and counts in no mean."""
    frame = trials_frame(result(trial(SHORT, 1, accuracy=0.5), failed(SHORT, 2, reason="It burst.")))
    assert ["OK", "FAILED"] == frame["status"].tolist()
    assert ["", "It burst."] == frame["reason"].tolist()
    assert [False, True] == frame["accuracy"].isna().tolist()
    assert 0.5 == frame["accuracy"].mean()
    missing = ["test_errors", "parameter_count", "epoch_time_s", "train_time_s", "peak_rss_bytes", "weights_digest"]
    assert frame.loc[1, missing].isna().all()


def test_the_engine_declared_stands_where_none_ran() -> None:
    """A trial that never started names the engine it asked for."""
    record = replace(failed(cell(engine="auto")), outcome=Outcome())
    assert ["auto"] == trials_frame(result(record))["engine"].tolist()


def test_parameters_are_columns_of_their_own() -> None:
    """Numbers as float64, anything else as text; missing where a cell has no such parameter."""
    one = cell("one", parameters={"hidden": [32, 16], "dropout": 0.5, "layers": 2, "batch_norm": True, "mixed": 1})
    two = cell("two", parameters={"activation": "tanh", "mixed": "many", "dropout": 0})
    frame = trials_frame(result(trial(one), trial(two)))
    parameters = frame[[name for name in frame if name.startswith("param_")]]
    assert {
        "param_hidden": "string",
        "param_dropout": "float64",
        "param_layers": "float64",
        "param_batch_norm": "string",
        "param_mixed": "string",
        "param_activation": "string",
    } == {name: str(dtype) for name, dtype in parameters.dtypes.items()}
    assert [
        ["32-16", 0.5, 2.0, "true", "1", None],
        [None, 0.0, None, None, "many", "tanh"],
    ] == parameters.astype(object).where(parameters.notna(), None).to_numpy().tolist()


def test_rows_stand_in_the_order_of_the_plan() -> None:
    """Trials as the run holds them, epochs of each from the first to the last."""
    trials = [trial(cell(name, epochs=2), seed) for seed in (2, 1) for name in ("b", "a")]
    run = result(*trials)
    assert [record.trial_id for record in trials] == trials_frame(run)["trial_id"].tolist()
    epochs = epochs_frame(run)
    assert [(record.trial_id, epoch) for record in trials for epoch in (1, 2)] == list(
        zip(epochs["trial_id"], epochs["epoch"], strict=True)
    )


def test_an_epoch_is_a_row() -> None:
    """With what identifies its trial; a loss that was no number is missing."""
    curve = (
        EpochRecord(epoch=1, train_time_s=0.5, loss=0.25, accuracy=0.75, learning_rate=0.1),
        EpochRecord(epoch=2, train_time_s=0.4, loss=None, accuracy=None, validation_loss=1.5, validation_accuracy=0.5),
    )
    record = replace(failed(SHORT, 4, status=Status.DIVERGED), outcome=Outcome(epochs=curve))
    frame = epochs_frame(result(record))
    known = {
        "run_id": RUN_ID,
        "trial_id": record.trial_id,
        "cell_id": SHORT.id,
        "architecture": "model-2",
        "dataset": "mnist",
        "device": "cpu",
        "seed": 4,
    }
    expected = pd.DataFrame(
        [
            {**known, "epoch": 1, "train_time_s": 0.5, "loss": 0.25, "accuracy": 0.75, "learning_rate": 0.1},
            {**known, "epoch": 2, "train_time_s": 0.4, "validation_loss": 1.5, "validation_accuracy": 0.5},
        ],
        columns=list(EPOCH_COLUMNS),
    ).astype(EPOCH_COLUMNS)
    pd.testing.assert_frame_equal(expected, frame)


def test_the_time_of_an_epoch_is_their_median() -> None:
    """One slow epoch does not move it."""
    curve = tuple(
        EpochRecord(epoch=epoch, train_time_s=seconds, loss=1.0, accuracy=0.5)
        for epoch, seconds in enumerate([9.0, 1.0, 2.0], start=1)
    )
    record = replace(trial(SHORT), outcome=Outcome(epochs=curve))
    assert [2.0] == trials_frame(result(record))["epoch_time_s"].tolist()


def test_inputs_scaled_feature_by_feature_have_no_single_divisor() -> None:
    """The columns are numbers: what is one for each feature is missing there."""
    of = trial(SHORT)
    inputs = replace(of.outcome.inputs, offset=(1.0, 2.0), divisor=(3.0, 4.0))
    frame = trials_frame(result(replace(of, outcome=replace(of.outcome, inputs=inputs))))
    assert frame[["input_offset", "input_divisor"]].isna().all(axis=None)


def test_another_score_stands_in_the_column_of_scores() -> None:
    """And under its own name; accuracy and test errors are missing where no class is predicted."""
    score = SCORES["mean_absolute_error"]
    frame = trials_frame(scored_run(score, {"a": [41.2, 42.0]}, Task.REGRESSION))
    assert [41.2, 42.0] == frame["score"].tolist() == frame["metric_mean_absolute_error"].tolist()
    assert frame[["accuracy", "test_errors"]].isna().all(axis=None)


HALF = "a\ud800b\0"


def halved() -> RunResult:
    """A run as somebody may build it from records: texts that no file and no store has held."""
    one = trial(cell(parameters={"kind": HALF}), 1)
    outcome = replace(one.outcome, metrics={HALF: 0.5}, engine=HALF, engine_reason=HALF)
    one = replace(one, reason=HALF, log=HALF, cell=cell(HALF, parameters={HALF: HALF}), outcome=outcome)
    return result(one, failed(reason=HALF), notices=(HALF,), command=HALF)


def test_a_record_made_by_hand_may_hold_half_a_character(tmp_path: Path) -> None:
    """Frames, tables and reports show U+FFFD in its place, in names and in everything else."""
    made = halved()
    assert ["a\ufffdb\ufffd", "model-2"] == trials_frame(made)["architecture"].tolist()
    assert "param_a\ufffdb\ufffd" in trials_frame(made)
    assert {"a\ufffdb\ufffd"} == set(epochs_frame(made)["architecture"])
    run = Run(made)
    assert 2 == len(run.summary())
    assert "a\ufffdb\ufffd" in run.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "a\ufffdb\ufffd" in csv_text(made)
    assert "a\ufffdb\ufffd" in pd.read_parquet(io.BytesIO(parquet_bytes(made)))["architecture"].tolist()
    assert read_run_file(write_run_file(made, tmp_path)).trials[0].cell.architecture == "a\ufffdb\ufffd"


def test_a_result_that_is_whole_stays_the_same_object() -> None:
    """Most are: they come from a store or a file."""
    whole = RUNS["mixed"]
    assert whole is Run(whole).result
