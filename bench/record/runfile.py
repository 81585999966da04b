"""`run.json`: a run folder stands alone, without the store it came from.

Predictions are kept as what they differ in from the labels, which is little: `answers` of a trial is base64 of
zlib-compressed uint8, predicted less true class modulo 256, an image each; `labels` of a data set are the true classes.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.core.errors import StoreError
from bench.core.files import write_text
from bench.record.checks import check_run, check_values
from bench.record.codec import run_from_json, run_to_json, trial_from_json, trial_to_json
from bench.record.records import RunResult

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from bench.record.records import TrialRecord

RUN_FILE = "run.json"


def write_run_file(result: RunResult, folder: Path) -> Path:
    """Write `run.json`: the run, its trials, their epochs and predictions, and the labels these are judged by."""
    run = run_to_json(result.run)
    labels = {dataset.sha256: _classes(dataset.labels) for dataset in result.run.datasets if dataset.labels}
    for dataset in run["datasets"]:
        if dataset["sha256"] in labels:
            dataset["labels"] = _text(labels[dataset["sha256"]])
    trials = [
        {**trial_to_json(trial), "reused": trial.trial_id in result.reused, **_answers(trial, labels)}
        for trial in result.trials
    ]
    return write_text(folder / RUN_FILE, json.dumps({**run, "trials": trials}, indent=1, allow_nan=False) + "\n")


def read_run_file(path: Path) -> RunResult:
    """Read `run.json`, or the run folder that holds it.

    Raises:
        StoreError: there is none, it is no run, or a newer version wrote it.
    """
    file = path / RUN_FILE if path.is_dir() else path
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        check_values(content)
    except OSError as error:
        raise StoreError(
            f"{file} cannot be read: {error.strerror}.", hint="`bench list` shows the runs in the store."
        ) from error
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{file} is not JSON: {error}.", hint="Run the suite again, or restore the file.") from error
    trials = content.pop("trials", []) if isinstance(content, dict) else []
    _taken(
        [trial.get("outcome") for trial in trials if isinstance(trial, dict)] if isinstance(trials, list) else None,
        "predictions",
    )
    packed = _taken(content.get("datasets") if isinstance(content, dict) else None, "labels")
    answers = _taken(trials, "answers")
    flags = _taken(trials, "reused")
    run = run_from_json(content, str(file))
    if not isinstance(trials, list):
        raise StoreError(f"{file} cannot be read: trials: not a list.", hint="Was it edited by hand?")
    records = tuple(trial_from_json(trial, f"{file}, trial {number}") for number, trial in enumerate(trials, start=1))
    check_run(run, records, str(file))
    try:
        labels = {
            dataset.sha256: _array(text) for dataset, text in zip(run.datasets, packed, strict=True) if text is not None
        }
        records = tuple(_with_answers(one, text, labels) for one, text in zip(records, answers, strict=True))
    except (binascii.Error, zlib.error, TypeError, ValueError) as error:
        raise StoreError(
            f"{file} cannot be read: its predictions or labels are damaged: {error}.", hint="Was it edited by hand?"
        ) from error
    datasets = tuple(
        replace(dataset, labels=zlib.compress(labels[dataset.sha256].tobytes()))
        if dataset.sha256 in labels
        else dataset
        for dataset in run.datasets
    )
    reused = frozenset(record.trial_id for record, flag in zip(records, flags, strict=True) if flag)
    return RunResult(run=replace(run, datasets=datasets), trials=records, reused=reused)


def _taken(values: Any, key: str) -> list[Any]:  # noqa: ANN401  whatever a file holds
    """What each object of a list has under a key of ours, which is taken out of it."""
    if not isinstance(values, list):
        return []
    return [value.pop(key, None) if isinstance(value, dict) else None for value in values]


def _answers(trial: TrialRecord, labels: dict[str, NDArray[np.uint8]]) -> dict[str, str]:
    truth = labels.get(trial.outcome.data_sha256 or "")
    if trial.outcome.predictions is None or truth is None:
        return {}
    predicted = _classes(trial.outcome.predictions)
    # unsigned numbers wrap around, and back again when they are read
    return {"answers": _text(predicted - truth)} if len(predicted) == len(truth) else {}


def _with_answers(trial: TrialRecord, text: str | None, labels: dict[str, NDArray[np.uint8]]) -> TrialRecord:
    truth = labels.get(trial.outcome.data_sha256 or "")
    if text is None or truth is None:
        return trial
    answers = _array(text)
    if len(answers) != len(truth):
        raise ValueError(f"{len(answers)} answers to {len(truth)} images")
    packed = zlib.compress((answers + truth).tobytes())
    return replace(trial, outcome=replace(trial.outcome, predictions=packed))


def _classes(packed: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(zlib.decompress(packed), dtype=np.uint8)


def _text(classes: NDArray[np.uint8]) -> str:
    return base64.b64encode(zlib.compress(classes.tobytes(), 9)).decode()


def _array(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(zlib.decompress(base64.b64decode(text, validate=True)), dtype=np.uint8)
