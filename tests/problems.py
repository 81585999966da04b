"""Runs of other problems than images of ten classes, made without training anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from factories import cell, dataset, result, trial

from bench.core.score import ACCURACY, Score
from bench.core.scores import DEFAULTS
from bench.core.target import Target, Task
from bench.record.records import Exhibit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.declare.cell import Cell
    from bench.record.records import DatasetRecord, RunResult, TrialRecord

SHA256 = "ab" * 32


def problem(
    target: Target,
    truth: NDArray[Any],
    predicted: dict[str, list[NDArray[Any]]],
    score: Score | None = None,
    values: dict[str, list[float]] | None = None,
    **data: Any,
) -> RunResult:
    """A run on one data set with these predictions, by architecture and seed.

    Args:
        target: what is predicted.
        truth: of the test examples, as `Target` stores it.
        predicted: by architecture, for each seed.
        score: of the run; the usual one of the task where None.
        values: the score of each architecture's seeds; the mean error (a fraction less it, where more is better)
            where None.
        data: fields of the data set's record.
    """
    score = score or DEFAULTS[target.task]
    of_data = _record(target, truth, **data)
    trials = [
        _trial(
            cell(name, dataset=of_data.name, epochs=12), seed, ballot, truth, data=of_data, score=score,
            value=values[name][seed] if values else None,
        )
        for name, seeds in predicted.items()
        for seed, ballot in enumerate(seeds)
    ]  # fmt: skip
    shown = tuple(
        Exhibit(dataset=SHA256, image=number, values=(("rooms", str(number % 7)), ("area", f"{number / 4:g}")))
        for number in range(len(truth))
    )
    return result(
        *trials, datasets=(of_data,), score=score, exhibits=() if of_data.picture else shown, published={},
        suite_name="problem", command="bench run problem.toml",
    )  # fmt: skip


def regression_run(
    targets: tuple[str, ...] = ("price",), *, examples: int = 240, seeds: int = 3, score: Score | None = None
) -> RunResult:
    """Three architectures that predict values, `linear` the worst and too near the middle, `mlp` the best."""
    noise = np.random.default_rng(7)
    truth = (100 + 40 * noise.standard_normal((examples, len(targets)))).astype(np.float32)
    predicted = {
        name: [
            (100 + slope * (truth - 100) + spread * noise.standard_normal(truth.shape)).astype(np.float32)
            for _ in range(seeds)
        ]
        for name, slope, spread in (("linear", 0.7, 12.0), ("mlp", 0.96, 6.0), ("gru", 0.9, 7.0))
    }
    return problem(Target(Task.REGRESSION, targets), truth, predicted, score, picture=False, image_shape=(13,))


def multilabel_run(labels: tuple[str, ...] = ("rain", "wind", "snow", "fog"), *, examples: int = 200) -> RunResult:
    """Two architectures that predict labels; the last label is the rarest and the hardest."""
    noise = np.random.default_rng(8)
    rates = np.linspace(0.6, 0.1, len(labels))
    truth = (noise.random((examples, len(labels))) < rates).astype(np.uint8)
    predicted = {
        name: [truth ^ (noise.random(truth.shape) < np.linspace(0.02, worst, len(labels))) for _ in range(3)]
        for name, worst in (("linear", 0.2), ("mlp", 0.1))
    }
    values = {"linear": [0.81, 0.82, 0.80], "mlp": [0.9, 0.91, 0.905]}
    return problem(Target(Task.MULTILABEL, labels), truth, predicted, None, values, picture=False, image_shape=(30,))


def many_classes_run(classes: int = 300, *, examples: int = 1500) -> RunResult:
    """Two architectures on 300 classes of tables; classes that follow each other are confused, the first ones most."""
    noise = np.random.default_rng(9)
    truth = (np.arange(examples) % classes).astype(np.uint16)
    risk = np.linspace(0.9, 0.02, classes)[truth]
    predicted = {
        name: [
            np.where(noise.random(examples) < risk * factor, (truth + 1) % classes, truth).astype(np.uint16)
            for _ in range(3)
        ]
        for name, factor in (("linear", 1.0), ("mlp", 0.5))
    }
    names = tuple(f"species {number}" for number in range(classes))
    return problem(Target(Task.CLASSES, names), truth, predicted, picture=False, image_shape=(64,))


def _record(target: Target, truth: NDArray[Any], **data: Any) -> DatasetRecord:
    names = {"classes": target.names} if target.task is Task.CLASSES else {"classes": (), "targets": target.names}
    return dataset("houses", labels=target.pack(truth), task=target.task, test_images=len(truth), **{**names, **data})


def _trial(
    of: Cell, seed: int, ballot: NDArray[Any], truth: NDArray[Any], *, data: DatasetRecord, value: float | None,
    score: Score,
) -> TrialRecord:  # fmt: skip
    """A trial that predicts this; its loss falls to its error, and only classes have an accuracy."""
    target = data.target
    ballot = np.asarray(ballot, target.dtype)
    errors = target.errors(truth, ballot)
    classes = target.task is Task.CLASSES
    if value is None:
        value = 1 - float(errors.mean()) if score.higher_is_better else float(errors.mean())
    pace = {"linear": 0.4, "mlp": 1.5}.get(of.architecture, 3.1)
    made = trial(of, seed, accuracy=0.9, validation=not classes, epoch_seconds=pace)
    curve, scale = made.outcome.epochs, max(value, 0.05)
    if not classes:
        curve = tuple(
            replace(
                epoch, accuracy=None, validation_accuracy=None, loss=scale * (1 + 9 / epoch.epoch),
                validation_loss=scale * (1.2 + 9 / epoch.epoch),
            )
            for epoch in curve
        )  # fmt: skip
    outcome = replace(
        made.outcome, epochs=curve, accuracy=1 - float(errors.mean()) if classes else None,
        validation_accuracy=None, test_errors=int(errors.sum()) if classes else None, test_images=len(truth),
        metrics={} if score.name == ACCURACY.name else {score.name: value}, predictions=target.pack(ballot),
        data_sha256=SHA256,
    )  # fmt: skip
    return replace(made, outcome=outcome)
