"""Records to frames: the only tables that analysis and reports read.

`trials_frame` has a row per trial, `epochs_frame` a row per trial and epoch. Their columns are listed here once, with
dtype and unit; a builder's own parameters follow as `param_<name>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.declare.cell import dataset_label
from bench.declare.settings import setting_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.record.records import RunResult, TrialRecord

TRIAL_COLUMNS: dict[str, str] = {
    "run_id": "string",  # the run that shows the trial
    "trial_id": "string",
    "reused": "boolean",  # trained by an earlier run, see trained_by
    "trained_by": "string",  # the run that trained it
    "cell_id": "string",
    "architecture": "string",  # the suite's name for it
    "builder": "string",
    "dataset": "string",
    "device": "string",
    "engine": "string",  # the engine that ran, not the one declared
    "engine_reason": "string",  # why that one, where the suite left it open or it could not train the model
    "seed": "Int64",
    "status": "string",  # OK, FAILED, TIMEOUT, DIVERGED, SKIPPED, INTERRUPTED
    "reason": "string",  # one sentence, empty for OK
    "accuracy": "float64",  # fraction of test images, in [0, 1]; NaN unless OK
    "loss": "float64",  # mean test loss
    "validation_accuracy": "float64",  # fraction, after the last epoch
    "validation_loss": "float64",
    "test_errors": "Int64",  # test images classified wrongly
    "test_images": "Int64",
    "train_images": "Int64",
    "epochs": "Int64",
    "batch_size": "Int64",
    "optimizer": "string",
    "learning_rate": "float64",  # of the first step
    "schedule": "string",  # how the learning rate goes on from there
    "loss_function": "string",
    "input_scaling": "string",
    "validation_split": "float64",  # fraction of the training set
    "parameter_count": "Int64",  # trainable weights
    "start_time_s": "float64",  # decision to the child's first own line
    "load_time_s": "float64",
    "build_time_s": "float64",
    "compile_time_s": "float64",  # first step: trace and compile
    "train_time_s": "float64",  # all epochs, first step left out
    "epoch_time_s": "float64",  # median over the trial's epochs
    "evaluate_time_s": "float64",
    "total_time_s": "float64",
    "peak_rss_bytes": "Int64",
    "threads": "Int64",
    "timing_contended": "boolean",  # True: left out of every timing statistic
    "weights_digest": "string",  # SHA-256 over the final weights
    "data_sha256": "string",  # over the decoded arrays
    "started_at": "string",  # UTC, ISO 8601
    "log": "string",
}

EPOCH_COLUMNS: dict[str, str] = {
    "run_id": "string",
    "trial_id": "string",
    "cell_id": "string",
    "architecture": "string",
    "dataset": "string",
    "device": "string",
    "seed": "Int64",
    "epoch": "Int64",  # 1 for the first
    "train_time_s": "float64",  # this epoch's training alone
    "loss": "float64",  # Keras's running mean over the epoch's batches
    "accuracy": "float64",  # the same, on training images
    "validation_loss": "float64",
    "validation_accuracy": "float64",
    "learning_rate": "float64",  # at the end of the epoch
}


def trials_frame(result: RunResult) -> pd.DataFrame:
    """A row per trial, in the order of the plan.

    Returns:
        DataFrame with the columns and dtypes of `TRIAL_COLUMNS`, then `param_<name>` per builder parameter: numbers as
        float64, anything else as string; missing where a cell has no such parameter.
    """
    rows = [_trial_row(result, trial) for trial in result.trials]
    parameters = dict.fromkeys(key for row in rows for key in row if key.startswith("param_"))
    frame = pd.DataFrame(rows, columns=[*TRIAL_COLUMNS, *parameters])
    types = {**TRIAL_COLUMNS, **{column: _parameter_dtype(row.get(column) for row in rows) for column in parameters}}
    return frame.astype(types)


def epochs_frame(result: RunResult) -> pd.DataFrame:
    """A row per trial and epoch, in the order of the plan.

    Returns:
        DataFrame with the columns and dtypes of `EPOCH_COLUMNS`.
    """
    rows = [
        {
            "run_id": result.run.run_id,
            "trial_id": trial.trial_id,
            "cell_id": trial.cell.id,
            "architecture": trial.cell.architecture,
            "dataset": dataset_label(trial.cell.dataset),
            "device": trial.cell.device,
            "seed": trial.seed,
            "epoch": epoch.epoch,
            "train_time_s": epoch.train_time_s,
            "loss": epoch.loss,
            "accuracy": epoch.accuracy,
            "validation_loss": epoch.validation_loss,
            "validation_accuracy": epoch.validation_accuracy,
            "learning_rate": epoch.learning_rate,
        }
        for trial in result.trials
        for epoch in trial.outcome.epochs
    ]
    return pd.DataFrame(rows, columns=list(EPOCH_COLUMNS)).astype(EPOCH_COLUMNS)


def _trial_row(result: RunResult, trial: TrialRecord) -> dict[str, Any]:
    cell, settings, outcome, phases = trial.cell, trial.cell.settings, trial.outcome, trial.outcome.phases
    return {
        "run_id": result.run.run_id,
        "trial_id": trial.trial_id,
        "reused": trial.trial_id in result.reused,
        "trained_by": trial.run_id,
        "cell_id": cell.id,
        "architecture": cell.architecture,
        "builder": cell.builder,
        "dataset": dataset_label(cell.dataset),
        "device": cell.device,
        "engine": outcome.engine or cell.engine,
        "engine_reason": outcome.engine_reason,
        "seed": trial.seed,
        "status": trial.status.value,
        "reason": trial.reason,
        "accuracy": outcome.accuracy,
        "loss": outcome.loss,
        "validation_accuracy": outcome.validation_accuracy,
        "validation_loss": outcome.validation_loss,
        "test_errors": outcome.test_errors,
        "test_images": outcome.test_images,
        "train_images": outcome.train_images,
        "epochs": settings.epochs,
        "batch_size": settings.batch_size,
        "optimizer": str(settings.optimizer),
        "learning_rate": settings.learning_rate.initial,
        "schedule": setting_text(settings.learning_rate)
        if settings.learning_rate.schedule != "constant"
        else "constant",
        "loss_function": settings.loss,
        "input_scaling": settings.input_scaling,
        "validation_split": settings.validation_split,
        "parameter_count": outcome.parameter_count,
        "start_time_s": phases.start_time_s,
        "load_time_s": phases.load_time_s,
        "build_time_s": phases.build_time_s,
        "compile_time_s": phases.compile_time_s,
        "train_time_s": phases.train_time_s,
        "epoch_time_s": float(pd.Series([e.train_time_s for e in outcome.epochs], dtype="float64").median()),
        "evaluate_time_s": phases.evaluate_time_s,
        "total_time_s": phases.total_time_s,
        "peak_rss_bytes": outcome.peak_rss_bytes,
        "threads": outcome.threads,
        "timing_contended": bool(trial.contention),
        "weights_digest": outcome.weights_digest,
        "data_sha256": outcome.data_sha256,
        "started_at": trial.started_at,
        "log": trial.log,
        **{f"param_{name}": _parameter_value(value) for name, value in cell.parameters.items()},
    }


def _parameter_value(value: object) -> object:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else setting_text(value)


def _parameter_dtype(values: Iterable[object]) -> str:
    return "float64" if all(value is None or isinstance(value, (int, float)) for value in values) else "string"
