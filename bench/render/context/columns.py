"""The columns of the leaderboard: which measures it shows, in which order, and what stands beneath each."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.formatting import MISSING, elided
from bench.core.score import ACCURACY
from bench.declare.cell import SHORT
from bench.record.measures import metric_measures, summary_measures
from bench.render.context.values import NAME_WIDTH, Column, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.analyse.axes import Axis, Grid
    from bench.core.score import Score
    from bench.record.measures import Measure

    Row = pd.Series[Any]

SCORE, INTERVAL = "score", "interval"
AXES = 6
"""Settings that have columns of their own, at most."""
AXIS_WIDTH = 16
ENDS = "ends"
"""Beneath a value: the ends of its interval."""


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


@dataclass(frozen=True, slots=True)
class Place:
    """A measure's place on the leaderboard.

    Attributes:
        key: its name in the page.
        name: of the measure.
        beneath: the measure beneath it; `ENDS` for the ends of its own interval, empty for nothing.
        visible: whether a reader sees it at first.
    """

    key: str
    name: str
    beneath: str = ""
    visible: bool = True


DEVIATION = "score_std"

FIRST = (Place(SCORE, "score_mean", DEVIATION), Place(INTERVAL, "score_low"), Place("seeds", "n"))
BY_ACCURACY, BY_LOSS = Place("validation", "validation_accuracy_mean"), Place("validation", "validation_loss_mean")
"""What settings should be chosen by: accuracy is measured on held-out examples, other scores are not."""
REST = (
    Place("train", "train_time_median_s", ENDS),
    Place("target", "time_to_target_median_s"),
    Place("throughput", "images_per_s"),
    Place("parameters", "parameter_count"),
    Place("error", "test_error", ENDS, visible=False),
    Place("epoch", "epoch_time_median_s", visible=False),
    Place("share", "train_share", visible=False),
    Place("utilisation", "utilisation", visible=False),
    Place("latency", "latency_median_s", "latency_p99_s", visible=False),
    Place("memory", "own_memory_bytes", visible=False),
    Place("compile", "compile_time_median_s", visible=False),
    Place("total", "total_time_median_s", visible=False),
    Place("timed", "timed", visible=False),
    Place("engine", "engine", visible=False),
    Place("status", "status"),
)


def specs_for(cells: pd.DataFrame, score: Score, example: str, second: str = "") -> tuple[Spec, ...]:
    """The columns that have something to say of these cells, further metrics after the seeds behind them.

    The score and its interval are always among them.

    Args:
        cells: of one data set, of `bench.analyse.stats.summary`.
        score: of the run.
        example: what an example of that data set is called.
        second: the second of its two classes; empty where there are not two.
    """
    score = score.of_class(second) if second else score
    measures = summary_measures(score, example)
    chosen_by = BY_ACCURACY if score.name == ACCURACY.name else BY_LOSS
    specs = (
        *(_spec(place, measures, score) for place in FIRST),
        *(_metric_spec(metric) for metric in metric_measures(cells.columns, second)),
        *(_spec(place, measures, score) for place in (chosen_by, *REST)),
    )
    return tuple(spec for spec in specs if spec.column.key in {SCORE, INTERVAL} or _says_something(cells[spec.source]))


def _spec(place: Place, measures: Mapping[str, Measure], score: Score) -> Spec:
    measure = measures[place.name]
    beneath, sub = _beneath(place, measure, measures)
    return Spec(
        column=replace(
            _column(place.key, measure, beneath=beneath, visible=place.visible),
            sub_before="SD " if place.beneath == DEVIATION else "",
            sub_after=f" {score.unit}" if place.beneath == DEVIATION and score.unit else "",
        ),
        source=place.name,
        text=_interval(measures) if place.key == INTERVAL else _of(measure),
        sub=sub,
    )


def _of(measure: Measure) -> Callable[[Row], str]:
    return lambda row: measure.text(row[measure.name])


def _interval(measures: Mapping[str, Measure]) -> Callable[[Row], str]:
    measure = measures["score_mean"]
    low, high = measure.ends or ("", "")
    return lambda row: measure.span(row[low], row[high])


def _beneath(
    place: Place, measure: Measure, measures: Mapping[str, Measure]
) -> tuple[str, Callable[[Row], str] | None]:
    """What stands beneath a value: its name and what prints it."""
    if not place.beneath:
        return "", None
    if place.beneath == ENDS and measure.ends:
        low, high = measure.ends
        return measure.interval, lambda row: measure.span(row[low], row[high])
    other = measures[place.beneath]
    return other.heading, _of(other)


def _metric_spec(metric: Measure) -> Spec:
    key = re.sub(r"[^a-z0-9]+", "-", metric.name.lower())
    return Spec(column=_column(key, metric), source=metric.name, text=_of(metric))


def _column(key: str, measure: Measure, *, beneath: str = "", visible: bool = True) -> Column:
    return Column(
        key=key,
        heading=measure.title,
        meaning=measure.meaning,
        beneath=beneath,
        unit=measure.unit,
        small=measure.small,
        number=measure.number,
        visible=visible,
    )


def axis_columns(grid: Grid | None) -> tuple[Column, ...]:
    """A column for each setting in which cells of a data set differ, but for the architecture: their names begin so."""
    return tuple(
        Column(
            key=f"axis-{place}",
            heading=elided(SHORT.get(axis.name, axis.name), AXIS_WIDTH),
            meaning=f"The setting {elided(axis.name, NAME_WIDTH)} of the grid.",
            number=axis.numeric,
            small=True,
            axis=True,
        )
        for place, axis in enumerate(_axes(grid))
    )


def axis_values(grid: Grid | None, cell_id: str) -> tuple[Value, ...]:
    """A cell's value of each of these settings."""
    levels = next((cell.levels for cell in grid.cells if cell.cell_id == cell_id), {}) if grid else {}
    return tuple(
        Value(
            text=elided(levels.get(axis.name, MISSING), NAME_WIDTH),
            key=_sort_key(float(levels[axis.name])) if axis.numeric and axis.name in levels else "",
        )
        for axis in _axes(grid)
    )


def _axes(grid: Grid | None) -> list[Axis]:
    return [axis for axis in grid.axes if axis.name != "architecture"][:AXES] if grid else []


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
