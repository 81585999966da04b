"""Every figure of a test part that has a name, or that a function of the user's own computes.

Runs in a worker process only. Outputs are probabilities, a column per class or label, or predicted values.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from bench.core.target import Task
from bench.declare.values import is_reference
from bench.execute.worker.metrics import auc, balanced_accuracy, f1_score, precision, recall
from bench.execute.worker.own import ModelError, imported, takes_pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bench.core.target import Target

    Figure = Callable[[Target, NDArray[Any], NDArray[np.float32]], float]

SMALLEST = float(np.finfo(np.float32).eps)
"""A probability counts as no less, so that one certain mistake does not make a log loss infinite."""


def figure(name: str, target: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    """A figure of the test part; NaN where it leaves the figure undefined.

    Args:
        name: of `bench.core.scores.SCORES`, or `package.module:function` of (y_true, y_pred).
        target: what is predicted.
        truth: (n,) class numbers, (n, labels) 0 and 1, or (n, values) float32.
        outputs: (n, names) float32, probabilities or values.

    Raises:
        ModelError: a function of the user's own cannot be imported, raises, or returns no number.
    """
    if is_reference(name):
        return _own(name, target, truth, outputs)
    return FIGURES[name](target, truth, outputs) if name in FIGURES else _keras(name, target, truth, outputs)


def _accuracy(target: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    return float(np.mean(target.decode(outputs) == truth))


def _exact_match(target: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    return float(np.mean((target.decode(outputs) == truth).all(axis=1)))


def _top_5(target: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    """As Keras counts it: a class is among the five where fewer than five others are more probable."""
    del target
    own = np.take_along_axis(outputs, truth.astype(np.int64)[:, None], axis=1)
    return float(np.mean((outputs > own).sum(axis=1) < 5))  # noqa: PLR2004  the five of its name


def _log_loss(target: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    chances = np.clip(outputs.astype(np.float64), SMALLEST, 1 - SMALLEST)
    if target.task is Task.MULTILABEL:
        return float(-np.mean(np.where(truth == 1, np.log(chances), np.log(1 - chances))))
    chances /= chances.sum(axis=1, keepdims=True)
    return float(-np.mean(np.log(np.take_along_axis(chances, truth.astype(np.int64)[:, None], axis=1))))


def _absolute(target: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    return float(target.errors(truth, outputs).mean())


def _squared(_: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    return float(np.mean((outputs.astype(np.float64) - truth.astype(np.float64)) ** 2))


def _root_squared(target: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    return math.sqrt(_squared(target, truth, outputs))


def _r2(_: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    """1 less the squared error over that of the mean, the mean over targets; NaN where a target does not vary."""
    y, predicted = truth.astype(np.float64), outputs.astype(np.float64)
    total = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    if not total.all():
        return math.nan
    return float(np.mean(1 - ((y - predicted) ** 2).sum(axis=0) / total))


def _log_cosh(_: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    """log(cosh(e)) as log((exp(e) + exp(-e)) / 2), which does not overflow."""
    errors = outputs.astype(np.float64) - truth.astype(np.float64)
    return float(np.mean(np.logaddexp(errors, -errors) - math.log(2)))


FIGURES: dict[str, Figure] = {
    "accuracy": _accuracy,
    "auc": auc,
    "balanced_accuracy": balanced_accuracy,
    "exact_match": _exact_match,
    "f1_score": f1_score,
    "log_cosh": _log_cosh,
    "log_loss": _log_loss,
    "mean_absolute_error": _absolute,
    "mean_squared_error": _squared,
    "precision": precision,
    "r2_score": _r2,
    "recall": recall,
    "root_mean_squared_error": _root_squared,
    "top_5_accuracy": _top_5,
}
"""Figures that we compute in double precision, or that Keras averages over one-hot columns; Keras has the others."""


def _keras(name: str, target: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    """A Keras metric over the whole test part, the mean over its examples."""
    return _measured(keras.metrics.get(name), target.encode(truth, outputs.shape[1]), outputs)


def _measured(metric: Any, y: NDArray[Any], outputs: NDArray[np.float32]) -> float:  # noqa: ANN401  a metric
    if isinstance(metric, keras.metrics.Metric):
        metric.update_state(y, outputs)
        value = metric.result()
    else:
        value = metric(y, outputs)
    return _number(keras.ops.convert_to_tensor(value))


def _number(value: Any) -> float:  # noqa: ANN401  a number or an array or tensor of them
    numbers = np.asarray(keras.ops.convert_to_numpy(value))
    if numbers.dtype.kind not in "biuf":
        raise TypeError(f"it returned {value!r}")
    return float(np.mean(numbers))


def _own(reference: str, target: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    """What a function of the user's own returns, or a Keras metric that a class or a function of theirs makes.

    A function gets class numbers, as (n,) int64, and all probabilities; a Keras metric gets one-hot rows.
    """
    named = imported(reference)
    try:
        if isinstance(named, type) or not takes_pair(named):
            return _measured(named(), target.encode(truth, outputs.shape[1]), outputs)
        y = truth.astype(np.int64) if target.task is not Task.REGRESSION else truth
        value = named(y, outputs)
        if isinstance(value, keras.metrics.Metric):
            return _measured(value, target.encode(truth, outputs.shape[1]), outputs)
        return _number(value)
    except Exception as error:
        raise ModelError(
            f"{reference} could not judge the predictions: {type(error).__name__}: {error}. It is called with "
            f"y_true {truth.shape} and y_pred {outputs.shape} and has to return a number."
        ) from error
