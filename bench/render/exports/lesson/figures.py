"""Every score as lines of NumPy, so that a learner sees how it is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.target import Task

if TYPE_CHECKING:
    from bench.core.target import Target


@dataclass(frozen=True, slots=True)
class Figure:
    """The code of a score.

    Attributes:
        before: imports and functions, which come before anything is predicted.
        lines: what ends with `score`, a float.
    """

    before: list[str]
    lines: list[str]


def figure_code(name: str, target: Target, values: str) -> Figure:
    """The code of a score that goes by a name.

    Args:
        name: of `bench.core.scores.SCORES`.
        target: what is predicted.
        values: the variable that holds probabilities with a column per name, or predicted values; `predicted` and
            `y_test` hold the rest.
    """
    if name in _PER_CLASS:
        return _per_class(name, target)
    if name == "auc":
        return _auc(target, values)
    if name in _PLAIN:
        return Figure([], [line.format(values=values) for line in _PLAIN[name]])
    if name == "log_loss":
        return Figure([], _log_loss(target, values))
    return _keras(f"keras.metrics.get({name!r})", target, values)


def metric_code(made: str, target: Target, values: str, before: list[str] | None = None) -> Figure:
    """The code of a Keras metric.

    Args:
        made: an expression that makes it.
        target: what is predicted.
        values: as for `figure_code`.
        before: imports.
    """
    figure = _keras(made, target, values)
    return Figure(before or [], figure.lines)


_PLAIN: dict[str, list[str]] = {
    "accuracy": ["score = np.mean(predicted == y_test)"],
    "balanced_accuracy": [
        "score = np.mean([np.mean(predicted[y_test == number] == number) for number in np.unique(y_test)])"
    ],
    "exact_match": ["score = np.mean((predicted == y_test).all(axis=1))"],
    "top_5_accuracy": [
        "true = np.take_along_axis({values}, y_test.astype(int)[:, None], axis=1)",
        "score = np.mean(np.sum({values} > true, axis=1) < 5)",
    ],
    "mean_absolute_error": ["score = np.mean(np.abs(predicted.astype(float) - y_test))"],
    "mean_squared_error": ["score = np.mean((predicted.astype(float) - y_test) ** 2)"],
    "root_mean_squared_error": ["score = np.sqrt(np.mean((predicted.astype(float) - y_test) ** 2))"],
    "r2_score": [
        "true = y_test.astype(float)",
        "error = np.sum((true - predicted) ** 2, axis=0)",
        "score = np.mean(1 - error / np.sum((true - true.mean(axis=0)) ** 2, axis=0))",
    ],
    "log_cosh": [
        "error = predicted.astype(float) - y_test",
        "score = np.mean(np.logaddexp(error, -error) - np.log(2))",
    ],
}

_PER_CLASS = {
    "f1_score": ("f1", "2 * np.sum(given & true) / max(np.sum(given) + np.sum(true), 1)"),
    "precision": ("precision", "np.sum(given & true) / max(np.sum(given), 1)"),
    "recall": ("recall", "np.sum(given & true) / max(np.sum(true), 1)"),
}
"""Figures of who was given a class, or a label, and who has it: a name, and the formula."""

PER_CLASS = frozenset({"auc", *_PER_CLASS})
"""Scores that are computed per class or label: of the second of two classes, else the mean over all."""


def _per_class(name: str, target: Target) -> Figure:
    function, formula = _PER_CLASS[name]
    before = [f"def {function}(given, true):", f"    return {formula}", "", ""]
    if target.binary:
        return Figure(before, [f"score = {function}(predicted == 1, y_test == 1)"])
    if target.task is Task.MULTILABEL:
        pairs = "zip(predicted.T, y_test.T)"
        return Figure(before, [f"score = np.mean([{function}(given == 1, true == 1) for given, true in {pairs}])"])
    numbers = "numbers = np.union1d(y_test, predicted)"
    each = f"{function}(predicted == number, y_test == number) for number in numbers"
    return Figure(before, [numbers, f"score = np.mean([{each}])"])


def _auc(target: Target, values: str) -> Figure:
    before = [
        "def area(positive, values):",
        "    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)",
        "    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]",
        "    positives, negatives = int(np.sum(positive)), int(np.sum(~positive))",
        "    return (np.sum(ranks[positive]) - positives * (positives + 1) / 2) / (positives * negatives)",
        "",
        "",
    ]
    if target.binary:
        return Figure(before, [f"score = area(y_test == 1, {values}[:, 1])"])
    if target.task is Task.MULTILABEL:
        return Figure(
            before,
            [
                "numbers = [number for number in range(len(labels)) if 0 < np.mean(y_test[:, number]) < 1]",
                f"score = np.mean([area(y_test[:, number] == 1, {values}[:, number]) for number in numbers])",
            ],
        )
    return Figure(
        before, [f"score = np.mean([area(y_test == number, {values}[:, number]) for number in np.unique(y_test)])"]
    )


def _log_loss(target: Target, values: str) -> list[str]:
    chances = f"chances = np.clip({values}.astype(float), np.finfo(np.float32).eps, 1 - np.finfo(np.float32).eps)"
    if target.task is Task.MULTILABEL:
        return [chances, "score = -np.mean(np.where(y_test == 1, np.log(chances), np.log(1 - chances)))"]
    return [
        chances,
        "chances = chances / chances.sum(axis=1, keepdims=True)",
        "score = -np.mean(np.log(chances[np.arange(len(y_test)), y_test]))",
    ]


def _keras(made: str, target: Target, values: str) -> Figure:
    """A metric of Keras's, over the whole test part at once."""
    true = "y_test.astype(np.float32)"
    if target.task is Task.CLASSES:
        true = "np.eye(len(classes), dtype=np.float32)[y_test.astype(int)]"
    return Figure(
        [],
        [
            f"metric = {made}",
            f"metric.update_state({true}, {values})",
            "score = float(np.mean(keras.ops.convert_to_numpy(metric.result())))",
        ],
    )
