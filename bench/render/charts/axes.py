"""Axes that suit their numbers: fractions where most are near 100 %, errors and times over powers of ten."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

from matplotlib.axis import XAxis
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from bench.core.formatting import number, points
from bench.core.score import Form, Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

_NUMBER = Score(name="value", heading="value", meaning="Any value.")
LEAST_ERROR = 1e-4  # smaller errors of a fraction are drawn as this error
LEAST_VALUE = 1e-12
LARGE = 1e7  # from here on a number at a tick has a power of ten
UNITS = ((3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))
MANY = 9  # ticks that an axis can hold
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)  # epochs between two ticks
WIDE = 10  # a range of more than this factor is read on a logarithmic axis
ERRORS = (0.9, 0.8, 0.6, 0.4, 0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02, 0.015, 0.01, 0.008, 0.006,
          0.005, 0.004, 0.003, 0.002, 0.001, 0.0005, 0.0002, 0.0001)  # fmt: skip
DURATIONS = (1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600,
             7200, 18000, 36000, 86400)  # fmt: skip


class Spacing(StrEnum):
    """How values of a score are spread along an axis."""

    EVEN = "even"
    ERRORS = "errors"  # by the logarithm of what a fraction lacks to 1
    POWERS = "powers"  # by the logarithm of the value


def spacing(values: Sequence[float], score: Score) -> Spacing:
    """How these values of a score are read best.

    Where one cell errs ten times as often as another, an even axis would press all good cells into one line; so would
    one of errors that are measured and differ by as much.
    """
    if not values:
        return Spacing.EVEN
    if score.higher_is_better and (score.low, score.high) == (0.0, 1.0):
        errors = [max(1 - value, LEAST_ERROR) for value in values]
        return Spacing.ERRORS if max(errors) / min(errors) > WIDE else Spacing.EVEN
    low, high = min(values), max(values)
    return Spacing.POWERS if not score.higher_is_better and low > 0 and high / low > WIDE else Spacing.EVEN


def position(value: float, by: Spacing) -> float:
    """Where a value is drawn; larger values never lie lower."""
    if by is Spacing.ERRORS:
        return -math.log10(max(1 - value, LEAST_ERROR))
    if by is Spacing.POWERS:
        # an interval may reach down to 0, where no logarithm is
        return math.log10(max(value, LEAST_VALUE))
    return value


def value_at(place: float, by: Spacing) -> float:
    """The value that is drawn at a place: the inverse of `position`."""
    return {Spacing.EVEN: place, Spacing.ERRORS: 1 - 10**-place, Spacing.POWERS: 10**place}[by]


def axis_label(score: Score, part: str = "test") -> str:
    """The label of an axis of a score: `test accuracy, %`, `test MAE (lower is better)`."""
    if score.form is Form.PERCENT:
        return f"{part} {score.heading}, %"
    return f"{part} {score.heading} ({score.direction})"


def change_label(score: Score, quantity: str) -> str:
    """The label of an axis of differences.

    Args:
        score: of the run.
        quantity: name of the difference, without its unit.
    """
    if not score.higher_is_better:
        return f"{quantity} ({score.direction})"
    return f"{quantity}, percentage points" if score.form is Form.PERCENT else quantity


def score_axis(axis: Axis, values: Sequence[float], score: Score, by: Spacing) -> None:
    """Limits and ticks for values drawn by `position`; a score in percent has ticks in percent."""
    places = [position(value, by) for value in values]
    if by is Spacing.POWERS:
        # ends of intervals at 0 would stretch the axis over powers of ten that hold nothing
        places = [position(value, by) for value in values if value > 0]
    low, high = min(places), max(places)
    if by is not Spacing.EVEN:
        margin = max((high - low) * 0.08, 0.01)
        limits = (low - margin, high + margin)
        _limit(axis, limits)
        _ticks(axis, _error_ticks(limits, score) if by is Spacing.ERRORS else _power_ticks(limits))
        return
    margin = max((high - low) * 0.08, 0.0005 if score.form is Form.PERCENT else abs(high) * 0.005, 1e-9)
    limits = (
        max(low - margin, score.floor),
        high + margin if high == score.ceiling else min(high + margin, score.ceiling),
    )
    _limit(axis, limits)
    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value, limits[1] - limits[0], score)))


def tick_text(value: float, span: float, score: Score) -> str:
    """A value at a tick, in as many digits as an axis over `span` with six ticks needs."""
    if score.form is Form.PERCENT:
        return points(value, 2 if span < 0.006 else 1 if span < 0.06 else 0)  # noqa: PLR2004  by tick distance
    if abs(value) >= LARGE or (span and span < 1 / LARGE):
        return number(value)
    digits = max(0, math.ceil(-math.log10(span / 6))) if span else 2
    return f"{value:,.{digits}f}"


def value_axis(axis: Axis, values: Sequence[float]) -> None:
    """Limits and ticks for values that are not scores, for example predictions; evenly spaced."""
    low, high = min(values), max(values)
    margin = (high - low) * 0.04 or abs(high) * 0.05 or 1.0
    limits = (low - margin, high + margin)
    _limit(axis, limits)
    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value, limits[1] - limits[0], _NUMBER)))


def _error_ticks(limits: tuple[float, float], score: Score) -> list[tuple[float, str]]:
    ticks: list[tuple[float, str]] = []
    for error in ERRORS:
        place = position(1 - error, Spacing.ERRORS)
        far = not ticks or place - ticks[-1][0] > (limits[1] - limits[0]) / 12
        if limits[0] <= place <= limits[1] and far:
            factor = 100 if score.form is Form.PERCENT else 1
            ticks.append((place, f"{factor * (1 - error):.4g}"))
    return ticks


def _power_ticks(limits: tuple[float, float]) -> list[tuple[float, str]]:
    return [(math.log10(value), f"{value:,g}") for value in _round_values(10 ** limits[0], 10 ** limits[1])]


def _round_values(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten between two values; the powers alone where these are many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    inside = [m * 10.0**p for p in powers for m in (1, 2, 5) if low <= m * 10.0**p <= high]
    return inside if len(inside) <= MANY else [10.0**p for p in powers if low <= 10.0**p <= high]


def logarithmic(seconds: Sequence[float]) -> bool:
    """Whether an axis of these times is logarithmic."""
    low, high = min(seconds), max(seconds)
    return low > 0 and high / low > WIDE


def time_axis(axis: Axis, seconds: Sequence[float]) -> None:
    """A logarithmic axis where the times differ by more than `WIDE`, else a linear one, each just wide enough.

    The marks are dots, not bars, so the axis need not include 0.
    """
    low, high = min(seconds), max(seconds)
    if logarithmic(seconds):
        _scale(axis, "log")
        limits = (low / 1.25, high * 1.25)
        _limit(axis, limits)
        inside = [value for value in DURATIONS if limits[0] <= value <= limits[1]]
        every = -(-len(inside) // 9) or 1
        _ticks(axis, [(value, _duration(value)) for value in inside[::every]])
        axis.set_minor_locator(NullLocator())
        return
    margin = max((high - low) * 0.12, high * 0.06)
    limits = (max(low - margin, 0.0), high + margin or 1.0)
    _limit(axis, limits)
    # one unit along the axis: 90 s beside 1 min is a sum for the reader
    unit, sign = next((unit, sign) for unit, sign in UNITS if limits[1] >= 2 * unit or unit == UNITS[-1][0])
    places = MaxNLocator(7, steps=[1, 2, 5, 10]).tick_values(limits[0] / unit, limits[1] / unit)
    _ticks(axis, [(float(place) * unit, f"{place:g} {sign}") for place in places])


def loss_axis(axis: Axis, losses: Sequence[float]) -> None:
    """A logarithmic axis where the losses differ by more than `WIDE`, with ticks enough to read it by."""
    low, high = min(losses), max(losses)
    if low <= 0 or high / low <= WIDE:
        return
    _scale(axis, "log")
    limits = (low / 1.15, high * 1.15)
    _limit(axis, limits)
    _ticks(axis, [(value, f"{value:g}") for value in _round_values(*limits)])
    axis.set_minor_locator(NullLocator())


def epoch_axis(axis: Axis, last: int) -> None:
    """From the first epoch to the last, both of them ticks."""
    _limit(axis, (1, last) if last > 1 else (0.5, 1.5))
    step = next((step for step in STEPS if last <= 6 * step), -(-last // 6))
    # a tick too near the last would run into it
    inner = [epoch for epoch in range(step, last, step) if epoch > 1 and last - epoch > step / 2]
    _ticks(axis, [(epoch, str(epoch)) for epoch in sorted({1, *inner, last})])


def quiet(axes: Axes, *, grid: str) -> None:
    """Leaves only the grid lines across `grid` (`x` or `y` or `both`) and no tick marks."""
    axes.grid(visible=False)
    axes.grid(visible=True, axis=grid)  # type: ignore[arg-type]
    axes.tick_params(length=0, pad=7)


def _duration(value: float) -> str:
    if value >= 7200 and value % 3600 == 0:  # noqa: PLR2004  hours from the second on
        return f"{value / 3600:g} h"
    return f"{value / 60:g} min" if value >= 60 and value % 60 == 0 else f"{value:g} s"  # noqa: PLR2004  whole minutes


def _ticks(axis: Axis, ticks: Sequence[tuple[float, str]]) -> None:
    axis.set_major_locator(FixedLocator([place for place, _ in ticks]))
    axis.set_major_formatter(FixedFormatter([text for _, text in ticks]))


def _limit(axis: Axis, limits: tuple[float, float]) -> None:
    (axis.axes.set_xlim if isinstance(axis, XAxis) else axis.axes.set_ylim)(limits)


def _scale(axis: Axis, scale: str) -> None:
    (axis.axes.set_xscale if isinstance(axis, XAxis) else axis.axes.set_yscale)(scale)
