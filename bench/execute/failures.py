"""What a record says of an exception."""

from __future__ import annotations

import re

from bench.core.errors import BenchError

LONGEST_REASON = 400

_KERAS_PREFACE = "Exception encountered when calling"
"""Keras wraps what a layer raises: this sentence, then in a paragraph of its own what was raised."""

_BOLD = re.compile(r"\x1b\[[01]m")
"""How Keras marks that paragraph."""


def told(error: Exception) -> str:
    """An error that speaks to the user, with its way out where it has one."""
    return f"{error} {error.hint}" if isinstance(error, BenchError) and error.hint else str(error)


def sentence(error: BaseException) -> str:
    """An exception as one line: its type, and the first paragraph of what it says."""
    paragraphs = _BOLD.sub("", str(error)).strip().split("\n\n")
    told = paragraphs[: 2 if paragraphs[0].startswith(_KERAS_PREFACE) else 1]
    text = " ".join(" ".join(told).split())
    text = text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
