"""What a record says of an exception."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from bench.core.errors import BenchError
from bench.core.formatting import printable

LONGEST_REASON = 400
"""Characters of what an exception or a log says that a reason quotes."""

LONGEST_TEXT = 2000
"""Characters of a whole reason: what is quoted, and what we say around it."""

_KERAS_PREFACE = "Exception encountered when calling"
"""Keras wraps what a layer raises: this sentence, then in a paragraph of its own what was raised."""

_BOLD = re.compile(r"\x1b\[[01]m")
"""How Keras marks that paragraph."""


def told(error: Exception) -> str:
    """An error that speaks to the user, with its way out where it has one."""
    return f"{error} {error.hint}" if isinstance(error, BenchError) and error.hint else str(error)


def sentence(error: BaseException) -> str:
    """An exception as one line: its type, and the first paragraph of what it says."""
    paragraphs = _BOLD.sub("", _text(error)).strip().split("\n\n")
    told = paragraphs[: 2 if paragraphs[0].startswith(_KERAS_PREFACE) else 1]
    text = " ".join(" ".join(told).split())
    text = shortened(text)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _text(error: BaseException) -> str:
    """What an exception says; nothing where it fails to say it."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001  the exception's own code, which may raise anything
        return ""


def shortened(text: str, longest: int = LONGEST_REASON) -> str:
    """The beginning of a text, with an ellipsis where something is left out."""
    return text if len(text) <= longest else f"{text[:longest]}..."


def reason_text(text: str) -> str:
    """A reason as a record keeps it: printable, and of bounded length."""
    return shortened(printable(text), LONGEST_TEXT)


T = TypeVar("T")


def storable(value: T) -> T:
    """The same value, in which no text holds half a character.

    A lone surrogate is a legal part of a Python string and of no file: neither UTF-8 nor a database takes it.

    Args:
        value: a frozen dataclass, tuple, list, dict or text, to any depth; whatever else is in it stays as it is.
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # type: ignore[return-value]
    if isinstance(value, (tuple, list)):
        items = [storable(item) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return type(value)(items)
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        old = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        changed = {name: new for name, item in old.items() if (new := storable(item)) is not item}
        return replace(value, **changed) if changed else value
    return value
