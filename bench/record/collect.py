"""Records to frames: the only tables that analysis and reports read.

`trials_frame` has a row per trial, `epochs_frame` a row per trial and epoch. Their columns are those of
`bench.record.measures`; a builder's own parameters follow as `param_<name>`, further metrics as `metric_<name>`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.text import storable
from bench.declare.loss import AUTO
from bench.declare.settings import setting_text
from bench.record.measures import EPOCH_COLUMNS, METRIC, PARAMETER, TRIAL_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.record.records import Outcome, RunResult, TrialRecord


def trials_frame(result: RunResult) -> pd.DataFrame:
    """A row per trial, in the order of the plan.

    Returns:
        DataFrame with the columns and dtypes of `TRIAL_COLUMNS`, then `param_<name>` per builder parameter: numbers as
        float64, anything else as string; missing where a cell has no such parameter. Then `metric_<name>`, float64.
    """
    return _frame([_trial_row(result, trial) for trial in result.trials], TRIAL_COLUMNS)


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
            "dataset": trial.cell.dataset_name,
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
    return _frame(rows, EPOCH_COLUMNS)


def _frame(rows: list[dict[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Rows as a frame of some columns, and of those for parameters and metrics that the rows have."""
    try:
        json.dumps(rows, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        # half a character, in a record that no store and no file has held; pandas itself refuses it with pyarrow only
        rows = storable(rows)
    further = dict.fromkeys(key for row in rows for key in row if key.startswith((PARAMETER, METRIC)))
    types = {**columns, **{column: _parameter_dtype(row.get(column) for row in rows) for column in further}}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def _trial_row(result: RunResult, trial: TrialRecord) -> dict[str, Any]:
    cell, settings, outcome, phases = trial.cell, trial.cell.settings, trial.outcome, trial.outcome.phases
    speed = outcome.speed
    return {
        "run_id": result.run.run_id,
        "trial_id": trial.trial_id,
        "reused": trial.trial_id in result.reused,
        "trained_by": trial.run_id,
        "cell_id": cell.id,
        "architecture": cell.architecture,
        "builder": cell.builder,
        "dataset": cell.dataset_name,
        "device": cell.device,
        "device_name": _device_name(result, outcome),
        "backend": cell.backend,
        "precision": cell.precision,
        "deterministic": cell.deterministic,
        "engine": outcome.engine or cell.engine,
        "engine_reason": outcome.engine_reason,
        "program_of": outcome.program_of,
        "seed": trial.seed,
        "status": trial.status.value,
        "reason": trial.reason,
        "score": outcome.value(result.run.score),
        "accuracy": outcome.accuracy,
        "loss": outcome.loss,
        "validation_accuracy": outcome.validation_accuracy,
        "validation_loss": outcome.validation_loss,
        "test_errors": outcome.test_errors,
        "test_images": outcome.test_images,
        "train_images": outcome.train_images,
        "epochs": settings.epochs,
        "epochs_trained": len(outcome.epochs),
        "batch_size": settings.batch_size,
        **_trained_by(trial),
        "input_scaling": settings.input_scaling,
        **_inputs(outcome),
        "validation_split": settings.validation_split,
        "parameter_count": outcome.parameter_count,
        "start_time_s": phases.start_time_s,
        "load_time_s": phases.load_time_s,
        "build_time_s": phases.build_time_s,
        "warmup_time_s": phases.warmup_time_s,
        "compile_time_s": phases.compile_time_s,
        "train_time_s": phases.train_time_s,
        "epoch_time_s": outcome.epoch_time_s,
        "evaluate_time_s": phases.evaluate_time_s,
        "measure_time_s": phases.measure_time_s,
        "total_time_s": phases.total_time_s,
        "train_share": _share(phases.train_time_s, phases.total_time_s),
        "images_per_s": outcome.images_per_s,
        **_target(trial),
        "measured_in": speed.measured_in,
        "latency_s": speed.latency_s,
        "latency_p99_s": speed.latency_p99_s,
        "inference_images_per_s": speed.inference_images_per_s,
        "flops_per_image": speed.flops_per_image,
        "utilisation": outcome.utilisation,
        "yardstick_flops_per_s": speed.yardstick.flops_per_s if speed.yardstick else None,
        "yardstick_source": speed.yardstick.source.value if speed.yardstick else None,
        "peak_rss_bytes": outcome.peak_rss_bytes,
        "own_memory_bytes": outcome.own_memory_bytes,
        "device_peak_bytes": outcome.device_peak_bytes,
        "threads": outcome.threads,
        "timing_contended": bool(trial.contention),
        "contention": trial.contention,
        # earlier versions watched the training alone
        "speed_contended": bool(speed.doubts) if speed.stability else bool(trial.contention),
        "weights_digest": outcome.weights_digest,
        "data_sha256": outcome.data_sha256,
        "started_at": trial.started_at,
        "log": trial.log,
        **{f"{PARAMETER}{name}": _parameter_value(value) for name, value in cell.parameters.items()},
        **{f"{METRIC}{name}": value for name, value in outcome.metrics.items()},
    }


def _trained_by(trial: TrialRecord) -> dict[str, Any]:
    """Optimizer and loss: the suite's, or those that the builder compiled."""
    settings, compiled = trial.cell.settings, trial.outcome.compiled
    both = {"compiled_by": settings.compile, "outputs": compiled.outputs if compiled else None}
    if settings.compile == "builder":
        constant = compiled is not None and compiled.constant_rate is not None
        return {
            **both,
            "optimizer": compiled.optimizer_text if compiled else None,
            "learning_rate": compiled.constant_rate if compiled else None,
            "schedule": "constant" if constant else compiled.learning_rate if compiled else None,
            "loss_function": compiled.loss_text if compiled else None,
        }
    rate = settings.learning_rate
    return {
        **both,
        "optimizer": str(settings.optimizer),
        "learning_rate": rate.initial,
        "schedule": setting_text(rate) if rate.schedule != "constant" else "constant",
        # `auto` follows the data and the model: what it came to is on record
        "loss_function": compiled.loss_text if compiled and settings.loss.name == AUTO else str(settings.loss),
    }


def _inputs(outcome: Outcome) -> dict[str, Any]:
    inputs = outcome.inputs
    if inputs is None:
        return {}
    return {
        "input_offset": _single(inputs.offset),
        "input_divisor": _single(inputs.divisor),
        "input_untouched": inputs.untouched.value if inputs.untouched else "",
        "model_scales": inputs.model_scales,
    }


def _single(value: float | tuple[float, ...]) -> float | None:
    """One number for all values; None where each feature or channel has its own."""
    return None if isinstance(value, tuple) else value


def _share(part_s: float | None, whole_s: float | None) -> float | None:
    return part_s / whole_s if part_s is not None and whole_s else None


def _device_name(result: RunResult, outcome: Outcome) -> str:
    name = outcome.device.description if outcome.device else ""
    cpu = result.run.environment.cpu_model if result.run.environment else ""
    return name or (cpu if outcome.device and outcome.device.name == "cpu" else "")


def _target(trial: TrialRecord) -> dict[str, Any]:
    """When a trial reached the accuracy its suite names: on the images held out, or else on those trained on.

    The figure on training images is Keras's running mean over the epoch; the test set is never asked.
    """
    target = trial.cell.target_accuracy
    if target is None:
        return {}
    held_out = bool(trial.cell.settings.validation_split)
    spent = 0.0
    row: dict[str, Any] = {"target_accuracy": target, "target_on": "validation" if held_out else "training"}
    for epoch in trial.outcome.epochs:
        spent += epoch.train_time_s
        accuracy = epoch.validation_accuracy if held_out else epoch.accuracy
        if accuracy is not None and accuracy >= target:
            return {**row, "epochs_to_target": epoch.epoch, "time_to_target_s": spent}
    return row


def _parameter_value(value: object) -> object:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else setting_text(value)


def _parameter_dtype(values: Iterable[object]) -> str:
    return "float64" if all(value is None or isinstance(value, (int, float)) for value in values) else "string"
