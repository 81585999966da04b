"""The leaderboard's small bars: the interval of a cell's score on a scale that all cells share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.render.charts.axes import Spacing, position, spacing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.core.score import Score

WIDTH, HEIGHT, EDGE = 160, 18, 5  # CSS pixels
NARROWEST = 3  # pixels of an interval that is to be seen at all


@dataclass(frozen=True, slots=True)
class Scale:
    """From values of a score to pixels; by a logarithm where errors differ by more than a factor of ten."""

    low: float
    high: float
    score: Score
    spacing: Spacing

    def x(self, value: float) -> float:
        """Pixels from the left edge."""
        low, high = (position(end, self.spacing) for end in (self.low, self.high))
        part = (position(value, self.spacing) - low) / (high - low) if high > low else 0.5
        return round(EDGE + part * (WIDTH - 2 * EDGE), 1)

    @property
    def text(self) -> str:
        """The values at the left and right end: `92.44 to 98.24 %`; empty where they are the same."""
        return self.score.range(self.low, self.high) if self.high > self.low else ""


def scale(values: Sequence[float], score: Score) -> Scale:
    """The scale that just holds these values of a score, which are not NaN."""
    return Scale(min(values), max(values), score, spacing(values, score))


def interval_bar(
    on: Scale, mean: float, interval: tuple[float, float] | None, seeds: Sequence[float], colour: str
) -> str:
    """An SVG element: the interval a band, each seed a dot, the mean a vertical line. The numbers are next to it.

    An upright mean hides no interval, however narrow that is on a scale that has to hold all cells.
    """
    middle = HEIGHT / 2
    parts = [f'<path d="M{EDGE},{middle:g}H{WIDTH - EDGE}" class="track"/>']
    if interval:
        low, high = (on.x(end) for end in interval)
        width = max(high - low, NARROWEST)
        parts.append(
            f'<rect x="{(low + high - width) / 2:g}" y="4" width="{width:g}" height="{HEIGHT - 8}" rx="2" '
            'class="interval"/>'
        )
    # lines of no length whose ends are round: all seeds are one element, which a table of hundreds of rows is glad of
    parts.append(f'<path d="{"".join(f"M{on.x(seed):g},{middle:g}h0" for seed in seeds)}" class="seed"/>')
    parts.append(f'<path d="M{on.x(mean):g},1V{HEIGHT - 1}" class="mean"/>')
    return (
        f'<svg class="bar" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true" '
        f'style="--c:var(--{colour})">{"".join(parts)}</svg>'
    )
