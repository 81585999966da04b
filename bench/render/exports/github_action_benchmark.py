"""A run as the action github-action-benchmark reads it: a file of scores and a file of times."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from bench.analyse.stats import summary
from bench.core.errors import BenchError
from bench.core.formatting import plural, seconds
from bench.core.score import Form
from bench.record.collect import trials_frame
from bench.render.exports.json import json_lines

if TYPE_CHECKING:
    import pandas as pd

    from bench.core.score import Score
    from bench.record.records import RunResult

BIGGER, SMALLER = "bigger-is-better", "smaller-is-better"
"""The two directions of the action: its tools `customBiggerIsBetter` and `customSmallerIsBetter`."""


def github_action_benchmark_texts(result: RunResult) -> dict[str, str]:
    """Two files, since a file has one direction: the mean score of each cell, and its median training time.

    Scores that are printed in percent are in percent, times in seconds. Cells without a value are left out; where no
    cell has a time that counts, there is no file of times.

    Returns:
        The content by how the file's name ends, such as `.score.bigger-is-better.json`.

    Raises:
        BenchError: no cell has a score.
    """
    score = result.run.score
    cells = summary(trials_frame(result), score)
    scores = [_score(cell, score) for _, cell in cells.iterrows() if not isnan(cell["score_mean"])]
    times = [_time(cell) for _, cell in cells.iterrows() if not isnan(cell["train_time_median_s"])]
    if not scores:
        raise BenchError(
            f"No cell of run {result.run.run_id} has a score.", hint="`bench show` says why its trials failed."
        )
    direction = BIGGER if score.higher_is_better else SMALLER
    files = {f".score.{direction}.json": scores, f".time.{SMALLER}.json": times}
    return {ending: json_lines(entries) for ending, entries in files.items() if entries}


def _score(cell: pd.Series, score: Score) -> dict[str, Any]:
    percent = score.form is Form.PERCENT
    entry = {
        "name": str(cell["cell_id"]),
        "unit": "%" if percent else score.heading,
        "value": float(cell["score_mean"]) * (100 if percent else 1),
        "extra": f"{score.title}, mean of {plural(int(cell['n']), 'seed')}",
    }
    if isnan(cell["score_low"]):
        return entry
    return entry | {"range": f"95 % interval {score.range(cell['score_low'], cell['score_high'])}"}


def _time(cell: pd.Series) -> dict[str, Any]:
    low, high = cell["train_time_q1_s"], cell["train_time_q3_s"]
    return {
        "name": str(cell["cell_id"]),
        "unit": "s",
        "value": float(cell["train_time_median_s"]),
        "range": f"quartiles {seconds(low)} and {seconds(high)}",
        "extra": f"Training time, median of {plural(int(cell['timed']), 'trial')}",
    }
