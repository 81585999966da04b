"""A run in the Bencher Metric Format, which `bencher run --adapter json` reads."""

from __future__ import annotations

import re
from math import isnan
from typing import TYPE_CHECKING

from bench.analyse.stats import summary
from bench.core.errors import BenchError
from bench.record.collect import trials_frame
from bench.render.exports.json import json_lines

if TYPE_CHECKING:
    import pandas as pd

    from bench.core.score import Score
    from bench.record.records import RunResult

TIME = "training-time-s"
LONGEST_NAME, LONGEST_MEASURE = 1024, 64
"""Characters of the name of a benchmark and of a measure, as Bencher's reference states them."""


def bmf_text(result: RunResult) -> str:
    """A benchmark per cell: the mean score with its 95 % interval, and the median training time with its quartiles.

    Scores are in the run's own unit, times in seconds. What a cell does not have is left out, as are cells without
    either. Source: the JSON schema of the Bencher Metric Format, bencher.dev/bmf.json.

    Raises:
        BenchError: no cell has a score, or two cells have ids that are equal in their first 1,024 characters.
    """
    score = result.run.score
    cells = summary(trials_frame(result), score)
    content: dict[str, dict[str, dict[str, float]]] = {}
    for _, cell in cells.iterrows():
        measures = _measures(cell, score)
        name = str(cell["cell_id"])[:LONGEST_NAME]
        if name in content:
            raise BenchError(
                f"Two cells of run {result.run.run_id} have ids that begin with the same {LONGEST_NAME} characters.",
                hint="Bencher cuts longer names. Give the architectures of the suite short names.",
            )
        if measures:
            content[name] = measures
    if not content:
        raise BenchError(
            f"No cell of run {result.run.run_id} has a score or a time.",
            hint="`bench show` says why its trials failed.",
        )
    return json_lines(content)


def _measures(cell: pd.Series, score: Score) -> dict[str, dict[str, float]]:
    measures = {
        measure_name(score): _metric(cell["score_mean"], cell["score_low"], cell["score_high"]),
        TIME: _metric(cell["train_time_median_s"], cell["train_time_q1_s"], cell["train_time_q3_s"]),
    }
    return {name: metric for name, metric in measures.items() if metric}


def _metric(value: float, low: float, high: float) -> dict[str, float]:
    """A value with its ends; empty where there is no value, without ends where there are none."""
    named = {"value": value, "lower_value": low, "upper_value": high}
    return {} if isnan(value) else {name: float(end) for name, end in named.items() if not isnan(end)}


def measure_name(score: Score) -> str:
    """The name of a score as a slug of at most 64 characters: `accuracy`, `mean-absolute-error`."""
    return re.sub(r"[^a-z0-9]+", "-", score.name.lower()).strip("-")[:LONGEST_MEASURE].strip("-") or "score"
