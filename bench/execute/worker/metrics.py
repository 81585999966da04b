"""Figures of single classes or labels, and their mean: precision, recall, F1, area under the ROC curve. Pure.

Of two classes the second is the one looked for; of more classes, and of several labels, each weighs the same. AUC is
computed exactly by ranks (Hanley and McNeil, Radiology 143 (1982), pages 29 to 36).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bench.core.target import Target

    Truth = NDArray[Any]
    Outputs = NDArray[np.float32]


def precision(target: Target, truth: Truth, outputs: Outputs) -> float:
    """Of the examples that were given a class, the fraction that has it; 0 for a class that no example was given.

    Args:
        target: classes or labels.
        truth: (n,) class numbers, or (n, labels) 0 and 1.
        outputs: (n, names) float32 probabilities.
    """
    return _mean(target, truth, outputs, lambda hits, given, _: hits / given if given else 0.0)


def recall(target: Target, truth: Truth, outputs: Outputs) -> float:
    """Of the examples that have a class, the fraction that was given it; arguments as for `precision`."""
    return _mean(target, truth, outputs, lambda hits, _, true: hits / true if true else 0.0)


def f1_score(target: Target, truth: Truth, outputs: Outputs) -> float:
    """The harmonic mean of precision and recall, per class; arguments as for `precision`."""
    return _mean(target, truth, outputs, lambda hits, given, true: 2 * hits / (given + true) if given + true else 0.0)


def balanced_accuracy(target: Target, truth: Truth, outputs: Outputs) -> float:
    """The mean of the recalls of all classes that occur; arguments as for `precision`.

    Source: Brodersen, Ong, Stephan and Buhmann, The Balanced Accuracy and Its Posterior Distribution, ICPR 2010.
    """
    predicted = target.decode(outputs)
    recalls = [float(np.mean(predicted[truth == label] == label)) for label in np.unique(truth)]
    return float(np.mean(recalls))


def auc(target: Target, truth: Truth, outputs: Outputs) -> float:
    """The probability that an example of a class is ranked above one of another; ties count half.

    Arguments as for `precision`.

    Returns:
        The mean over the classes that some examples have and others do not; NaN where there is no such class.
    """
    columns = [1] if target.binary else range(target.width)
    areas = [_area(_has(target, truth, column), outputs[:, column]) for column in columns]
    known = [area for area in areas if not math.isnan(area)]
    return float(np.mean(known)) if known else math.nan


def _has(target: Target, truth: Truth, column: int) -> NDArray[np.bool_]:
    """Whether each example has a class or a label."""
    return np.asarray(truth == column if target.task is Task.CLASSES else truth[:, column] == 1)


def _mean(target: Target, truth: Truth, outputs: Outputs, figure: Callable[[int, int, int], float]) -> float:
    """A figure of (hits, examples given the class, examples that have it), the mean over classes or labels.

    The mean is over the classes that occur, in the truth or in predictions, as in scikit-learn; and over all labels.
    """
    predicted = target.decode(outputs)
    if target.binary:
        columns = [1]
    elif target.task is Task.CLASSES:
        columns = sorted(set(np.unique(truth).tolist()) | set(np.unique(predicted).tolist()))
    else:
        columns = list(range(target.width))
    values = []
    for column in columns:
        given, true = _has(target, predicted, column), _has(target, truth, column)
        values.append(figure(int((given & true).sum()), int(given.sum()), int(true.sum())))
    return float(np.mean(values))


def _area(positive: NDArray[np.bool_], score: NDArray[np.float32]) -> float:
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        return math.nan
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))
