"""What a record says of an exception."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.core.errors import BenchError
from bench.core.formatting import printable, size

if TYPE_CHECKING:
    from bench.record.records import DeviceRecord

LONGEST_REASON = 400
"""Characters of what an exception or a log says that a reason quotes."""

LONGEST_TEXT = 2000
"""Characters of a whole reason: what is quoted, and what we say around it."""

_KERAS_PREFACE = "Exception encountered when calling"
"""Keras wraps what a layer raises: this sentence, then in a paragraph of its own what was raised."""

_BOLD = re.compile(r"\x1b\[[01]m")
"""How Keras marks that paragraph."""


def device_text(declared: str, device: DeviceRecord | None) -> str:
    """A device as a reason names it: the GPU that was used, with its product and memory.

    Args:
        declared: by the cell.
        device: as it was detected; None where it was not.
    """
    if device is None or device.name == "cpu":
        return declared
    known = ", ".join(filter(None, (device.description, size(device.memory_bytes) if device.memory_bytes else "")))
    return f"{device.name} ({known})" if known else device.name


def with_hint(error: Exception) -> str:
    """An error that speaks to the user, with its way out where it has one."""
    return f"{error} {error.hint}" if isinstance(error, BenchError) and error.hint else str(error)


def sentence(error: BaseException) -> str:
    """An exception as one line: its type, and the first paragraph of what it says."""
    paragraphs = _BOLD.sub("", _text(error)).strip().split("\n\n")
    first = paragraphs[: 2 if paragraphs[0].startswith(_KERAS_PREFACE) else 1]
    text = " ".join(" ".join(first).split())
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
