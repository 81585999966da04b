"""A run in the JSON of pytest-benchmark, so that `pytest-benchmark compare` and what reads its files read ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench.analyse.stats import by_cell, timed_trials
from bench.core.errors import BenchError
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.render.exports.json import json_lines

if TYPE_CHECKING:
    import pandas as pd

    from bench.core.score import Score
    from bench.record.records import RunResult

OUTLIER_REACH = 1.5
"""Interquartile ranges beyond the quartiles from which a time counts as an outlier, as pytest-benchmark counts it."""


def pytest_benchmark_text(result: RunResult) -> str:
    """A benchmark per cell: its training times in seconds, a round per seed; scores are in `extra_info`.

    Cells without a time that counts are left out, since that format has no word for a missing time.

    Raises:
        BenchError: no timing of the run counts.
    """
    run, environment = result.run, result.run.environment
    frame = trials_frame(result)
    times = dict(by_cell(timed_trials(frame).dropna(subset="train_time_s")))
    benchmarks = [
        _benchmark(cell_id, trials, timed, run.score)
        for cell_id, trials in by_cell(frame)
        if (timed := times.get(cell_id)) is not None
    ]
    if not benchmarks:
        raise BenchError(
            f"Run {run.run_id} has no valid times, and pytest-benchmark compares times.",
            hint="Run the suite again with --jobs 1 while nothing else runs; `bench show` says why times are excluded.",
        )
    content = {
        "machine_info": {
            "node": environment.hostname if environment else "",
            "machine": environment.platform if environment else "",
            "python_version": environment.python if environment else "",
            "cpu": {"brand_raw": environment.cpu_model, "count": environment.cores} if environment else {},
        },
        "commit_info": {
            "id": (environment.git_revision if environment else None) or "unversioned",
            "dirty": bool(environment and environment.git_dirty),
            "time": run.started_at,
        },
        "benchmarks": benchmarks,
        "datetime": run.started_at,
        "version": run.bench_version,
    }
    return json_lines(content)


def _benchmark(cell_id: str, trials: pd.DataFrame, timed: pd.DataFrame, score: Score) -> dict[str, Any]:
    times = timed["train_time_s"].to_numpy(dtype=float)
    values = trials["score"].dropna().astype(float).tolist()
    # `accuracies` is what earlier versions wrote
    scores = {"accuracies": values} if score.name == ACCURACY.name else {"score": score.name, "scores": values}
    return {
        "group": str(trials["dataset"].iloc[0]),
        "name": cell_id,
        "fullname": cell_id,
        "params": None,
        "param": None,
        "extra_info": {**scores, "seeds": [int(seed) for seed in trials["seed"]]},
        "options": {"disable_gc": False, "timer": "perf_counter", "warmup": False},
        "stats": _stats(times),
    }


def _stats(times: np.ndarray) -> dict[str, Any]:
    first, median, third = (float(value) for value in np.percentile(times, [25, 50, 75]))
    mean, std = float(times.mean()), float(times.std(ddof=1)) if len(times) > 1 else 0.0
    reach = OUTLIER_REACH * (third - first)
    low, high = times[times >= first - reach].min(), times[times <= third + reach].max()
    mild = int(np.sum((times < low) | (times > high)))
    return {
        "min": float(times.min()), "max": float(times.max()), "mean": mean, "stddev": std, "rounds": len(times),
        "median": median, "iqr": third - first, "q1": first, "q3": third,
        "iqr_outliers": mild, "stddev_outliers": int(np.sum(np.abs(times - mean) > std)),
        "outliers": f"{int(np.sum(np.abs(times - mean) > std))};{mild}",
        "ld15iqr": float(low), "hd15iqr": float(high), "ops": 1 / mean if mean else 0.0, "total": float(times.sum()),
        "data": times.tolist(), "iterations": 1,
    }  # fmt: skip
