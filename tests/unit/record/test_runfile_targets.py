"""`run.json` holds predictions of any kind: many classes, labels, values."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from factories import cell, dataset, result, trial

from bench.core.errors import StoreError
from bench.core.scores import SCORES
from bench.core.target import Target, Task
from bench.record.runfile import read_run_file, write_run_file

if TYPE_CHECKING:
    from pathlib import Path

    from bench.record.records import RunResult

NOISE = np.random.default_rng(1)
MAE = SCORES["mean_absolute_error"]
CASES = {
    "300 classes": (
        Target(Task.CLASSES, tuple(f"class {number}" for number in range(300))),
        NOISE.integers(0, 300, 500).astype(np.uint16),
        NOISE.integers(0, 300, 500).astype(np.uint16),
    ),
    "3 labels": (
        Target(Task.MULTILABEL, ("a", "b", "c")),
        NOISE.integers(0, 2, (500, 3)).astype(np.uint8),
        NOISE.integers(0, 2, (500, 3)).astype(np.uint8),
    ),
    "2 values": (
        Target(Task.REGRESSION, ("price", "age")),
        NOISE.normal(size=(500, 2)).astype(np.float32) * 1e6,
        NOISE.normal(size=(500, 2)).astype(np.float32),
    ),
}


def run(case: str) -> RunResult:
    """A run of one trial with these predictions."""
    target, truth, predicted = CASES[case]
    made = trial(cell(), test_images=500)
    outcome = replace(made.outcome, predictions=target.pack(predicted), metrics={MAE.name: 12.0})
    classes = target.names if target.task is Task.CLASSES else ()
    data = dataset(
        labels=target.pack(truth), task=target.task, classes=classes, test_images=500,
        targets=() if classes else target.names,
    )  # fmt: skip
    return result(replace(made, outcome=outcome), datasets=(data,), score=MAE)


@pytest.mark.parametrize("case", CASES)
def test_predictions_and_truth_come_back_as_they_were(tmp_path: Path, case: str) -> None:
    """Bit for bit, with their dtype; and the score of the run."""
    target, truth, predicted = CASES[case]
    read = read_run_file(write_run_file(run(case), tmp_path))
    (data,), (back,) = read.run.datasets, read.trials
    assert (data.target, read.run.score) == (target, MAE)
    for packed, expected in ((data.labels, truth), (back.outcome.predictions, predicted)):
        array = target.unpack(packed or b"")
        assert (array.dtype, array.tolist()) == (expected.dtype, expected.tolist())


def test_right_answers_of_many_classes_take_little_space(tmp_path: Path) -> None:
    """They are kept as what they differ in from the truth."""
    _, truth, _ = CASES["300 classes"]
    whole = run("300 classes")
    (one,) = whole.trials
    right = replace(one, outcome=replace(one.outcome, predictions=CASES["300 classes"][0].pack(truth)))
    file = write_run_file(replace(whole, trials=(right,)), tmp_path)
    assert len(json.loads(file.read_text())["trials"][0]["answers"]) < 40


def test_a_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    """Labels and answers are zlib-compressed uint8; no task, no score; accuracy is what it was ranked by."""
    truth, predicted = np.arange(10, dtype=np.uint8), np.array([0, 1, 2, 3, 4, 5, 6, 7, 9, 8], np.uint8)
    made = trial(cell(), test_images=10)
    file = write_run_file(result(made, datasets=(dataset(test_images=10),)), tmp_path)
    content = json.loads(file.read_text())

    def packed(array: np.ndarray) -> str:
        return base64.b64encode(zlib.compress(array.tobytes(), 9)).decode()

    content["schema_version"] = 3
    del content["score"]
    for key in ("task", "targets", "inputs", "features"):
        del content["datasets"][0][key]
    content["datasets"][0]["labels"] = packed(truth)
    content["trials"][0]["answers"] = packed(predicted - truth)
    file.write_text(json.dumps(content))
    read = read_run_file(file)
    assert read.run.score.name == "accuracy"
    assert read.run.datasets[0].target.unpack(read.trials[0].outcome.predictions or b"").tolist() == predicted.tolist()


def changed(path: Path, place: tuple[Any, ...], value: object) -> Path:
    """The file with one value replaced."""
    content = json.loads(path.read_text())
    inner = content
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (("trials", 0, "outcome", "metrics", MAE.name), -1.0, "MAE of -1.0"),
        (("trials", 0, "outcome", "accuracy"), 1.5, "an accuracy of 1.5"),
        (
            ("trials", 0, "answers"),
            base64.b64encode(zlib.compress(np.full((500, 2), np.nan, "<f4").tobytes())).decode(),
            "damaged: a value is not a finite number",
        ),
        (
            ("trials", 0, "answers"),
            base64.b64encode(zlib.compress(np.zeros((499, 2), "<f4").tobytes())).decode(),
            "they have other than the announced 4,000 bytes",
        ),
        (("trials", 0, "answers"), base64.b64encode(zlib.compress(b"abc")).decode(), "damaged"),
    ],
)
def test_what_no_run_can_have_left_is_refused(tmp_path: Path, place: tuple[Any, ...], value: object, told: str) -> None:
    """A value beyond the score's bounds, predictions that are no numbers or of other examples."""
    with pytest.raises(StoreError, match=told):
        read_run_file(changed(write_run_file(run("2 values"), tmp_path), place, value))
