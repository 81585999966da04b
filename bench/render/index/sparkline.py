"""How the best score of a suite moved over its runs, as a line in a sentence's height."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT, EDGE = 220, 36, 5  # CSS pixels


def sparkline(values: Sequence[float]) -> str:
    """A small SVG line with a dot at the last value; empty for fewer than two values.

    Args:
        values: the oldest first, all finite.
    """
    if len(values) < 2:  # noqa: PLR2004  a point is no line
        return ""
    low, high = min(values), max(values)
    step = (WIDTH - 2 * EDGE) / (len(values) - 1)

    def y(value: float) -> float:
        part = (value - low) / (high - low) if high > low else 0.5
        return round(HEIGHT - EDGE - part * (HEIGHT - 2 * EDGE), 1)

    places = [(round(EDGE + number * step, 1), y(value)) for number, value in enumerate(values)]
    line = "L".join(f"{across:g},{down:g}" for across, down in places)
    across, down = places[-1]
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">'
        f'<path d="M{line}"/><circle cx="{across:g}" cy="{down:g}" r="3"/></svg>'
    )
