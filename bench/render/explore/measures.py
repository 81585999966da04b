"""What the axes of the plot can show of a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.formatting import count, percent, percent_range, seconds, seconds_range, size

if TYPE_CHECKING:
    from collections.abc import Callable

Unit = tuple[float, str]
FRACTION: tuple[Unit, ...] = ((0.01, "%"),)
TIME: tuple[Unit, ...] = ((3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))
MEMORY: tuple[Unit, ...] = ((2.0**30, "GiB"), (2.0**20, "MiB"))
WIDE = 10  # a range of more than this factor is read on a logarithmic axis
LEAST_ERROR = 1e-4  # no error is drawn as less: a logarithm has no 0
NUMBER: tuple[Unit, ...] = ((1.0, ""),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something measured of every cell.

    Attributes:
        column: of `bench.analyse.stats.summary`, a value per cell.
        seeds: of the frame of trials, a value per trial; `test_error` is made from two of its columns.
        timed: whether only trials that ran alone count.
        units: in which an axis may be drawn, the largest first.
        text: prints a value.
        ends: columns of the summary that hold the ends of its interval; empty where it has none.
        interval: what that interval is.
        interval_text: prints it.
        mirrored: whether a logarithmic axis of it is one of its distance from 100 %, as in the report's charts.
    """

    key: str
    heading: str
    column: str
    seeds: str
    timed: bool
    units: tuple[Unit, ...]
    text: Callable[[float | None], str]
    ends: tuple[str, str] | None = None
    interval: str = ""
    interval_text: Callable[[float | None, float | None], str] = percent_range
    mirrored: bool = False

    def spread(self, low: float, high: float) -> bool:
        """Whether values from `low` to `high` are better seen on a logarithmic axis."""
        if self.mirrored:
            low, high = max(1 - high, LEAST_ERROR), max(1 - low, LEAST_ERROR)
        return low > 0 and high / low > WIDE

    def unit(self, low: float, high: float) -> Unit:
        """The largest unit in which the ticks of an axis from `low` to `high` are plain numbers."""
        reach = 2 * low if self.spread(low, high) else high
        return next((unit for unit in self.units if reach >= 2 * unit[0]), self.units[-1])


MEASURES = (
    Measure(
        key="accuracy", heading="accuracy", column="score_mean", seeds="score", timed=False, units=FRACTION,
        text=percent, ends=("score_low", "score_high"), interval="95 % interval of the mean",
        interval_text=percent_range, mirrored=True,
    ),
    Measure(
        key="error", heading="test error", column="test_error", seeds="test_error", timed=False, units=FRACTION,
        text=percent, ends=("error_low", "error_high"), interval="95 % interval of the median trial",
        interval_text=percent_range,
    ),
    Measure(
        key="train-time", heading="train time", column="train_time_median_s", seeds="train_time_s", timed=True,
        units=TIME, text=seconds, ends=("train_time_q1_s", "train_time_q3_s"), interval="quartiles",
        interval_text=seconds_range,
    ),
    Measure(
        key="epoch-time", heading="epoch time", column="epoch_time_median_s", seeds="epoch_time_s", timed=True,
        units=TIME, text=seconds,
    ),
    Measure(
        key="parameters", heading="parameters", column="parameter_count", seeds="parameter_count", timed=False,
        units=NUMBER, text=count,
    ),
    Measure(
        key="memory", heading="memory", column="own_memory_bytes", seeds="own_memory_bytes", timed=False,
        units=MEMORY, text=size,
    ),
    Measure(
        key="latency", heading="latency", column="latency_median_s", seeds="latency_s", timed=True, units=TIME,
        text=seconds,
    ),
    Measure(
        key="images-per-s", heading="images/s", column="images_per_s", seeds="images_per_s", timed=True, units=NUMBER,
        text=count,
    ),
)  # fmt: skip
