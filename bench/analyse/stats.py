"""Trials to cells: what the seeds of a cell say together."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from bench.analyse.intervals import UNKNOWN, Interval, mean_interval, proportion_interval, score_sample
from bench.analyse.ranking import ranks
from bench.core.score import ACCURACY
from bench.record.measures import METRIC, SUMMARY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.core.score import Score

PHASES = ("load", "build", "warmup", "compile", "train", "evaluate", "measure")
_READ = (
    "cell_id", "architecture", "dataset", "device", "engine", "status", "score", "accuracy", "test_errors",
    "test_images", "train_images", "validation_accuracy", "validation_loss", "timing_contended", "speed_contended",
    "epochs_trained", "epochs_to_target", "time_to_target_s", "epoch_time_s", "total_time_s", "latency_s",
    "latency_p99_s",
    "inference_images_per_s", "flops_per_image", "utilisation", "peak_rss_bytes", "own_memory_bytes",
    "parameter_count", *(f"{phase}_time_s" for phase in PHASES),
)  # fmt: skip


def summary(trials: pd.DataFrame, score: Score) -> pd.DataFrame:
    """A row per cell, in the order of the plan.

    Times are of OK trials that ran alone, and of one engine: device and engine are part of a cell, and where the
    trials of a cell ran different engines all the same, its times are NaN and `mixed_engines` says why. Quartiles
    interpolate linearly (Hyndman and Fan, The American Statistician 50 (1996), pages 361 to 365, type 7).

    Args:
        trials: the frame of `bench.record.collect.trials_frame`.
        score: of the run.

    Returns:
        DataFrame with the columns and dtypes of `bench.record.measures.SUMMARY_COLUMNS`, then `metric_<name>` (float64)
        for every further metric of the run: its mean over the OK trials. The score is none of them; accuracy is one
        where the run has another score and predicts classes.
    """
    trials, metrics = _further(trials, score)
    # slices of a narrow frame are made in a fraction of the time, and a large grid makes thousands of them
    narrow = trials[[*_READ, *metrics]]
    chosen = [dict(by_cell(choose(narrow))) for choose in (ok_trials, timed_trials, measured_trials)]
    rows = []
    for cell_id, cell_trials in by_cell(narrow):
        cell = _Cell(cell_trials, *(of_cell.get(cell_id, narrow.iloc[:0]) for of_cell in chosen))
        rows.append({**_cell_row(cell_id, cell, score), **{name: cell.ok[name].mean() for name in metrics}})
    types = {**SUMMARY_COLUMNS, **dict.fromkeys(metrics, "float64")}
    frame = pd.DataFrame(rows, columns=list(types)).astype(types)
    places = [ranks(cells, score) for _, cells in frame.groupby("dataset", sort=False)]
    known = {cell_id: rank for of_dataset in places for cell_id, rank in of_dataset.items()}
    return frame.assign(rank=frame["cell_id"].map(known).astype("Int64"))


def _further(trials: pd.DataFrame, score: Score) -> tuple[pd.DataFrame, list[str]]:
    """The trials and the columns of their further metrics, accuracy in front."""
    own, accuracy = f"{METRIC}{score.name}", f"{METRIC}{ACCURACY.name}"
    metrics = [str(column) for column in trials.columns if str(column).startswith(METRIC) and column != own]
    if score.name == ACCURACY.name or not trials["accuracy"].notna().any():
        return trials, metrics
    return trials.assign(**{accuracy: trials["accuracy"]}), [accuracy, *(m for m in metrics if m != accuracy)]


def phase_times(trials: pd.DataFrame) -> pd.DataFrame:
    """The median seconds a cell's trials spend in each phase, over the trials whose timing counts.

    Returns:
        DataFrame, a row per cell that has such trials, in the order of the plan: cell_id, architecture, dataset,
        device, engine (string), timed (int64), epochs (float64, trained, the median), epoch_time_s (float64, as in the
        summary), then `load` to `measure` (float64, seconds per trial; NaN where not recorded).
    """
    rows = []
    for cell_id, timed in by_cell(timed_trials(trials[list(_READ)])):
        names = {column: str(timed[column].iloc[0]) for column in ("architecture", "dataset", "device", "engine")}
        medians = {phase: float(timed[f"{phase}_time_s"].median()) for phase in PHASES}
        epochs = float(timed["epochs_trained"].astype("float64").median())
        epoch = {"epochs": epochs, "epoch_time_s": timed["epoch_time_s"].median()}
        rows.append({"cell_id": cell_id, **names, "timed": len(timed), **epoch, **medians})
    columns = ["cell_id", "architecture", "dataset", "device", "engine", "timed", "epochs", "epoch_time_s", *PHASES]
    floats = dict.fromkeys(("epochs", "epoch_time_s", *PHASES), "float64")
    types = {**dict.fromkeys(columns[:5], "string"), "timed": "int64", **floats}
    return pd.DataFrame(rows, columns=columns).astype(types)


def phase_shares(trials: pd.DataFrame) -> dict[str, float]:
    """What each phase takes of a trial: its seconds over those of the whole trials, each summed over all of them.

    Args:
        trials: timed ones, of one cell or of several.

    Returns:
        By phase, in the order of `PHASES`; NaN where no time was recorded.
    """
    whole = float(trials["total_time_s"].sum())
    return {phase: float(trials[f"{phase}_time_s"].sum()) / whole if whole else math.nan for phase in PHASES}


def by_cell(trials: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The cells with their trials, in the order of the plan."""
    for cell_id, cell_trials in trials.groupby("cell_id", sort=False):
        yield str(cell_id), cell_trials


