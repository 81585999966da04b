"""The columns of the leaderboard: what each is called, what it means, and what it says of a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.formatting import (
    count,
    interval_text,
    percent,
    percent_range,
    points,
    printable,
    seconds,
    seconds_range,
    size,
)
from bench.render.context.values import Column, Value
from bench.render.metrics import MetricWords, metric_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Row = pd.Series[Any]

ACCURACY, INTERVAL = "accuracy", "interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A column and how it is filled.

    Attributes:
        column: what the reader sees of it.
        source: the column of the summary it is read from: it decides whether there is anything to show, and the order
            when a reader sorts.
        text: what it says of a cell.
        sub: what stands beneath it, smaller.
    """

    column: Column
    source: str
    text: Callable[[Row], str]
    sub: Callable[[Row], str] | None = None


def _of(source: str, form: Callable[[float], str]) -> Callable[[Row], str]:
    return lambda row: form(row[source])


SPECS: tuple[Spec, ...] = (
    Spec(
        column=Column(
            key=ACCURACY,
            unit="fraction",
            heading="Accuracy",
            beneath="deviation",
            meaning="Fraction of the test images classified correctly after the last epoch, mean over the OK trials. "
            "No epoch is picked by its test accuracy. Beneath it, ±: the standard deviation over seeds in percentage "
            "points, with n - 1 in the denominator.",
        ),
        source="score_mean",
        text=_of("score_mean", percent),
        sub=_of("score_std", points),
    ),
    Spec(
        column=Column(
            key=INTERVAL,
            unit="fraction",
            heading="95 % interval",
            meaning="Student's t interval of the mean accuracy: how far the mean over other seeds could lie from ours. "
            "It says nothing about other test images, and nothing at all where all seeds are equal. Sorted by its "
            "lower end.",
        ),
        source="score_low",
        text=lambda row: interval_text(int(row["n"]), row["score_low"], row["score_high"]),
    ),
    Spec(
        column=Column(key="seeds", heading="Seeds", meaning="OK trials: the number behind every accuracy of the row."),
        source="n",
        text=lambda row: str(row["n"]),
    ),
    Spec(
        column=Column(
            key="validation",
            unit="fraction",
            heading="Validation",
            meaning="Accuracy on images held out from the training set, mean over the OK trials. Choose settings by "
            "it, never by the test accuracy: the best of many test accuracies flatters.",
        ),
        source="validation_accuracy_mean",
        text=_of("validation_accuracy_mean", percent),
    ),
    Spec(
        column=Column(
            key="train",
            unit="s",
            small=True,
            heading="Train time",
            beneath="quartiles",
            meaning="Median and quartiles over the OK trials that ran alone, on a machine that nobody else kept busy. "
            "All epochs; tracing, compiling and validation are left out.",
        ),
        source="train_time_median_s",
        text=_of("train_time_median_s", seconds),
        sub=lambda row: seconds_range(row["train_time_q1_s"], row["train_time_q3_s"]),
    ),
    Spec(
        column=Column(
            key="target",
            unit="s",
            small=True,
            heading="Time to target",
            meaning="Seconds of training until the target accuracy of the suite was reached, on the images held out or "
            "else on those trained on; median over the timed trials, and given only where all of them reached it.",
        ),
        source="time_to_target_median_s",
        text=_of("time_to_target_median_s", seconds),
    ),
    Spec(
        column=Column(
            key="throughput",
            heading="Images/s",
            meaning="Training images per second of training, median over the timed trials.",
        ),
        source="images_per_s",
        text=_of("images_per_s", count),
    ),
    Spec(
        column=Column(
            key="parameters",
            small=True,
            heading="Parameters",
            meaning="Trainable weights of the model, biases included.",
        ),
        source="parameter_count",
        text=_of("parameter_count", count),
    ),
    Spec(
        column=Column(
            key="error",
            unit="fraction",
            small=True,
            heading="Test error",
            beneath="95 % interval",
            meaning="Of the median trial, with Wilson's 95 % interval for a test set of this size: how far the error "
            "on other images of the same kind could lie. Seeds are not pooled, because all are judged on the same "
            "images.",
            shown=False,
        ),
        source="test_error",
        text=_of("test_error", percent),
        sub=lambda row: percent_range(row["error_low"], row["error_high"]),
    ),
    Spec(
        column=Column(
            key="epoch",
            unit="s",
            small=True,
            heading="Per epoch",
            meaning="Median over a trial's epochs, then over trials.",
            shown=False,
        ),
        source="epoch_time_median_s",
        text=_of("epoch_time_median_s", seconds),
    ),
    Spec(
        column=Column(
            key="utilisation",
            unit="fraction",
            heading="Utilisation",
            meaning="What a training step achieves of the device's arithmetic: the time its matrix products take on "
            "their own, measured after the training at the model's own shapes, over the time of the step.",
            shown=False,
        ),
        source="utilisation",
        text=lambda row: percent(row["utilisation"], 0),
    ),
    Spec(
        column=Column(
            key="latency",
            unit="s",
            small=True,
            heading="Latency",
            beneath="p99",
            meaning="Prediction of a single image: the median over the trials' medians, and beneath it the largest "
            "99th percentile.",
            shown=False,
        ),
        source="latency_median_s",
        text=_of("latency_median_s", seconds),
        sub=_of("latency_p99_s", seconds),
    ),
    Spec(
        column=Column(
            key="memory",
            unit="bytes",
            small=True,
            heading="Memory",
            meaning="The most the worker process held beyond what it was started with, the largest over trials.",
            shown=False,
        ),
        source="own_memory_bytes",
        text=_of("own_memory_bytes", size),
    ),
    Spec(
        column=Column(
            key="compile",
            unit="s",
            small=True,
            heading="Compile",
            meaning="Tracing and compiling, median; with the engine fit, everything up to the end of the first step.",
            shown=False,
        ),
        source="compile_time_median_s",
        text=_of("compile_time_median_s", seconds),
    ),
    Spec(
        column=Column(
            key="total",
            unit="s",
            small=True,
            heading="Whole trial",
            meaning="From the worker's first line to its last, median: data, building, compiling, training, testing "
            "and measuring.",
            shown=False,
        ),
        source="total_time_median_s",
        text=_of("total_time_median_s", seconds),
    ),
    Spec(
        column=Column(
            key="timed",
            heading="Timed trials",
            meaning="OK trials that had the machine to themselves: the number behind every time of the row.",
            shown=False,
        ),
        source="timed",
        text=lambda row: str(row["timed"]),
    ),
    Spec(
        column=Column(
            key="engine",
            heading="Engine",
            meaning="What drove the epochs: Model.fit, or one program per epoch, or that compiled by XLA.",
            number=False,
            shown=False,
        ),
        source="engine",
        text=lambda row: printable(str(row["engine"])),
    ),
    Spec(
        column=Column(
            key="status",
            heading="Status",
            meaning="OK where every seed gave a result. A trial that did not is listed under Failures and counts "
            "nowhere else.",
            number=False,
        ),
        source="status",
        text=lambda row: str(row["status"]),
    ),
)


