"""Exceptions as the one line of a record."""

from __future__ import annotations

import pytest

from bench.execute.failures import LONGEST_REASON, sentence


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("one\nparagraph\n\nand a story"), "ValueError: one paragraph"),
        (KeyError(), "KeyError"),
        (
            ValueError("Exception encountered when calling Dense.call().\n\n\x1b[1mno room\x1b[0m\n\nArguments: many"),
            "ValueError: Exception encountered when calling Dense.call(). no room",
        ),
        (ValueError("x" * 1000), f"ValueError: {'x' * LONGEST_REASON}..."),
    ],
)
def test_an_exception_is_one_line(error: Exception, expected: str) -> None:
    """The type and the first paragraph; of Keras's wrapper also what it wraps."""
    assert expected == sentence(error)
