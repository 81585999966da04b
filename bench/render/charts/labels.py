"""Names set beside points, where there is room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.render.charts.palette import stand_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

GLYPH, LINE, GAP = 6.9, 14.0, 13.0  # pixels: width of a DejaVu glyph at 11.5, height of a line, distance to the point
Box = tuple[float, float, float, float]  # left, bottom, right, top in pixels


def place_labels(
    axes: Axes, points: Sequence[tuple[float, float, str]], obstacles: Sequence[tuple[float, float]]
) -> None:
    """Names each point in turn where the name covers no other name and fewest points; those without room go unnamed.

    Args:
        axes: with its limits and size settled.
        points: x, y in data coordinates and the name, the most important first.
        obstacles: x, y of everything drawn that a name should not cover.
    """
    frame = axes.get_window_extent()
    dots = axes.transData.transform(np.reshape(obstacles, (-1, 2)))
    taken: list[Box] = []
    for x, y, text in points:
        px, py = axes.transData.transform((x, y))
        width = GLYPH * len(text)
        spots = [
            (px - width / 2, py + GAP, "center"),
            (px - width / 2, py - GAP - LINE, "center"),
            (px + GAP, py - LINE / 2, "left"),
            (px - GAP - width, py - LINE / 2, "right"),
            (px - width, py + GAP, "right"),
            (px, py + GAP, "left"),
            (px - width, py - GAP - LINE, "right"),
            (px, py - GAP - LINE, "left"),
        ]
        free = []
        for order, (left, bottom, align) in enumerate(spots):
            box = (left, bottom, left + width, bottom + LINE)
            inside = frame.x0 <= box[0] and box[2] <= frame.x1 + 8 and frame.y0 <= box[1] and box[3] <= frame.y1 + 8
            if inside and not any(_meet(box, other) for other in taken):
                covered = int(np.all((dots >= box[:2]) & (dots <= box[2:]), axis=1).sum())
                free.append((covered, order, box, align))
        if not free:
            continue
        covered, _, box, align = min(free)
        if covered > 1:  # a name nobody can read helps nobody
            continue
        taken.append(box)
        anchor = {"left": box[0], "right": box[2], "center": (box[0] + box[2]) / 2}[align]
        place = axes.transData.inverted().transform((anchor, (box[1] + box[3]) / 2))
        axes.text(
            place[0], place[1], text, ha=align, va="center", color=stand_in("ink"), fontsize=11, zorder=6,
            in_layout=False,
        )  # fmt: skip


def _meet(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]
