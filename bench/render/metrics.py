"""Further metrics as readers see them: heading, definition, form of the number. Every table takes them from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.formatting import fraction, number, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

from bench.analyse.stats import METRIC


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricWords:
    """How a metric of the test set is shown.

    Attributes:
        column: of the frames.
        text: prints a value.
        unit: of the number that a copy holds; empty for a mere number.
        small: whether small values are the good ones.
    """

    column: str
    heading: str
    meaning: str
    text: Callable[[float | None], str]
    unit: str = ""
    small: bool = False


_CLASSES = "Of class 1 where there are two classes, else the mean over classes, each weighing the same."

_KNOWN: dict[str, tuple[str, str, Callable[[float | None], str]]] = {
    "auc": (
        "AUC",
        f"Area under the ROC curve: how often an example of the class is ranked above one of another. {_CLASSES}",
        fraction,
    ),
    "f1_score": ("F1", f"Harmonic mean of precision and recall. {_CLASSES}", percent),
    "precision": (
        "Precision",
        f"Of the test examples that were given a class, the fraction that has it. {_CLASSES}",
        percent,
    ),
    "recall": (
        "Recall",
        f"Of the test examples that have a class, the fraction that was given it. {_CLASSES}",
        percent,
    ),
    "top_k_categorical_accuracy": (
        "Top 5",
        "Fraction of test examples whose class is among the five most probable.",
        percent,
    ),
}
BUILDER = "builder_"
"""How the names of metrics begin that a builder compiled: what they are is not ours to say."""

_SMALL = ("error", "crossentropy", "divergence", "hinge", "loss", "poisson")


def metric_words(columns: Iterable[object]) -> tuple[MetricWords, ...]:
    """The metrics among the columns of a frame, in their order."""
    return tuple(_words(str(column)) for column in columns if str(column).startswith(METRIC))


def _words(column: str) -> MetricWords:
    name = column.removeprefix(METRIC)
    if name.startswith(BUILDER):
        own = name.removeprefix(BUILDER)
        meaning = f"The metric {own} as the builder compiled it, over the test set. Mean over the OK trials."
        return MetricWords(column=column, heading=f"{own} (builder)", meaning=meaning, text=number)
    plain = name.replace("_", " ")
    heading, meaning, text = _KNOWN.get(name, (plain[:1].upper() + plain[1:], f"{plain}, over the test set.", number))
    return MetricWords(
        column=column,
        heading=heading,
        meaning=f"{meaning} Mean over the OK trials.",
        text=text,
        unit="fraction" if text in {percent, fraction} else "",
        small=any(word in name for word in _SMALL),
    )