def ok_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials that a statistic of the score may use."""
    return trials[(trials["status"] == "OK") & trials["score"].notna()]


def timed_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials that a statistic of time may use: alone on the machine, and of no cell that ran several engines."""
    ok = ok_trials(trials)
    engines = ok.groupby("cell_id")["engine"].transform("nunique")
    return ok[(engines == 1) & ~ok["timing_contended"].astype(bool)]


def measured_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials that a statistic of inference may use: measured while nobody disturbed it."""
    ok = ok_trials(trials)
    return ok[~ok["speed_contended"].astype(bool)]


def median_trial_error(ok: pd.DataFrame) -> tuple[float, Interval]:
    """The test error of the median trial, and its Wilson interval.

    The errors of several seeds are not pooled: every seed is judged on the same test examples, so n seeds times 10,000
    examples are not n * 10,000 independent ones, and the pooled interval would be far too narrow. One trial's errors
    are a count over independent examples; the median trial stands for the cell (of an even number the worse of the
    middle two, so that it is a trial that exists).

    Returns:
        The error as a fraction and its interval; NaN and unknown where no trial counted its errors, and where no class
        is predicted.
    """
    counted = ok[ok["accuracy"].notna() & ok["test_errors"].notna() & ok["test_images"].notna()]
    if counted.empty:
        return math.nan, UNKNOWN
    ranked = sorted(zip(counted["test_errors"].astype(int), counted["test_images"].astype(int), strict=True))
    errors, images = ranked[len(ranked) // 2]
    return errors / images if images else math.nan, proportion_interval(errors, images)


class _Cell(NamedTuple):
    """The trials of a cell, and those that statistics of the score, of training time and of inference may use."""

    trials: pd.DataFrame
    ok: pd.DataFrame
    timed: pd.DataFrame
    measured: pd.DataFrame


def _cell_row(cell_id: str, cell: _Cell, score: Score) -> dict[str, Any]:
    trials, ok, timed, measured = cell
    epoch_time_s = timed["epoch_time_s"].median()
    images = ok["test_images"].max()
    values = score_sample([float(value) for value in ok["score"]], score, 0 if pd.isna(images) else int(images))
    interval = mean_interval(values).clipped(score.floor, score.ceiling)
    test_error, error_interval = median_trial_error(ok)
    engines = list(dict.fromkeys(str(engine) for engine in (trials if ok.empty else ok)["engine"]))
    statuses = Counter(str(status) for status in trials["status"])
    return {
        "cell_id": cell_id,
        **{column: trials[column].iloc[0] for column in ("architecture", "dataset", "device")},
        "engine": engines[0] if len(engines) == 1 else "mixed",
        "mixed_engines": len(engines) > 1,
        "seeds": len(trials),
        "n": values.n,
        "status": "OK" if values.n == len(trials) else f"{values.n} of {len(trials)} OK",
        "statuses": ", ".join(f"{number} {status}" for status, number in statuses.items()),
        "rank": None,
        "test_images": images,
        "score_mean": values.mean,
        "score_std": values.std,
        "score_low": interval.low,
        "score_high": interval.high,
        "score_min": ok["score"].min(),
        "score_max": ok["score"].max(),
        "test_error": test_error,
        "error_low": error_interval.low,
        "error_high": error_interval.high,
        "validation_accuracy_mean": ok["validation_accuracy"].mean(),
        "validation_loss_mean": ok["validation_loss"].mean(),
        "timed": len(timed),
        "contended": int(ok["timing_contended"].astype(bool).sum()),
        "train_time_median_s": timed["train_time_s"].median(),
        "train_time_q1_s": timed["train_time_s"].quantile(0.25),
        "train_time_q3_s": timed["train_time_s"].quantile(0.75),
        "epoch_time_median_s": epoch_time_s,
        "compile_time_median_s": timed["compile_time_s"].median(),
        "total_time_median_s": timed["total_time_s"].median(),
        "train_share": phase_shares(timed)["train"],
        "images_per_s": timed["train_images"].astype("float64").median() / (epoch_time_s or math.nan),
        "time_to_target_median_s": timed["time_to_target_s"].median(skipna=False),
        "epochs_to_target_median": ok["epochs_to_target"].astype("float64").median(skipna=False),
        "latency_median_s": measured["latency_s"].median(),
        "latency_p99_s": measured["latency_p99_s"].max(),
        "inference_images_per_s": measured["inference_images_per_s"].median(),
        "flops_per_image": ok["flops_per_image"].max(),
        "utilisation": timed["utilisation"].median(),
        "peak_rss_bytes": ok["peak_rss_bytes"].astype("float64").max(),
        "own_memory_bytes": ok["own_memory_bytes"].astype("float64").max(),
        "parameter_count": ok["parameter_count"].astype("float64").max(),
    }
