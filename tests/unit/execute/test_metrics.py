"""Every figure that goes by a name is scikit-learn's, for each task that it judges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from bench.core.scores import SCORES
from bench.core.target import Target, Task, class_target
from bench.execute.worker.metrics import auc, precision
from bench.execute.worker.own import ModelError
from bench.execute.worker.scores import figure

OF_CLASS = {
    "precision": reference.precision_score,
    "recall": reference.recall_score,
    "f1_score": reference.f1_score,
}


def classes(number: int) -> Target:
    """So many."""
    return class_target(tuple(str(label) for label in range(number)))


def answers(number: int, examples: int = 300, seed: int = 0, digits: int = 7) -> tuple[Any, Any]:
    """Labels, of which class 1 is rare, and probabilities that know something of them; few digits make ties."""
    rng = np.random.default_rng(seed)
    weights = np.ones(number)
    weights[1] = 0.1
    labels = rng.choice(number, size=examples, p=weights / weights.sum())
    outputs = rng.random((examples, number)) + 0.7 * np.eye(number)[labels]
    outputs = np.round(outputs / outputs.sum(axis=1, keepdims=True), digits)
    return labels, outputs.astype(np.float32)


@pytest.mark.parametrize("number", [2, 3, 10])
@pytest.mark.parametrize("name", OF_CLASS)
@pytest.mark.parametrize("seed", range(4))
def test_figures_of_the_predicted_class(name: str, number: int, seed: int) -> None:
    """By the class with the highest probability; of class 1 for two classes, else the mean over classes."""
    labels, outputs = answers(number, seed=seed)
    average = "binary" if number == 2 else "macro"
    expected = OF_CLASS[name](labels, outputs.argmax(axis=1), average=average, zero_division=0)
    assert expected == pytest.approx(figure(name, classes(number), labels, outputs), abs=1e-12)


@pytest.mark.parametrize("number", [2, 3, 10])
@pytest.mark.parametrize("digits", [7, 1])
def test_the_area_under_the_curve(number: int, digits: int) -> None:
    """Exact, ties included; of more than two classes one against the others, each weighing the same."""
    labels, outputs = answers(number, digits=digits)
    areas = [reference.roc_auc_score(labels == label, outputs[:, label]) for label in range(number)]
    expected = areas[1] if number == 2 else np.mean(areas)
    assert expected == pytest.approx(auc(classes(number), labels, outputs), abs=1e-12)


@pytest.mark.parametrize("number", [2, 5, 10])
def test_the_figures_of_classes(number: int) -> None:
    """Accuracy, balanced accuracy, top 5 and log loss."""
    labels, outputs = answers(number)
    outputs = outputs.astype(np.float64)
    outputs = (outputs / outputs.sum(axis=1, keepdims=True)).astype(np.float32)
    predicted, every = outputs.argmax(axis=1), range(number)
    doubled = outputs.astype(np.float64) / outputs.astype(np.float64).sum(axis=1, keepdims=True)
    expected = {
        "accuracy": reference.accuracy_score(labels, predicted),
        "balanced_accuracy": reference.balanced_accuracy_score(labels, predicted),
        "log_loss": reference.log_loss(labels, doubled, labels=every),
        "top_5_accuracy": reference.top_k_accuracy_score(labels, outputs, k=5, labels=every) if number > 5 else 1.0,
    }
    ours = {name: figure(name, classes(number), labels, outputs) for name in expected}
    assert expected == pytest.approx(ours, abs=1e-9)


def label_answers(seed: int = 0) -> tuple[Any, Any]:
    """Four labels of 200 examples, the last one rare, and probabilities that know something of them."""
    rng = np.random.default_rng(seed)
    truth = (rng.random((200, 4)) < [0.5, 0.3, 0.7, 0.05]).astype(np.uint8)
    return truth, np.clip(0.3 * rng.random((200, 4)) + 0.5 * truth + 0.1, 0, 1).astype(np.float32)


def test_the_figures_of_labels() -> None:
    """Each label weighs the same; an example is right where all its labels are."""
    truth, outputs = label_answers()
    target, predicted = Target(Task.MULTILABEL, ("a", "b", "c", "d")), outputs >= 0.5
    logs = [reference.log_loss(truth[:, label], outputs[:, label].astype(np.float64)) for label in range(4)]
    expected = {
        **{name: of(truth, predicted, average="macro", zero_division=0) for name, of in OF_CLASS.items()},
        "auc": reference.roc_auc_score(truth, outputs, average="macro"),
        "binary_accuracy": 1 - reference.hamming_loss(truth, predicted),
        "exact_match": reference.accuracy_score(truth, predicted),
        "log_loss": np.mean(logs),
    }
    ours = {name: figure(name, target, truth, outputs) for name in expected}
    assert expected == pytest.approx(ours, abs=1e-6)


@pytest.mark.parametrize("width", [1, 3])
def test_the_figures_of_values(width: int) -> None:
    """The mean over examples and targets, in double precision."""
    rng = np.random.default_rng(0)
    truth = rng.uniform(1, 100, (150, width)).astype(np.float32)
    outputs = np.maximum(truth + rng.normal(0, 10, (150, width)), 0.1).astype(np.float32)
    target = Target(Task.REGRESSION, tuple("abc"[:width]))
    errors = outputs.astype(np.float64) - truth
    expected = {
        "mean_absolute_error": reference.mean_absolute_error(truth, outputs),
        "mean_squared_error": reference.mean_squared_error(truth, outputs),
        "root_mean_squared_error": math.sqrt(reference.mean_squared_error(truth, outputs)),
        "mean_absolute_percentage_error": 100 * reference.mean_absolute_percentage_error(truth, outputs),
        "mean_squared_logarithmic_error": reference.mean_squared_log_error(truth, outputs),
        "r2_score": reference.r2_score(truth, outputs),
        "log_cosh": np.mean(np.abs(errors) + np.log1p(np.exp(-2 * np.abs(errors))) - math.log(2)),
    }
    ours = {name: figure(name, target, truth, outputs) for name in expected}
    assert expected == pytest.approx(ours, rel=1e-5)


@pytest.mark.parametrize("task", Task)
def test_every_named_score_of_a_task_can_be_computed(task: Task) -> None:
    """None is a name only: what a suite may write gives a number."""
    target, (labels, outputs) = classes(10), answers(10)
    truth: Any = labels
    if task is Task.MULTILABEL:
        target, (truth, outputs) = Target(task, ("a", "b", "c", "d")), label_answers()
    if task is Task.REGRESSION:
        target, truth = Target(task, ("a", "b")), np.full((5, 2), 0.5, np.float32)
        outputs, truth[0] = np.full((5, 2), 0.75, np.float32), 0.25
    names = [name for name, score in SCORES.items() if not score.tasks or task in score.tasks]
    values = {name: figure(name, target, truth, outputs) for name in names}
    assert all(map(math.isfinite, values.values())), values
    for name, value in values.items():
        assert SCORES[name].floor - 1e-6 <= value <= SCORES[name].ceiling + 1e-6


def test_r2_is_undefined_where_a_target_does_not_vary() -> None:
    """There is no mean to be better than."""
    truth = np.array([[1, 2], [1, 3]], np.float32)
    assert math.isnan(figure("r2_score", Target(Task.REGRESSION, ("a", "b")), truth, truth))


def test_a_certain_mistake_does_not_make_the_log_loss_infinite() -> None:
    """A probability of 0 counts as the smallest step of float32."""
    loss = figure("log_loss", classes(2), np.array([0]), np.array([[0, 1]], np.float32))
    assert -math.log(np.finfo(np.float32).eps) == pytest.approx(loss, rel=1e-6)


def test_a_class_that_nobody_predicts_counts_as_0() -> None:
    """Its precision has nothing to be wrong about, and is no reason for a better mean."""
    labels, outputs = np.array([0, 1, 2]), np.eye(3, dtype=np.float32)[[0, 0, 2]]
    assert (0.5 + 0 + 1) / 3 == pytest.approx(precision(classes(3), labels, outputs))


def test_a_class_that_no_test_example_has_is_left_out_of_the_area() -> None:
    """Where only one class is there, no area is defined."""
    labels, outputs = answers(3)
    labels[labels == 2] = 0
    areas = [reference.roc_auc_score(labels == label, outputs[:, label]) for label in (0, 1)]
    assert np.mean(areas) == pytest.approx(auc(classes(3), labels, outputs))
    assert math.isnan(auc(classes(3), np.zeros_like(labels), outputs))


def test_precision_is_not_accuracy_where_classes_are_rare() -> None:
    """As it was when the mean went over one-hot columns."""
    labels, outputs = answers(2)
    names = ("accuracy", *OF_CLASS)
    assert 4 == len({round(figure(name, classes(2), labels, outputs), 6) for name in names})


VALUES = Target(Task.REGRESSION, ("a", "b"))
TRUTH = np.array([[1, 2], [3, 4]], np.float32)
PREDICTED = np.array([[1, 2], [3, 7]], np.float32)


@pytest.mark.parametrize("name", ["own_parts:worst_error", "own_parts:Largest", "own_parts:largest"])
def test_a_figure_of_one_s_own(name: str) -> None:
    """A function of (y_true, y_pred), a Keras metric, or a function that makes one."""
    assert 3.0 == figure(name, VALUES, TRUTH, PREDICTED)


def test_a_function_of_one_s_own_gets_class_numbers_and_all_probabilities() -> None:
    """As scikit-learn's functions take them."""
    labels, outputs = answers(3)
    expected = reference.cohen_kappa_score(labels, outputs.argmax(axis=1))
    assert expected == pytest.approx(figure("own_parts:kappa", classes(3), labels.astype(np.uint8), outputs))


def test_a_keras_metric_of_one_s_own_gets_one_hot_classes() -> None:
    """As it gets them in a training."""
    labels, outputs = np.array([0, 1], np.uint8), np.array([[0.75, 0.25], [0.5, 0.5]], np.float32)
    assert 0.5 == figure("own_parts:Largest", classes(2), labels, outputs)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("own_parts:raising", ("own_parts:raising could not judge the predictions: ZeroDivisionError: no such luck. It "
         "is called with y_true (2, 2) and y_pred (2, 2) and has to return a number.")),
        ("own_parts:wordy", ("own_parts:wordy could not judge the predictions: TypeError: it returned 'good'. It is "
         "called with y_true (2, 2) and y_pred (2, 2) and has to return a number.")),
        ("own_parts:worst_eror", ("own_parts:worst_eror cannot be imported: own_parts has no 'worst_eror'; did you "
         "mean 'worst_error'?")),
        ("nowhere:score", "nowhere:score cannot be imported: ModuleNotFoundError: No module named 'nowhere'."),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_be_had_says_why(name: str, sentence: str) -> None:
    """In one sentence, which names the function."""
    with pytest.raises(ModelError) as caught:
        figure(name, VALUES, TRUTH, PREDICTED)
    assert sentence == str(caught.value)
