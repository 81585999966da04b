"""Trials to cells: what the seeds of a cell say together."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.analyse.intervals import UNKNOWN, Interval, mean_interval, proportion_interval, score_sample
from bench.analyse.ranking import ranks
from bench.core.score import ACCURACY
from bench.record.measures import METRIC, SUMMARY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from bench.core.score import Score

    Floats = NDArray[np.float64]

PHASES = ("load", "build", "warmup", "compile", "train", "evaluate", "measure")
_READ = (
    "cell_id", "architecture", "dataset", "device", "backend", "engine", "status", "score", "accuracy", "test_errors",
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
    narrow = trials[[*_READ, *metrics]]
    everything = _Trials(narrow)
    ok, timed, measured = (_Trials(choose(narrow)) for choose in (ok_trials, timed_trials, measured_trials))
    cells = everything.first("architecture", "dataset", "device", "backend")
    images = ok.column("test_images").groupby(ok.ids, sort=False).max().reindex(cells.index)
    columns = {
        "cell_id": cells.index,
        **{str(name): cells[name].to_numpy() for name in cells if name != "backend"},
        **_standing(everything, ok, cells.index),
        "test_images": images.to_numpy(),
        **_scores(ok, images, score),
        **_errors(ok, cells.index),
        **_times(ok, timed, measured, cells.index),
        **{name: ok.of(name, "mean", cells.index) for name in metrics},
        "rank": None,
    }
    types = {**SUMMARY_COLUMNS, **dict.fromkeys(metrics, "float64")}
    frame = pd.DataFrame(columns, index=range(len(cells)), columns=list(types)).astype(types)
    # the same network on another backend or device is no rival
    groups = frame.groupby(["dataset", "device", cells["backend"].to_numpy()], sort=False)
    places = [ranks(of_place, score) for _, of_place in groups]
    known = {cell_id: rank for of_dataset in places for cell_id, rank in of_dataset.items()}
    return frame.assign(rank=frame["cell_id"].map(known).astype("Int64"))


class _Trials:
    """Some trials of a run, and statistics of them for all cells at once: a large grid has thousands.

    Args:
        frame: the trials, with the columns `_READ`.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame, self.ids = frame, frame["cell_id"].astype(object)

    def first(self, *columns: str) -> pd.DataFrame:
        """The columns of each cell's first trial, by cell id in the order of the plan."""
        firsts = self.frame.drop_duplicates("cell_id")
        return pd.DataFrame({name: firsts[name].to_numpy() for name in columns}, index=firsts["cell_id"].astype(object))

    def column(self, name: str) -> pd.Series[Any]:
        """A column as float64, NaN for what is not known."""
        return self.frame[name].astype("float64")

    def lists(self, name: str) -> dict[str, list[Any]]:
        """The values of a column by cell id, in the order of the plan."""
        values: dict[str, list[Any]] = {}
        for cell_id, value in zip(self.ids, self.frame[name], strict=True):
            values.setdefault(cell_id, []).append(value)
        return values

    def of(self, name: str, statistic: str, cells: pd.Index[Any]) -> Floats:
        """A statistic of a column for each of `cells`, NaN where a cell has no value: (cells,) float64."""
        return self._for(cells, self.column(name).groupby(self.ids, sort=False).agg(statistic))

    def quantile(self, name: str, share: float, cells: pd.Index[Any]) -> Floats:
        """A quantile of a column for each of `cells`: (cells,) float64."""
        return self._for(cells, self.column(name).groupby(self.ids, sort=False).quantile(share))

    def complete_median(self, name: str, cells: pd.Index[Any]) -> Floats:
        """The median of a column where no trial of the cell lacks a value: (cells,) float64."""
        groups = self.column(name).groupby(self.ids, sort=False)
        return self._for(cells, groups.median().where(groups.count() == groups.size()))

    def number(self, cells: pd.Index[Any]) -> NDArray[np.int64]:
        """How many trials each of `cells` has: (cells,) int64."""
        sizes = self.ids.groupby(self.ids, sort=False).size()
        return np.asarray(sizes.reindex(cells, fill_value=0), dtype=np.int64)

    @staticmethod
    def _for(cells: pd.Index[Any], values: pd.Series[Any]) -> Floats:
        return np.asarray(values.reindex(cells), dtype=np.float64)


def _standing(everything: _Trials, ok: _Trials, cells: pd.Index[Any]) -> dict[str, Any]:
    """How many trials each cell has, how they ended, and by which engine."""
    engines_of, of_ok, statuses_of = everything.lists("engine"), ok.lists("engine"), everything.lists("status")
    engines = [list(dict.fromkeys(map(str, of_ok.get(cell_id, engines_of[cell_id])))) for cell_id in cells]
    counts = [Counter(map(str, statuses_of[cell_id])) for cell_id in cells]
    seeds = [len(statuses_of[cell_id]) for cell_id in cells]
    n = [len(of_ok.get(cell_id, ())) for cell_id in cells]
    return {
        "engine": [names[0] if len(names) == 1 else "mixed" for names in engines],
        "mixed_engines": [len(names) > 1 for names in engines],
        "seeds": seeds,
        "n": n,
        "status": [
            "OK" if scored == planned else f"{scored} of {planned} OK" for scored, planned in zip(n, seeds, strict=True)
        ],
        "statuses": [", ".join(f"{number} {status}" for status, number in count.items()) for count in counts],
    }


