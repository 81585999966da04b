"""The formats of `bench export`, by what they are made of; what is slow to import is imported when it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.render.exports.csv import csv_text
from bench.render.exports.json import json_text
from bench.render.exports.notebook import notebook_text
from bench.render.exports.parquet import parquet_bytes
from bench.render.exports.script import script_text
from bench.render.exports.tensorboard import tensorboard_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.record.records import RunResult


def latex(result: RunResult, top: int | None = None) -> str:
    """A run as a table for a paper, of all cells or the best of each data set."""
    from bench.render.exports.latex import latex_text  # noqa: PLC0415  SciPy and pandas' styles take a second

    return latex_text(result, top)


def _pytest_benchmark(result: RunResult) -> str:
    from bench.render.exports.pytest_benchmark import pytest_benchmark_text  # noqa: PLC0415  SciPy takes a second

    return pytest_benchmark_text(result)


def _bmf(result: RunResult) -> str:
    from bench.render.exports.bmf import bmf_text  # noqa: PLC0415  SciPy takes a second

    return bmf_text(result)


def _github_action_benchmark(result: RunResult) -> dict[str, str]:
    from bench.render.exports.github_action_benchmark import github_action_benchmark_texts  # noqa: PLC0415  as above

    return github_action_benchmark_texts(result)


TABLES: dict[str, tuple[str, Callable[[RunResult], str | bytes]]] = {
    "bmf": (".bmf.json", _bmf),
    "csv": (".csv", csv_text),
    "json": (".json", json_text),
    "latex": (".tex", latex),
    "parquet": (".parquet", parquet_bytes),
    "pytest-benchmark": (".benchmark.json", _pytest_benchmark),
}
"""Formats of a whole run: how the file's name ends, and what makes its content."""

SEVERAL: dict[str, Callable[[RunResult], dict[str, str]]] = {"github-action-benchmark": _github_action_benchmark}
"""Formats of a whole run in several files: what makes their contents, by how their names end."""

FOLDERS: dict[str, Callable[[RunResult], dict[str, bytes]]] = {"tensorboard": tensorboard_files}
"""Formats of a whole run that are a folder: what makes its files, by their paths in it."""

TRACKERS = ("mlflow", "wandb")
"""Stores of other tools that a whole run is written into."""

LESSONS = {"notebook": (".ipynb", notebook_text), "script": (".py", script_text)}
"""Formats of a cell that train it again."""

MODEL_CARD = "model-card"

MODELS = {"keras": ".keras", "onnx": ".onnx"}
"""Formats of a cell's trained model: how the file's name ends."""