def specs_for(cells: pd.DataFrame) -> tuple[Spec, ...]:
    """The columns that have something to say of these cells, further metrics after the seeds behind them.

    Accuracy and its interval are always among them.
    """
    at = 1 + next(index for index, spec in enumerate(SPECS) if spec.column.key == "seeds")
    specs = (*SPECS[:at], *(_metric_spec(metric) for metric in metric_words(cells.columns)), *SPECS[at:])
    return tuple(
        spec for spec in specs if spec.column.key in {ACCURACY, INTERVAL} or _says_something(cells[spec.source])
    )


def _metric_spec(metric: MetricWords) -> Spec:
    column = Column(
        key=re.sub(r"[^a-z0-9]+", "-", metric.column.lower()),
        unit=metric.unit,
        heading=printable(metric.heading),
        meaning=printable(metric.meaning),
        small=metric.small,
    )
    return Spec(column=column, source=metric.column, text=_of(metric.column, metric.text))


def values_of(row: Row, specs: Sequence[Spec]) -> tuple[Value, ...]:
    """A cell's values, in the order of the columns."""
    return tuple(
        Value(
            text=spec.text(row),
            sub=spec.sub(row) if spec.sub else "",
            key=_sort_key(row[spec.source]),
            end=_sort_key(row["score_high"]) if spec.column.key == INTERVAL else "",
        )
        for spec in specs
    )


def _says_something(values: pd.Series[Any]) -> bool:
    return bool((values != 0).any()) if values.dtype == "Int64" else bool(values.notna().any())


def _sort_key(value: object) -> str:
    """A number to sort by; text and what is missing have none."""
    return f"{value:.7g}" if isinstance(value, (int, float)) and not pd.isna(value) else ""