def _scores(ok: _Trials, images: pd.Series[Any], score: Score) -> dict[str, Any]:
    """What the seeds of each cell reached, and how sure that is.

    Args:
        ok: the trials that have a score.
        images: test examples of each cell, NaN where not known.
        score: of the run.
    """
    values_of = ok.lists("score")
    samples, intervals = [], []
    for cell_id, number in images.items():
        values = [float(value) for value in values_of.get(str(cell_id), ())]
        sample = score_sample(values, score, 0 if math.isnan(number) else int(number))
        samples.append(sample)
        intervals.append(mean_interval(sample).clipped(score.floor, score.ceiling))
    return {
        "score_mean": [sample.mean for sample in samples],
        "score_std": [sample.std for sample in samples],
        "score_low": [interval.low for interval in intervals],
        "score_high": [interval.high for interval in intervals],
        "score_min": ok.of("score", "min", images.index),
        "score_max": ok.of("score", "max", images.index),
    }


def _errors(ok: _Trials, cells: pd.Index[Any]) -> dict[str, Any]:
    """The error of each cell's median trial, and its interval."""
    counted = ok.frame[["accuracy", "test_errors", "test_images"]].notna().all(axis=1)
    pairs: dict[str, list[tuple[int, int]]] = {}
    kept = ok.frame[counted]
    for cell_id, errors, images in zip(ok.ids[counted], kept["test_errors"], kept["test_images"], strict=True):
        pairs.setdefault(cell_id, []).append((int(errors), int(images)))
    medians = [median_trial_error(pairs.get(cell_id, ())) for cell_id in cells]
    return {
        "test_error": [error for error, _ in medians],
        "error_low": [interval.low for _, interval in medians],
        "error_high": [interval.high for _, interval in medians],
    }


def _times(ok: _Trials, timed: _Trials, measured: _Trials, cells: pd.Index[Any]) -> dict[str, Any]:
    """Times, rates, memory and what else is a statistic of one column."""
    epoch_time_s = timed.of("epoch_time_s", "median", cells)
    whole = timed.of("total_time_s", "sum", cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        train_share = np.where(whole > 0, timed.of("train_time_s", "sum", cells) / whole, np.nan)
        frame = timed.frame
        seen = frame["train_images"].astype("float64") * frame["epochs_trained"].astype("float64")
        rate = (seen / frame["train_time_s"].astype("float64").replace(0, np.nan)).groupby(timed.ids, sort=False)
        per_s = rate.median().reindex(cells).to_numpy(np.float64)
    return {
        "validation_accuracy_mean": ok.of("validation_accuracy", "mean", cells),
        "validation_loss_mean": ok.of("validation_loss", "mean", cells),
        "timed": timed.number(cells),
        "contended": np.nan_to_num(ok.of("timing_contended", "sum", cells)).astype(np.int64),
        "train_time_median_s": timed.of("train_time_s", "median", cells),
        "train_time_q1_s": timed.quantile("train_time_s", 0.25, cells),
        "train_time_q3_s": timed.quantile("train_time_s", 0.75, cells),
        "epoch_time_median_s": epoch_time_s,
        "compile_time_median_s": timed.of("compile_time_s", "median", cells),
        "total_time_median_s": timed.of("total_time_s", "median", cells),
        "train_share": train_share,
        "images_per_s": per_s,
        "time_to_target_median_s": timed.complete_median("time_to_target_s", cells),
        "epochs_to_target_median": ok.complete_median("epochs_to_target", cells),
        "latency_median_s": measured.of("latency_s", "median", cells),
        "latency_p99_s": measured.of("latency_p99_s", "max", cells),
        "inference_images_per_s": measured.of("inference_images_per_s", "median", cells),
        "flops_per_image": ok.of("flops_per_image", "max", cells),
        "utilisation": timed.of("utilisation", "median", cells),
        "peak_rss_bytes": ok.of("peak_rss_bytes", "max", cells),
        "own_memory_bytes": ok.of("own_memory_bytes", "max", cells),
        "parameter_count": ok.of("parameter_count", "max", cells),
    }


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
    timed = _Trials(timed_trials(trials[list(_READ)]))
    cells = timed.first("architecture", "dataset", "device", "engine")
    columns = {
        "cell_id": cells.index,
        **{str(name): cells[name].to_numpy() for name in cells},
        "timed": timed.number(cells.index),
        "epochs": timed.of("epochs_trained", "median", cells.index),
        "epoch_time_s": timed.of("epoch_time_s", "median", cells.index),
        **{phase: timed.of(f"{phase}_time_s", "median", cells.index) for phase in PHASES},
    }
    floats = dict.fromkeys(("epochs", "epoch_time_s", *PHASES), "float64")
    types = {**dict.fromkeys(("cell_id", *cells), "string"), "timed": "int64", **floats}
    return pd.DataFrame(columns, index=range(len(cells))).astype(types)


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


def median_trial_error(counted: Sequence[tuple[int, int]]) -> tuple[float, Interval]:
    """The test error of the median trial, and its Wilson interval.

    The errors of several seeds are not pooled: every seed is judged on the same test examples, so n seeds times 10,000
    examples are not n * 10,000 independent ones, and the pooled interval would be far too narrow. One trial's errors
    are a count over independent examples; the median trial stands for the cell (of an even number the worse of the
    middle two, so that it is a trial that exists).

    Args:
        counted: errors and test examples of each trial that counted its errors.

    Returns:
        The error as a fraction and its interval; NaN and unknown where no trial counted its errors, and where no class
        is predicted.
    """
    if not counted:
        return math.nan, UNKNOWN
    errors, images = sorted(counted)[len(counted) // 2]
    return errors / images if images else math.nan, proportion_interval(errors, images)
