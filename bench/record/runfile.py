"""`run.json`: a run folder stands alone, without the store it came from.

Predictions and true values are kept as `Target.pack` makes them, in base64. Of classes and labels, `answers` of a trial
is predicted less true, modulo 256 or 65,536: mostly zeros, so it compresses well. Of values, it is the predictions.

How large they are once they are decompressed follows from the data set's own figures; nothing is decompressed further.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.core import decompress
from bench.core.documents import read_json
from bench.core.errors import StoreError
from bench.core.files import write_text
from bench.core.target import Task
from bench.record.checks import check_run
from bench.record.codec import run_from_json, run_to_json, trial_from_json, trial_to_json
from bench.record.records import RunResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from bench.core.target import Target
    from bench.record.records import DatasetRecord, TrialRecord

    Truths = dict[str, tuple[Target, NDArray[Any]]]
    """By SHA-256 of a data set, what is predicted and what is true of its test examples."""

RUN_FILE, CSV_FILE = "run.json", "results.csv"
"""In the folder of a run."""

MODELS = "models"
"""The folder in it that trained models are kept in."""


def write_run_file(result: RunResult, folder: Path) -> Path:
    """Write `run.json`: the run, its trials, their epochs and predictions, and the labels these are judged by."""
    run = run_to_json(result.run)
    truths = {
        data.sha256: (data.target, data.target.unpack(data.labels)) for data in result.run.datasets if data.labels
    }
    for value, dataset in zip(run["datasets"], result.run.datasets, strict=True):
        if dataset.labels:
            value["labels"] = base64.b64encode(dataset.labels).decode()
    trials = [
        {**trial_to_json(trial), "reused": trial.trial_id in result.reused, **_answers(trial, truths)}
        for trial in result.trials
    ]
    return write_text(folder / RUN_FILE, json.dumps({**run, "trials": trials}, indent=1, allow_nan=False) + "\n")


def read_run_file(path: Path) -> RunResult:
    """Read `run.json`, or the run folder that holds it.

    Raises:
        StoreError: there is none, it is no run, a newer version wrote it, or it grows too large once decompressed.
    """
    file = path / RUN_FILE if path.is_dir() else path
    try:
        content = read_json(file)
    except OSError as error:
        raise StoreError(
            f"{file} cannot be read: {error.strerror}.", hint="`bench list` shows the runs in the store."
        ) from error
    except ValueError as error:
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
    _check_size(run.datasets, packed, records, answers, file)
    try:
        datasets = tuple(
            dataset if text is None else replace(dataset, labels=_decoded(text))
            for dataset, text in zip(run.datasets, packed, strict=True)
        )
        truths = _truths(datasets)
        records = tuple(_with_answers(trial, text, truths) for trial, text in zip(records, answers, strict=True))
    except (binascii.Error, zlib.error, TypeError, ValueError) as error:
        raise StoreError(
            f"{file} cannot be read: its predictions or labels are damaged: {error}.", hint="Was it edited by hand?"
        ) from error
    reused = frozenset(record.trial_id for record, flag in zip(records, flags, strict=True) if flag)
    return RunResult(run=replace(run, datasets=datasets), trials=records, reused=reused)


def _taken(values: Any, key: str) -> list[Any]:  # noqa: ANN401  whatever a file holds
    """What each object of a list has under a key of ours, which is taken out of it."""
    if not isinstance(values, list):
        return []
    return [value.pop(key, None) if isinstance(value, dict) else None for value in values]


def _check_size(
    datasets: tuple[DatasetRecord, ...],
    labels: Sequence[object],
    trials: tuple[TrialRecord, ...],
    answers: Sequence[object],
    file: Path,
) -> None:
    """Refuse labels and predictions that fill the memory once they are decompressed."""
    sizes = {
        data.sha256: data.target.packed_size(data.test_images)
        for data, text in zip(datasets, labels, strict=True)
        if text is not None
    }
    announced = sum(sizes.values())
    announced += sum(
        sizes.get(trial.outcome.data_sha256 or "", 0)
        for trial, text in zip(trials, answers, strict=True)
        if text is not None
    )
    most = decompress.most(file.stat().st_size)
    if announced > most:
        raise StoreError(
            f"{file} cannot be read: its labels and predictions have {announced:,} bytes once they are decompressed, "
            f"more than the {most:,} that are allowed.",
            hint=decompress.way_out(announced),
        )


def _decoded(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("they are no text")
    return base64.b64decode(text, validate=True)


def _truths(datasets: tuple[DatasetRecord, ...]) -> Truths:
    return {
        data.sha256: (data.target, _checked(data.target.unpack(data.labels, data.test_images), data.target))
        for data in datasets
        if data.labels is not None
    }


def _answers(trial: TrialRecord, truths: Truths) -> dict[str, str]:
    target, truth = truths.get(trial.outcome.data_sha256 or "", (None, None))
    if trial.outcome.predictions is None or target is None or truth is None:
        return {}
    predicted = target.unpack(trial.outcome.predictions)
    if predicted.shape != truth.shape:
        return {}
    # unsigned numbers wrap around, and back again when they are read
    kept = predicted if target.task is Task.REGRESSION else predicted - truth
    return {"answers": base64.b64encode(target.pack(kept)).decode()}


def _with_answers(trial: TrialRecord, text: object, truths: Truths) -> TrialRecord:
    target, truth = truths.get(trial.outcome.data_sha256 or "", (None, None))
    if text is None or target is None or truth is None:
        return trial
    kept = target.unpack(_decoded(text), len(truth))
    predicted = _checked(kept if target.task is Task.REGRESSION else kept + truth, target)
    return replace(trial, outcome=replace(trial.outcome, predictions=target.pack(predicted)))


def _checked(values: NDArray[Any], target: Target) -> NDArray[Any]:
    """True values or predictions, if the target can hold them.

    Raises:
        ValueError: one is not a finite number, or the number of no class or label.
    """
    if target.task is Task.REGRESSION:
        if not np.isfinite(values).all():
            raise ValueError("a value is not a finite number")
    elif values.size and int(values.max()) >= (target.width if target.task is Task.CLASSES else 2):
        raise ValueError(f"{int(values.max())} is no {'class' if target.task is Task.CLASSES else 'label'}")
    return values
