"""Text that every file, database and page can hold."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar

REPLACEMENT = "\ufffd"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SUSPECT = re.compile(r"\\u(?:d[89a-f]|0000)")
"""In JSON: half of a surrogate pair, or NUL."""

T = TypeVar("T")


def storable(value: T) -> T:
    """The same value, in which every text can be encoded as UTF-8 and kept by any database.

    Args:
        value: JSON values, or a record: a dataclass, tuple, list, dict or text, to any depth. Whatever else is in it
            stays as it is.

    Returns:
        The value itself where nothing has to be replaced. Texts and keys are as `storable_text` makes them.
    """
    # most records have nothing to replace, and writing JSON is ten times as fast as walking through them
    return value if isinstance(value, (dict, list)) and _is_clean_json(value) else _replaced(value)


def storable_text(text: str) -> str:
    """Text without surrogates, which UTF-8 cannot encode, and without NUL, which some databases refuse.

    A high and a low surrogate next to each other become the character that they stand for, as JSON reads them. NUL and
    surrogates without their other half become U+FFFD.
    """
    if _UNSTORABLE.search(text) is None:
        return text
    return _UNSTORABLE.sub(REPLACEMENT, _PAIR.sub(_joined, text))


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _is_clean_json(value: object) -> bool:
    """Whether a value is JSON in which nothing has to be replaced."""
    try:
        return _SUSPECT.search(json.dumps(value)) is None
    except (TypeError, ValueError):
        return False


@cache
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401  a dataclass
    return tuple(field.name for field in fields(kind) if field.init)


def _replaced(value: Any) -> Any:  # noqa: ANN401  any value
    """The value, and the same object where nothing in it was replaced."""
    if value is None or isinstance(value, (int, float)):  # most of a record
        return value
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        made = {_replaced(key): _replaced(item) for key, item in value.items()}
        same = all(key in value and made[key] is value[key] for key in made)
        return value if same and len(made) == len(value) else made
    if isinstance(value, (list, tuple)):
        items = [_replaced(item) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        # a named tuple takes its items one by one
        return value if same else getattr(type(value), "_make", type(value))(items)
    return _record(value) if is_dataclass(value) and not isinstance(value, type) else value


def _record(value: Any) -> Any:  # noqa: ANN401  a dataclass
    """The same for a record."""
    changed = {}
    kind: Any = type(value)
    for name in _names(kind):
        item = getattr(value, name)
        if (new := _replaced(item)) is not item:
            changed[name] = new
    return replace(value, **changed) if changed else value
