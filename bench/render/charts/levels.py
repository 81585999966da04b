"""How charts of a grid name its axes and their levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.render.charts.canvas import name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

    from bench.analyse.axes import Axis, Grid

GLYPH = 6.9  # pixels: width of a DejaVu glyph at 11
GAP = 6.0  # pixels between two names
WIDEST = 20  # characters of a level below an axis
SETTING = 40  # characters of `axis=level` in a sentence
NAMED = 4  # levels that a sentence names


def setting(axis: str, level: str) -> str:
    """A level with its axis: `nodes=512`."""
    return f"{name(axis, SETTING)}={name(level, SETTING)}"


def several(names: Sequence[str], others: str = "others") -> str:
    """A few names one by one, of many the first and how many follow: `a, b and c`, `a, b, c and 7 others`."""
    texts = [name(level, SETTING) for level in names]
    if len(texts) > NAMED:
        texts = [*texts[: NAMED - 1], f"{len(texts) - NAMED + 1} {others}"]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def name_levels(axes: Axes, levels: Sequence[str], width: float) -> None:
    """The levels below an axis `width` pixels wide, a unit apart: turned where room is short, thinned if need be."""
    short = [name(level, WIDEST) for level in levels]
    slot = width / max(len(levels), 1)
    turned = max(map(len, short), default=0) * GLYPH + GAP > slot
    every = max(1, -int(-2 * GLYPH // slot)) if turned else 1
    style: dict[str, Any] = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    axes.set_xticks(range(0, len(levels), every), short[::every], **style)


def only_on(grid: Grid, grids: Sequence[Grid]) -> str:
    """The sentence of the note if a chart is of one of several data sets; else empty."""
    others = [other.dataset for other in grids if other is not grid]
    if not others:
        return ""
    return f" The chart is of the data set {name(grid.dataset, SETTING)}, not of {several(others)}."


def companions(axes: Iterable[Axis]) -> str:
    """The sentence of the note on settings that always change together with an axis; empty if there are none."""
    sentences = [
        f" {several(with_it)} {'changes' if len(with_it) == 1 else 'change'} with {name(axis.name, SETTING)} "
        "and cannot be separated from it."
        for axis in axes
        if (with_it := [companion for companion in axis.companions if companion != "builder"])
    ]
    return "".join(sentences)
