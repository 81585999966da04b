"""Spelling help: the nearest valid name to one that is not."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name most like `name`, or None where none is close (Ratcliff/Obershelp similarity of 0.6 or more)."""
    matches = get_close_matches(name, list(valid), n=1)
    return matches[0] if matches else None


def listed(names: Iterable[str], conjunction: str = "or") -> str:
    """Names as a sentence lists them: `a`, `a or b`, `a, b or c`; or with another word between the last two."""
    items = list(names)
    if len(items) < 2:  # noqa: PLR2004  a list of one needs no comma
        return "".join(items)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"
