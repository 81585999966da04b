"""One door for JSON and TOML: what comes through it can be handled by everything behind it."""

from __future__ import annotations

import json
import re

import pytest

from bench.core.documents import json_value, read_json, toml_document


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "lists and tables nested too deeply"),
        ("[" * 42 + "]" * 42, "lists and tables nested more than 40 deep"),
        ('{"a":' * 50 + "1" + "}" * 50, "lists and tables nested more than 40 deep"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "the key 'c' appears twice in one object"),
        ("[1e400]", "inf is not a finite number"),
        ("[NaN]", "nan is not a finite number"),
        ("9" * 5_000, "a whole number has more than 53 bits"),
        (str(2**53), "a whole number has more than 53 bits"),
        (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ],
)
def test_json_that_nothing_can_take_is_refused(text: str | bytes, message: str) -> None:
    """Depth, keys that stand twice, numbers without end: each with what is wrong."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        json_value(text)


def test_json_that_is_fine_comes_back_as_it_is() -> None:
    """Whatever it holds."""
    deep = json.loads("[" * 39 + "]" * 39)
    value = {"deep": deep, "a": [1, 2.5, None, True, "ä😀", {"b": [], "c": {}}], "": -(2**53) + 1}
    assert json_value(json.dumps(value)) == json_value(json.dumps(value).encode()) == value


def test_numbers_that_are_no_figures_may_be_let_in() -> None:
    """The store has them from earlier versions; nesting and digits are bounded there too."""
    assert json_value("[NaN, 1e400, 1e300]", figures=False)[1:] == [float("inf"), 1e300]
    for text in ("[" * 100 + "]" * 100, str(2**53)):
        with pytest.raises(ValueError, match=r"nested more than|53 bits"):
            json_value(text, figures=False)


def test_half_a_character_is_replaced() -> None:
    """Earlier versions recorded them, in values and in keys; a whole pair is a character."""
    assert json_value(r'{"\ud800a": ["\udfff", "\ud83d\ude00"]}') == {"\ufffda": ["\ufffd", "😀"]}
    assert json_value('["\ud800", "\udfff\\u0000"]') == ["\ufffd", "\ufffd\ufffd"]


def test_a_file_without_end_is_refused(monkeypatch, tmp_path) -> None:
    """No more is read than may be."""
    monkeypatch.setattr("bench.core.documents.LARGEST_JSON_BYTES", 10)
    (tmp_path / "a.json").write_text("[1, 2, 3]")
    assert read_json(tmp_path / "a.json") == [1, 2, 3]
    (tmp_path / "a.json").write_text("[1, 2, 3, 4]")
    with pytest.raises(ValueError, match="more than 10 bytes"):
        read_json(tmp_path / "a.json")


@pytest.mark.parametrize(
    "key", ["a." * 5_000 + "a", "'a' . " * 250 + "b", '"a b".' * 250 + "b", "[" + "a." * 250 + "a]"]
)
def test_a_key_of_thousands_of_parts_is_refused_at_once(key: str) -> None:
    """The time of tomllib grows with the square of its parts: it never sees the key."""
    with pytest.raises(ValueError, match="a key of more than 200 parts"):
        toml_document(key + " = 1" * (key[0] != "["))


def test_prose_and_numbers_are_no_key() -> None:
    """Dots in texts and lists are fine."""
    text = 'note = "' + "Words. " * 150 + '"\nnumbers = [' + "0.5, " * 500 + "]\n"
    assert toml_document(text)["numbers"] == [0.5] * 500
