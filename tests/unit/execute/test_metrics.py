"""Metrics are those of scikit-learn: of class 1 for two classes, the mean over classes for more."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from bench.execute.metrics import METRICS

REFERENCE = {
    "precision": reference.precision_score,
    "recall": reference.recall_score,
    "f1_score": reference.f1_score,
}


def answers(classes: int, examples: int = 300, seed: int = 0, digits: int = 7) -> tuple[Any, Any]:
    """Labels, of which class 1 is rare, and probabilities that know something of them; few digits make ties."""
    rng = np.random.default_rng(seed)
    weights = np.ones(classes)
    weights[1] = 0.1
    labels = rng.choice(classes, size=examples, p=weights / weights.sum())
    outputs = rng.random((examples, classes)) + 0.7 * np.eye(classes)[labels]
    outputs = np.round(outputs / outputs.sum(axis=1, keepdims=True), digits)
    return labels, outputs.astype(np.float32)


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("name", REFERENCE)
@pytest.mark.parametrize("seed", range(4))
def test_figures_of_the_predicted_class(name: str, classes: int, seed: int) -> None:
    """By the class with the highest probability."""
    labels, outputs = answers(classes, seed=seed)
    average = "binary" if classes == 2 else "macro"
    expected = REFERENCE[name](labels, outputs.argmax(axis=1), average=average, zero_division=0)
    assert expected == pytest.approx(METRICS[name](labels, outputs), abs=1e-12)


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("digits", [7, 1])
def test_the_area_under_the_curve(classes: int, digits: int) -> None:
    """Exact, ties included; of more than two classes one against the others, each weighing the same."""
    labels, outputs = answers(classes, digits=digits)
    areas = [reference.roc_auc_score(labels == label, outputs[:, label]) for label in range(classes)]
    expected = areas[1] if classes == 2 else np.mean(areas)
    assert expected == pytest.approx(METRICS["auc"](labels, outputs), abs=1e-12)


def test_a_class_that_nobody_predicts_counts_as_0() -> None:
    """Its precision has nothing to be wrong about, and is no reason for a better mean."""
    labels, outputs = np.array([0, 1, 2]), np.eye(3, dtype=np.float32)[[0, 0, 2]]
    assert (0.5 + 0 + 1) / 3 == pytest.approx(METRICS["precision"](labels, outputs))


def test_a_class_that_no_test_example_has_is_left_out_of_the_area() -> None:
    """Where only one class is there, no area is defined."""
    labels, outputs = answers(3)
    labels[labels == 2] = 0
    areas = [reference.roc_auc_score(labels == label, outputs[:, label]) for label in (0, 1)]
    assert np.mean(areas) == pytest.approx(METRICS["auc"](labels, outputs))
    assert math.isnan(METRICS["auc"](np.zeros_like(labels), outputs))


def test_precision_is_not_accuracy_where_classes_are_rare() -> None:
    """As it was when the mean went over one-hot columns."""
    labels, outputs = answers(2)
    accuracy = float(np.mean(outputs.argmax(axis=1) == labels))
    assert len({round(accuracy, 6), *(round(METRICS[name](labels, outputs), 6) for name in REFERENCE)}) == 4
