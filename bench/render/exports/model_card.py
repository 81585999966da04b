"""A cell as a model card of Hugging Face: its figures as `model-index`, and what trained it in a few lines."""

from __future__ import annotations

import re
from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING, Any

from bench.analyse.stats import summary
from bench.core.errors import BenchError
from bench.core.formatting import count, plural, seconds
from bench.core.target import Task
from bench.record.collect import trials_frame
from bench.record.measures import METRIC, metric_measures
from bench.render.exports.yaml import yaml_text
from bench.render.markdown import code, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from bench.core.score import Score
    from bench.declare.cell import Cell
    from bench.record.records import DatasetRecord, RunResult

METRIC_NAMES = {
    "auc": "roc_auc",
    "f1_score": "f1",
    "mean_absolute_error": "mae",
    "mean_squared_error": "mse",
}
"""Scores whose name on the hub is another one."""


HUB = "hf:"
"""What the name of a data set of the hub begins with in a suite."""


def model_card_text(result: RunResult, cell_id: str, seed: int | None = None) -> str:
    """A model card: metadata in YAML between two lines of dashes, then Markdown.

    Source: the specification of `model-index` in the hub's documentation of model cards.

    Args:
        result: the run.
        cell_id: of a cell with at least one OK trial.
        seed: of the training that the card is about; None for the means over all seeds of the cell.

    Raises:
        BenchError: the cell has no score.
    """
    trials = tuple(trial for trial in result.trials if trial.cell.id == cell_id and seed in {None, trial.seed})
    score = result.run.score
    cell = summary(trials_frame(replace(result, trials=trials)), score).iloc[0]
    if isnan(cell["score_mean"]):
        raise BenchError(f"No trial of {cell_id} has a score.", hint="`bench show` says why.")
    name = trials[0].cell.dataset_name
    data = next((data for data in result.run.datasets if data.name == name), None)
    metrics = list(_metrics(cell, score, seed))
    dataset = {"name": name, "type": _dataset_type(trials[0].cell), "split": "test"}
    index = {"name": cell_id, "results": [{"task": {"type": _task(data)}, "dataset": dataset, "metrics": metrics}]}
    head = {
        "library_name": "keras",
        "tags": ["keras-bench"],
        "metrics": [metric["type"] for metric in metrics],
        "model-index": [index],
    }
    return f"---\n{yaml_text(head)}---\n\n{_page(result, cell, seed)}"


def _metrics(cell: pd.Series, score: Score, seed: int | None) -> Iterator[dict[str, Any]]:
    """The score, then the further metrics of the run that the cell has."""
    over = f"seed {seed}" if seed is not None else f"mean of {plural(int(cell['n']), 'seed')}"
    yield {
        "type": _metric_type(score.name),
        "name": f"Test {score.heading}, {over}",
        "value": float(cell["score_mean"]),
    }
    for measure in metric_measures(cell.index):
        value = float(cell[measure.name])
        if not isnan(value):
            name = measure.name.removeprefix(METRIC)
            yield {"type": _metric_type(name), "name": f"Test {measure.heading}, {over}", "value": value}


def _metric_type(name: str) -> str:
    return METRIC_NAMES.get(name, name)


def _dataset_type(cell: Cell) -> str:
    """An identifier that the hub takes: that of a data set of the hub, else the name in letters that are allowed."""
    name = cell.dataset.removeprefix(HUB) if cell.dataset.startswith(HUB) else cell.dataset_name.replace("/", "-")
    return re.sub(r"[^\w./-]+", "-", name, flags=re.ASCII).strip("-./") or "own"


def _task(data: DatasetRecord | None) -> str:
    """What the hub calls the task; `other` where it has no word for it or nobody knows."""
    if data is None:
        return "other"
    if data.picture:
        return "other" if data.task is Task.REGRESSION else "image-classification"
    if data.features:
        return "tabular-regression" if data.task is Task.REGRESSION else "tabular-classification"
    return "other"


def _page(result: RunResult, cell: pd.Series, seed: int | None) -> str:
    run, score = result.run, result.run.score
    trained = f"seed {seed}" if seed is not None else plural(int(cell["n"]), "seed")
    rows = [
        ("Data set", escaped(str(cell["dataset"]))),
        (f"Test {escaped(score.heading)}, {trained}", escaped(score.text(cell["score_mean"]))),
        ("95 % interval of the mean", escaped(score.range(cell["score_low"], cell["score_high"]))),
        ("Parameters", count(cell["parameter_count"])),
        ("Training time", seconds(cell["train_time_median_s"])),
        ("Device", escaped(str(cell["device"]))),
        ("Run", code(run.run_id)),
        ("Command", code(run.command)),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    text = "The score is that of the test set after the last epoch. No seed was chosen by it."
    if seed is not None:
        text = f"The score is that of the test set after the last epoch, of the training with seed {seed}."
    return f"# {escaped(str(cell['cell_id']))}\n\nTrained with keras-bench. {text}\n\n| | |\n| --- | --- |\n{table}\n"
