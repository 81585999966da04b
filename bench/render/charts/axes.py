"""Axes that suit their numbers: accuracy where most of it is near 100 %, times over powers of ten."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.axis import XAxis
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from bench.core.formatting import points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

UNITS = ((3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))
MANY = 9  # ticks that an axis can carry
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)  # epochs between two ticks
WIDE = 10  # a range of more than this factor is read on a logarithmic axis
ERRORS = (0.9, 0.8, 0.6, 0.4, 0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02, 0.015, 0.01, 0.008, 0.006,
          0.005, 0.004, 0.003, 0.002, 0.001, 0.0005, 0.0002, 0.0001)  # fmt: skip
DURATIONS = (1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600,
             7200, 18000, 36000, 86400)  # fmt: skip


def spread_errors(accuracies: Sequence[float]) -> bool:
    """Whether these accuracies are better read by the logarithm of their error.

    Where one cell errs ten times as often as another, a linear axis would press all good cells into one line.
    """
    errors = [max(1 - accuracy, 1e-4) for accuracy in accuracies]
    return bool(errors) and max(errors) / min(errors) > WIDE


def position(accuracy: float, *, spread: bool) -> float:
    """Where an accuracy is drawn: itself, or minus the logarithm of its error."""
    return -math.log10(max(1 - accuracy, 1e-4)) if spread else accuracy


def accuracy_axis(axis: Axis, accuracies: Sequence[float], *, spread: bool) -> None:
    """Limits and ticks in percent for accuracies drawn by `position`."""
    places = [position(accuracy, spread=spread) for accuracy in accuracies]
    low, high = min(places), max(places)
    margin = max((high - low) * 0.08, 0.01 if spread else 0.0005)
    limits = (low - margin, high + margin)
    if not spread:
        limits = (max(limits[0], 0.0), limits[1] if high == 1 else min(limits[1], 1.0))
    _limit(axis, limits)
    if not spread:
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        digits = 2 if limits[1] - limits[0] < 0.006 else 1 if limits[1] - limits[0] < 0.06 else 0  # noqa: PLR2004  by tick distance
        axis.set_major_formatter(FuncFormatter(lambda value, _: points(value, digits)))
        return
    shown: list[tuple[float, str]] = []
    for error in ERRORS:
        place = position(1 - error, spread=True)
        far = not shown or place - shown[-1][0] > (limits[1] - limits[0]) / 12
        if limits[0] <= place <= limits[1] and far:
            shown.append((place, f"{100 * (1 - error):.4g}"))
    _ticks(axis, shown)


def time_axis(axis: Axis, seconds: Sequence[float]) -> None:
    """A logarithmic axis where the times differ by more than `WIDE`, else a linear one, each just wide enough.

    Dots show where a time lies, not how long a bar is: nothing asks for a 0 far off.
    """
    low, high = min(seconds), max(seconds)
    if low > 0 and high / low > WIDE:
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
    powers = range(math.floor(math.log10(limits[0])), math.ceil(math.log10(limits[1])) + 1)
    inside = [m * 10.0**p for p in powers for m in (1, 2, 5) if limits[0] <= m * 10.0**p <= limits[1]]
    # over many powers of ten the powers themselves are ticks enough
    shown = inside if len(inside) <= MANY else [10.0**p for p in powers if limits[0] <= 10.0**p <= limits[1]]
    _ticks(axis, [(value, f"{value:g}") for value in shown])
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


def _ticks(axis: Axis, shown: Sequence[tuple[float, str]]) -> None:
    axis.set_major_locator(FixedLocator([place for place, _ in shown]))
    axis.set_major_formatter(FixedFormatter([text for _, text in shown]))


def _limit(axis: Axis, limits: tuple[float, float]) -> None:
    (axis.axes.set_xlim if isinstance(axis, XAxis) else axis.axes.set_ylim)(limits)


def _scale(axis: Axis, scale: str) -> None:
    (axis.axes.set_xscale if isinstance(axis, XAxis) else axis.axes.set_yscale)(scale)
