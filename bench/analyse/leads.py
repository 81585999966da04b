"""Which of several lines is on top, from when on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

POINTS = 4_000
"""Places at which lines are compared; changes of the line on top are searched for between them."""
HALVINGS = 50

Line = tuple["Sequence[float]", "Sequence[float]"]
"""x in ascending order, and y."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A line that is above all others from `since` up to `until`; both are x."""

    key: str
    since: float
    until: float


def leads(lines: Mapping[str, Line]) -> tuple[Lead, ...]:
    """The leads in their order; where several lines are on top together there is none.

    A line is straight between its points, begins at its first and keeps its last value.

    Args:
        lines: by key, of at least one point each.
    """
    keys = list(lines)
    start, end = min(x[0] for x, _ in lines.values()), max(x[-1] for x, _ in lines.values())
    places = np.linspace(start, end, POINTS) if end > start else np.array([start])
    heights = np.stack([_heights(line, places) for line in lines.values()])
    top = heights.argmax(axis=0)
    shared = np.isclose(heights, heights.max(axis=0), rtol=1e-12, atol=1e-12).sum(axis=0) > 1
    top = np.where(shared, -1, top)
    changes = [0, *(np.flatnonzero(np.diff(top)) + 1).tolist()]
    in_order = []
    for first, following in zip(changes, [*changes[1:], len(places)], strict=True):
        if top[first] >= 0:
            key = keys[top[first]]
            since = _since(lines, key, places[first - 1], places[first]) if first else float(places[0])
            until = _until(lines, key, places[following - 1], places[following]) if following < len(places) else end
            in_order.append(Lead(key, since, float(until)))
    return tuple(in_order)


def _heights(line: Line, places: Floats) -> Floats:
    x, y = line
    return np.asarray(np.interp(places, x, y, left=-np.inf), dtype=np.float64)


def _on_top(lines: Mapping[str, Line], key: str, place: float) -> bool:
    at = np.array([place])
    return bool(max(_heights(line, at)[0] for line in lines.values()) <= _heights(lines[key], at)[0])


def _since(lines: Mapping[str, Line], key: str, before: float, after: float) -> float:
    for _ in range(HALVINGS):
        middle = (before + after) / 2
        before, after = (before, middle) if _on_top(lines, key, middle) else (middle, after)
    return float(after)


def _until(lines: Mapping[str, Line], key: str, before: float, after: float) -> float:
    for _ in range(HALVINGS):
        middle = (before + after) / 2
        before, after = (middle, after) if _on_top(lines, key, middle) else (before, middle)
    return float(before)
