"""A cell's training as small lines, one for each seed; the numbers at their ends are next to them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT, EDGE = 300, 80, 4  # units of the drawing
POINTS = 30  # of a line
FACTOR = 10  # values that differ by more are drawn by their logarithm

Line = list[tuple[float, float]]
"""Epoch and value."""


def is_logarithmic(lines: Sequence[Line]) -> bool:
    """Whether lines are drawn by the logarithm of their values."""
    values = [value for line in lines for _, value in line]
    return bool(values) and min(values) > 0 and max(values) > FACTOR * min(values)


def curve_svg(solid: Sequence[Line], dashed: Sequence[Line]) -> str:
    """An SVG element, explained by a sentence next to it; empty if no line has two points.

    Args:
        solid: lines over the epochs, with finite values.
        dashed: further lines on the same scale.
    """
    lines = [line for line in (*solid, *dashed) if len(line) > 1]
    if not lines:
        return ""
    by_logarithm = is_logarithmic(lines)

    def height(value: float) -> float:
        return math.log(value) if by_logarithm else value

    epochs = [epoch for line in lines for epoch, _ in line]
    heights = [height(value) for line in lines for _, value in line]
    left, right, low, high = min(epochs), max(epochs), min(heights), max(heights)

    def path(line: Line) -> str:
        points = (
            f"{_place(epoch, left, right, WIDTH)},{HEIGHT - _place(height(value), low, high, HEIGHT)}"
            for epoch, value in _some(line)
        )
        return "M" + "L".join(points)

    drawn = (
        f'<path{kind} d="{"".join(path(line) for line in of if len(line) > 1)}"/>'
        for kind, of in (("", solid), (' class="dashed"', dashed))
        if any(len(line) > 1 for line in of)
    )
    return f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{"".join(drawn)}</svg>'


def _place(value: float, low: float, high: float, size: int) -> int:
    part = (value - low) / (high - low) if high > low else 0.5
    return round(EDGE + part * (size - 2 * EDGE))


def _some(line: Line) -> Line:
    """The line with at most `POINTS` points, its ends among them."""
    if len(line) <= POINTS:
        return line
    return [line[round(number * (len(line) - 1) / (POINTS - 1))] for number in range(POINTS)]
