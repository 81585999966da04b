"""What a reader should take home from a comparison."""

from __future__ import annotations

from dataclasses import dataclass

NAME_WIDTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What a reader should take home from a comparison."""

    title: str
    sentences: tuple[str, ...]
