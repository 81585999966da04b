"""The colours of the report, as CSS custom properties: one set for light pages, one for dark ones.

Architectures take the eight colours of Okabe and Ito (Color Universal Design, 2008), which people with any common
colour blindness can tell apart, darkened or lightened until each stands out from its page; a marker's shape repeats
what the colour says. matplotlib draws with stand-in colours, and `canvas` turns these into `var(--name)`, so that one
drawing serves both themes.

Heat goes from next to the page to far from it in steps of lightness (OKLab; Ottosson, 2020), so that its order is seen
without any sense of colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

COLOURS: dict[str, tuple[str, str]] = {  # name: (light, dark)
    "ink": ("#1c2024", "#e6e8ea"),
    "muted": ("#60666d", "#9aa2aa"),
    "rule": ("#dfe2e6", "#343a41"),
    "control": ("#858c94", "#78818a"),
    "shade": ("#c4c9cf", "#4a525a"),
    "paper": ("#ffffff", "#14171a"),
    "accent": ("#9a3412", "#f2a277"),
    "series-0": ("#0072b2", "#56a8e0"),
    "series-1": ("#c25100", "#f08a45"),
    "series-2": ("#007f5f", "#2fbf95"),
    "series-3": ("#a8508a", "#dd92c2"),
    "series-4": ("#a86f00", "#e6ae3c"),
    "series-5": ("#2b7fa8", "#8fd0f5"),
    "series-6": ("#76710a", "#d9d04f"),
    "series-7": ("#4f5963", "#c3c9cf"),
    "phase-0": ("#b9c0c8", "#59626c"),
    "phase-1": ("#8d97a2", "#7c8792"),
    "phase-2": ("#dccfae", "#8a7f5f"),
    "phase-3": ("#c98f5a", "#c98f5a"),
    "phase-4": ("#3d6a94", "#6f9fcc"),
    "phase-5": ("#7fb09b", "#5d9482"),
    "phase-6": ("#bcaed0", "#8f7fa8"),
    "heat-0": ("#daf3f4", "#1f2a3e"),
    "heat-1": ("#b2e2e7", "#20365a"),
    "heat-2": ("#7eccdc", "#234776"),
    "heat-3": ("#49accf", "#225b90"),
    "heat-4": ("#1d76b3", "#409ac4"),
    "heat-5": ("#215196", "#69c4d6"),
    "heat-6": ("#1a316e", "#b0ebea"),
}
SERIES = 8
HEATS = 7
INKED = 4  # steps of heat on which `ink` can be read; `paper` can on the others, in either theme
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "h", "<", ">", "*")


@dataclass(frozen=True, slots=True)
class Style:
    """How an architecture is drawn, everywhere.

    Attributes:
        colour: a name of `COLOURS`.
        marker: matplotlib's name of a shape.
    """

    colour: str
    marker: str


def styles(architectures: Iterable[str]) -> dict[str, Style]:
    """A style for each architecture, by the order of first appearance; colours recur after eight, shapes go on."""
    return {
        name: Style(f"series-{number % SERIES}", MARKERS[number % len(MARKERS)])
        for number, name in enumerate(dict.fromkeys(architectures))
    }


def stand_in(name: str) -> str:
    """The colour matplotlib draws with in place of `var(--name)`."""
    return f"#0a0b{list(COLOURS).index(name) + 1:02x}"


def css(theme: int) -> str:
    """The declarations of the light (0) or dark (1) colours."""
    return "".join(f"--{name}:{values[theme]};" for name, values in COLOURS.items())
