"""Names next to points, if there is room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.render.charts.palette import stand_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

GLYPH, LINE, GAP = 6.9, 14.0, 13.0  # pixels: width of a DejaVu glyph at 11.5, height of a line, distance to the point
RINGS = (GAP, 26.0, 42.0, 64.0)  # distances at which a place for a name is looked for
NEAR = 8  # places around a point at each distance
Box = tuple[float, float, float, float]  # left, bottom, right, top in pixels


def place_labels(
    axes: Axes,
    points: Sequence[tuple[float, float, str]],
    obstacles: Sequence[tuple[float, float]],
    marks: Sequence[tuple[float, float]] = (),
) -> None:
    """Names each point in turn where the name covers no other name and fewest points; those without room go unnamed.

    A name that is nearer to the mark of another point than to its own has a line to its own.

    Args:
        axes: with its limits and size settled.
        points: x, y in data coordinates and the name, the most important first.
        obstacles: x, y of everything drawn that a name should not cover.
        marks: x, y of all points that a reader might take a name to belong to, those named and others.
    """
    frame = axes.get_window_extent()
    dots, rivals = (axes.transData.transform(np.reshape(places, (-1, 2))) for places in (obstacles, marks))
    taken: list[Box] = []
    for x, y, text in points:
        px, py = axes.transData.transform((x, y))
        spots: list[tuple[int, bool, int, Box, str]] = []
        for order, (left, bottom, align) in enumerate(_spots(px, py, GLYPH * len(text), far=bool(len(marks)))):
            box = (left, bottom, left + GLYPH * len(text), bottom + LINE)
            inside = frame.x0 <= box[0] and box[2] <= frame.x1 + 8 and frame.y0 <= box[1] and box[3] <= frame.y1 + 8
            if inside and not any(_meet(box, other) for other in taken):
                covered = int(np.all((dots >= box[:2]) & (dots <= box[2:]), axis=1).sum())
                astray = order >= NEAR or not nearest(box, (px, py), rivals)
                spots.append((max(covered - 1, 0), astray, covered * NEAR * len(RINGS) + order, box, align))
        if not spots:
            continue
        hidden, astray, _, box, align = min(spots)
        if hidden:  # a name nobody can read helps nobody
            continue
        taken.append(box)
        anchor = {"left": box[0], "right": box[2], "center": (box[0] + box[2]) / 2}[align]
        place = axes.transData.inverted().transform((anchor, (box[1] + box[3]) / 2))
        if astray:
            end = axes.transData.inverted().transform(_edge(box, px, py))
            axes.plot(
                [x, end[0]], [y, end[1]], color=stand_in("ink"), linewidth=0.8, zorder=5, scalex=False, scaley=False
            )
        axes.text(
            place[0], place[1], text, ha=align, va="center", color=stand_in("ink"), fontsize=11, zorder=6,
            in_layout=False,
        )  # fmt: skip


def nearest(box: Box, own: tuple[float, float], rivals: np.ndarray) -> bool:
    """Whether the middle of a name is nearer to its own mark than to any other, all in pixels."""
    if not len(rivals):
        return True
    middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    return bool(np.hypot(*(rivals - middle).T).min() >= np.hypot(*(np.array(own) - middle)) - 0.5)


def _spots(px: float, py: float, width: float, *, far: bool) -> list[tuple[float, float, str]]:
    """Left, bottom and alignment of the places for a name around a point, the nearest first."""
    return [
        spot
        for gap in (RINGS if far else RINGS[:1])
        for spot in (
            (px - width / 2, py + gap, "center"),
            (px - width / 2, py - gap - LINE, "center"),
            (px + gap, py - LINE / 2, "left"),
            (px - gap - width, py - LINE / 2, "right"),
            (px - width, py + gap, "right"),
            (px, py + gap, "left"),
            (px - width, py - gap - LINE, "right"),
            (px, py - gap - LINE, "left"),
        )
    ]


def _edge(box: Box, px: float, py: float) -> tuple[float, float]:
    """The point of a name's box that is nearest to its mark."""
    return min(max(px, box[0]), box[2]), min(max(py, box[1]), box[3])


def _meet(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]
