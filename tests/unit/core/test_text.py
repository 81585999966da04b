"""Text is made storable once, where it is recorded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core.text import storable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("half \ud800 character", "half \ufffd character"),
        ("\udfff\0", "\ufffd\ufffd"),
        ("\ud83d\ude00", "\ufffd\ufffd"),
        ("\U0001f600 \ufffe é", "\U0001f600 \ufffe é"),
        ({"a\0": ["\udc80", 1, None, True, 0.1]}, {"a\ufffd": ["\ufffd", 1, None, True, 0.1]}),
        (r"\ud800 in a path", r"\ud800 in a path"),
    ],
)
def test_what_utf_8_cannot_hold_is_replaced(value: object, expected: object) -> None:
    """In texts and keys at any depth; whole characters stay as they are, and so do texts that look like an escape."""
    assert expected == storable(value)


ANY_TEXT = st.text(st.characters(codec=None, categories=("L", "N", "P", "Cs", "Cc", "So")))


@given(st.recursive(ANY_TEXT | st.integers() | st.none(), lambda inner: st.dictionaries(ANY_TEXT, inner), max_leaves=8))
def test_everything_becomes_storable(value: object) -> None:
    """Whatever the text, its JSON is UTF-8 without NUL, and a second pass changes nothing."""
    result = storable(value)
    repr(result).encode()
    assert result == storable(result)
    assert "\0" not in str(result)
