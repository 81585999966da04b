"""Texts that were meant as numbers or as dates, and that nobody reads as such. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SPACES = " \u00a0\u202f'\u2019"  # that stand between thousands, no-break spaces and apostrophes among them
_PLAIN = r"\d+(?:\.\d*)?"
_GROUPED = rf"\d{{1,3}}(?:,\d{{3}})+(?:\.\d*)?|\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?:\.\d*)?"
_COMMA = rf"\d{{1,3}}(?:[.{_SPACES}]\d{{3}})+,\d+|\d+,\d+"
_AMOUNT = rf"(?:{_GROUPED}|{_COMMA})"
_UNIT = rf"[$€£¥] ?(?:{_AMOUNT}|{_PLAIN})|(?:{_AMOUNT}|{_PLAIN})[ \u00a0]?[%$€£¥]"
_NUMBER = re.compile(rf"[-+]?(?:{_AMOUNT}|{_UNIT})")
_TIME = r"(?:[T ]\d{1,2}:\d{2}.*)?"
_DATE = re.compile(
    rf"(?:\d{{4}}([-/.])\d{{1,2}}\1\d{{1,2}}|\d{{1,2}}([-/.])\d{{1,2}}\2\d{{4}}|\d{{1,2}}/\d{{1,2}}/\d{{2}}){_TIME}"
)


def looks_number(text: str) -> bool:
    """Whether a text is a number that `float` does not read: `1,234`, `3,5`, `1 000`, `12 %`, `$5`."""
    return _NUMBER.fullmatch(text.strip()) is not None


def looks_date(text: str) -> bool:
    """Whether a text is a date in figures, with or without a time: `2024-05-31`, `31.05.2024`, `5/31/24 10:00`."""
    return _DATE.fullmatch(text.strip()) is not None


def all_dates(texts: Iterable[str]) -> bool:
    """Whether there are texts, and each is a date."""
    different = list(texts)
    return bool(different) and all(map(looks_date, different))
