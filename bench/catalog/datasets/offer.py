"""What the sources of data sets have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

# Called with what is going on, the bytes that have arrived, and the bytes expected; None where they are not known.
Progress: TypeAlias = Callable[[str, int | None, int | None], None]


class Offer(NamedTuple):
    """What a source says about a data set at a glance, without fetching or decoding anything.

    Attributes:
        available: whether it is worth trying.
        detail: where the data would come from, or why it cannot.
    """

    available: bool
    detail: str


def silent(message: str, done: int | None, expected: int | None) -> None:
    """A `Progress` for those who want to hear nothing."""
