"""The shapes of `palette.MARKERS` as SVG paths, for the plots and for the list of architectures beside them."""

from __future__ import annotations

import math


def _polygon(corners: int, turn: float = -90.0, inner: float = 1.0) -> str:
    """A regular polygon around the origin, or a star where every second corner lies at `inner`.

    Args:
        corners: how many, or how many points of the star.
        inner: distance of a star's inner corners; 1 for a polygon.
        turn: direction of the first corner in degrees, -90 for up.
    """
    number = corners if inner == 1 else 2 * corners
    places = []
    for corner in range(number):
        angle = math.radians(turn + 360 * corner / number)
        reach = inner if corner % 2 and inner != 1 else 1.0
        places.append(f"{reach * math.cos(angle):.3f},{reach * math.sin(angle):.3f}")
    return f"M{'L'.join(places)}Z"


PLUS = "M-.3,-1H.3V-.3H1V.3H.3V1H-.3V.3H-1V-.3H-.3Z"
CROSS = "M-.55,-.95L0,-.4L.55,-.95L.95,-.55L.4,0L.95,.55L.55,.95L0,.4L-.55,.95L-.95,.55L-.4,0L-.95,-.55Z"
PATHS = {
    "o": "M-.9,0A.9,.9,0,1,1,.9,0A.9,.9,0,1,1,-.9,0Z",
    "s": "M-.8,-.8H.8V.8H-.8Z",
    "^": _polygon(3),
    "D": _polygon(4),
    "v": _polygon(3, 90),
    "P": PLUS,
    "X": CROSS,
    "p": _polygon(5),
    "h": _polygon(6),
    "<": _polygon(3, 180),
    ">": _polygon(3, 0),
    "*": _polygon(5, inner=0.45),
}
"""By matplotlib's name of the shape: a path that fills the square from -1 to 1, y downwards."""
