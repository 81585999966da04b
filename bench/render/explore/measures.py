"""What the axes of the plot can show of a cell: which measures of the registry, in which units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.score import Form
from bench.record.measures import BYTES, FRACTION, SECONDS, summary_measures

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.record.measures import Measure

Unit = tuple[float, str]
UNITS: dict[str, tuple[Unit, ...]] = {
    FRACTION: ((0.01, "%"),),
    SECONDS: ((3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms")),
    BYTES: ((2.0**30, "GiB"), (2.0**20, "MiB")),
}
"""In which units an axis may be drawn, the largest first."""
PLAIN: tuple[Unit, ...] = ((1.0, ""),)
WIDE = 10  # a range of more than this factor is read on a logarithmic axis
LEAST_ERROR = 1e-4  # no distance from the ceiling is drawn as less: a logarithm has no 0

SCORE, TIME, PARAMETERS = "score", "train-time", "parameters"
NAMES = {
    SCORE: "score_mean",
    "error": "test_error",
    TIME: "train_time_median_s",
    "epoch-time": "epoch_time_median_s",
    PARAMETERS: "parameter_count",
    "memory": "own_memory_bytes",
    "latency": "latency_median_s",
    "images-per-s": "images_per_s",
}
"""Key and measure of each axis that the plot can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotMeasure:
    """A measure that an axis of the plot can show.

    Attributes:
        measure: of the summary.
        units: in which an axis may be drawn, the largest first.
        ceiling: what its values cannot exceed, where a logarithmic axis is one of the distance from it, as in the
            report's charts; None where a logarithmic axis is one of the values.
    """

    key: str
    measure: Measure
    units: tuple[Unit, ...]
    ceiling: float | None = None

    def logarithmic(self, low: float, high: float) -> bool:
        """Whether values from `low` to `high` are better seen on a logarithmic axis."""
        if self.ceiling is not None:
            low, high = max(self.ceiling - high, LEAST_ERROR), max(self.ceiling - low, LEAST_ERROR)
        return low > 0 and high / low > WIDE

    def unit(self, low: float, high: float) -> Unit:
        """The largest unit in which the ticks of an axis from `low` to `high` are plain numbers."""
        reach = 2 * low if self.logarithmic(low, high) else high
        return next((unit for unit in self.units if reach >= 2 * unit[0]), self.units[-1])


def plot_measures(score: Score, example: str) -> tuple[PlotMeasure, ...]:
    """The axes that a run can have, its score first.

    Args:
        score: of the run.
        example: what an example is called.
    """
    measures = summary_measures(score, example)
    return tuple(
        PlotMeasure(
            key=key,
            measure=measures[name],
            units=_units(measures[name], score if key == SCORE else None),
            ceiling=_ceiling(score) if key == SCORE else None,
        )
        for key, name in NAMES.items()
    )


def _units(measure: Measure, score: Score | None) -> tuple[Unit, ...]:
    """A score that is not printed in percent is not drawn in percent either."""
    if score is not None and score.form is not Form.PERCENT:
        return PLAIN
    return UNITS.get(measure.unit, PLAIN)


def _ceiling(score: Score) -> float | None:
    """Of a fraction of which more is better, whose good values all lie close to 1."""
    return 1.0 if score.higher_is_better and (score.low, score.high) == (0.0, 1.0) else None
