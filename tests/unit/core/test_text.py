"""Text is made storable once, where it is recorded."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core.documents import json_value
from bench.core.text import storable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("half \ud800 character", "half \ufffd character"),
        ("\udfff\0", "\ufffd\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\ude00\ud83d\ud83d\ude00\ud83d", "\ufffd\ufffd\U0001f600\ufffd"),
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


@dataclass(frozen=True, slots=True)
class Value:
    """Stands for a record."""

    text: str
    parts: tuple[Any, ...] = ()
    by_name: dict[str, Any] = field(default_factory=dict)


def test_what_is_recorded_can_be_written_to_a_file() -> None:
    """Texts at any depth, and the keys of dicts; what holds no half character is the very same value."""
    whole = Value("\u00e9 \U0001f600", (1, 2.5, None, b"\xff"), {"a": "b"})
    assert whole == storable(whole)
    assert whole.parts is storable(whole).parts
    half = Value("\ud83d\0", ("x\udfff", [Value("\ud800y")]), {"\udc00": "\ud83d\ude00"})
    expected = Value("\ufffd\ufffd", ("x\ufffd", [Value("\ufffdy")]), {"\ufffd": "\U0001f600"})
    assert expected == storable(half)


class Place(NamedTuple):
    """A tuple whose items are arguments."""

    name: str
    number: int


def test_a_named_tuple_stays_one() -> None:
    """Its items are replaced like those of any other."""
    assert Place("\ufffd", 2) == storable(Place("\ud800", 2))
    assert isinstance(storable(Place("\ud800", 2)), Place)


def test_json_reads_a_pair_of_surrogates_in_the_same_way() -> None:
    """A text is the same whether a file or a record brought it."""
    for text in ("\ud83d\ude00", "a\U0001f600\ude00"):
        assert json_value(json.dumps(text)) == storable(text)
