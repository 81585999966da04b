"""Figures of a test set beyond accuracy and loss: of class 1 where there are two, the mean over classes where more.

Precision, recall and F1 judge the class with the highest probability; AUC is the area under the ROC curve, computed
exactly by ranks (Hanley and McNeil, Radiology 143 (1982), pages 29 to 36), one class against all others. Pure.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Labels = NDArray[np.int64]
    Probabilities = NDArray[np.float32]


def precision(labels: Labels, outputs: Probabilities) -> float:
    """Of the examples that were given a class, the fraction that has it; 0 for a class that no example was given.

    Args:
        labels: (n,) int64.
        outputs: (n, classes) float32.
    """
    return _over_classes(labels, outputs, lambda hits, given, _: hits / given if given else 0.0)


def recall(labels: Labels, outputs: Probabilities) -> float:
    """Of the examples that have a class, the fraction that was given it; arguments as for `precision`."""
    return _over_classes(labels, outputs, lambda hits, _, true: hits / true if true else 0.0)


def f1_score(labels: Labels, outputs: Probabilities) -> float:
    """The harmonic mean of precision and recall, per class; arguments as for `precision`."""
    return _over_classes(labels, outputs, lambda hits, given, true: 2 * hits / (given + true) if given + true else 0.0)


def auc(labels: Labels, outputs: Probabilities) -> float:
    """The probability that an example of a class is ranked above one of another; ties count half.

    Returns:
        The mean over the classes that some examples have and others do not; NaN where there is no such class.
    """
    count = outputs.shape[1]
    classes = (1,) if count == 2 else range(count)  # noqa: PLR2004  two classes: the second is the one looked for
    areas = [_area(labels == label, outputs[:, label]) for label in classes]
    known = [area for area in areas if not math.isnan(area)]
    return float(np.mean(known)) if known else math.nan


METRICS: dict[str, Callable[[Labels, Probabilities], float]] = {
    "auc": auc,
    "f1_score": f1_score,
    "precision": precision,
    "recall": recall,
}
"""Metrics that Keras averages over one-hot columns, where every one of them would be the accuracy."""


def _over_classes(labels: Labels, outputs: Probabilities, figure: Callable[[int, int, int], float]) -> float:
    """A figure of (hits, examples given the class, examples that have it), by class.

    The mean is over the classes that occur, in labels or in predictions, as in scikit-learn.
    """
    predicted = np.argmax(outputs, axis=1)
    if outputs.shape[1] == 2:  # noqa: PLR2004  two classes: the second is the one looked for
        classes = [1]
    else:
        classes = sorted(set(np.unique(labels).tolist()) | set(np.unique(predicted).tolist()))
    values = []
    for label in classes:
        given, true = predicted == label, labels == label
        values.append(figure(int((given & true).sum()), int(given.sum()), int(true.sum())))
    return float(np.mean(values))


def _area(positive: NDArray[np.bool_], score: NDArray[np.float32]) -> float:
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        return math.nan
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))
