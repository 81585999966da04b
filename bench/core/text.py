"""Text that every file, database and page can hold."""

from __future__ import annotations

import json
import re
from typing import Any

REPLACEMENT = "\ufffd"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SUSPECT = re.compile(r"\\u(?:d[89a-f]|0000)")
"""In JSON: half of a surrogate pair, or NUL."""


def storable(value: Any) -> Any:  # noqa: ANN401  any JSON value
    """JSON values in which every text can be encoded as UTF-8 and kept by any database.

    Args:
        value: None, bool, number, text, list, or dict; nested as JSON allows.

    Returns:
        The same values; in texts and keys, NUL and lone surrogates are U+FFFD.
    """
    # most records have nothing to replace, and writing JSON is ten times as fast as walking through them
    return _replaced(value) if _SUSPECT.search(json.dumps(value)) else value


def storable_text(text: str) -> str:
    """Text with U+FFFD in place of NUL and of lone surrogates, which UTF-8 cannot encode."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def is_storable(text: str) -> bool:
    """Whether a text holds neither NUL nor a lone surrogate."""
    return _UNSTORABLE.search(text) is None


def _replaced(value: Any) -> Any:  # noqa: ANN401  any JSON value
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        return {_replaced(key): _replaced(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item) for item in value]
    return value
