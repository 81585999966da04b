"""The one door for JSON and TOML: text that anybody may have written -> plain values within bounds. Pure.

What comes out is no deeper than a recursive function can go. It holds no number that a frame or a database cannot hold,
no key twice, and no text that cannot be written again.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any

from bench.core.files import open_file
from bench.core.text import storable

if TYPE_CHECKING:
    from pathlib import Path

DEEPEST = 40
"""Lists and tables inside each other; files of ours have at most 8."""

LARGEST_JSON_BYTES = 2**30
"""Ten thousand trials of a hundred epochs have a quarter of it."""

LARGEST_TOML_BYTES = 2**19
"""Two thousand [[exclude]] tables have a quarter of it; more takes seconds to parse."""

MOST_TOML_VALUES = 50_000
"""Values in one TOML document: each of them is checked."""

LONGEST_KEY = 200
"""Parts of a dotted key: the time that tomllib takes grows with their square. A text with so many words that all end in
a dot is taken for one."""

WHOLE = 2**53
"""Whole numbers are below it in size: what every column of a frame holds, those with gaps included."""

LARGEST = 1e100
"""Of numbers with a fraction: statistics square them, and add up thousands of squares. The largest float32 is 3e38."""

_LONG_KEY = re.compile(rf"""(?<![\w"'-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{LONGEST_KEY}}}""")

_TOO_DEEP = f"lists and tables nested more than {DEEPEST} deep"

_PIECE_BYTES = 2**20


def read_json(path: Path) -> Any:  # noqa: ANN401  whatever the file holds
    """The value in a JSON file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON, or not within bounds; the message is a clause that says why.
    """
    content = bytearray()
    with open_file(path) as file:
        # piece by piece: `read(n)` asks for the memory of n bytes, however short the file is
        while piece := file.read(_PIECE_BYTES):
            content += piece
            if len(content) > LARGEST_JSON_BYTES:
                raise ValueError(f"more than {LARGEST_JSON_BYTES:,} bytes")
    return json_value(content.decode("utf-8-sig"))  # some editors begin a file with a mark that says UTF-8


def json_value(content: str | bytes, *, figures: bool = True) -> Any:  # noqa: ANN401  whatever the text holds
    """The value of a JSON text.

    Args:
        content: UTF-8 where it is bytes.
        figures: whether every number with a fraction must be a figure; see `is_figure`.

    Raises:
        ValueError: it is no JSON, nested too deeply, names a key twice, or holds a number that is no figure or has
            more than 53 bits; the message is a clause that says why.
    """
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        value = json.loads(text, object_pairs_hook=_object, parse_int=_whole)
    except RecursionError as error:
        raise ValueError("lists and tables nested too deeply") from error
    check_value(value, figures=figures)
    # earlier versions recorded halves of characters, which no file, screen or database takes
    return value if text.isascii() and "\\u" not in text else storable(value)


def toml_document(text: str) -> dict[str, Any]:
    """The table of a TOML text.

    Raises:
        ValueError: it is no TOML, too long or nested too deeply; the message says why.
    """
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_TOML_BYTES:
        raise ValueError(f"more than {LARGEST_TOML_BYTES:,} bytes")
    if key := _LONG_KEY.search(text):
        raise ValueError(f"a key of more than {LONGEST_KEY} parts, {key[0][:20]}...")
    try:
        document = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("lists and tables nested too deeply") from error
    except ValueError as error:
        if isinstance(error, tomllib.TOMLDecodeError):
            raise
        raise ValueError("a number of too many digits") from error
    check_depth(document)
    if _values(document) > MOST_TOML_VALUES:
        raise ValueError(f"more than {MOST_TOML_VALUES:,} values")
    return document


def check_value(value: object, *, figures: bool = True) -> None:
    """Refuse what no frame or recursive function can take, wherever in a JSON value it stands.

    Args:
        value: as a reader of JSON gives it.
        figures: whether every number with a fraction must be a figure.

    Raises:
        ValueError: there is such a thing, with what it is.
    """
    level, depth = [value], 0
    while level:
        inner: list[Any] = []
        nested = False
        for item in level:
            if isinstance(item, float):
                if figures and not is_figure(item):
                    raise ValueError(
                        f"{item:g} is larger than any figure"
                        if math.isfinite(item)
                        else f"{item} is not a finite number"
                    )
            elif isinstance(item, dict):
                nested = True
                inner += item.values()
            elif isinstance(item, list):
                nested = True
                inner += item
            elif isinstance(item, int) and abs(item) >= WHOLE:
                raise ValueError("a whole number has more than 53 bits")
        depth += nested
        if depth > DEEPEST + 1:
            raise ValueError(_TOO_DEEP)
        level = inner


def is_figure(value: float) -> bool:
    """Whether a number is finite, and of a size that files, frames and statistics take."""
    return -LARGEST <= value <= LARGEST


def check_depth(value: object) -> None:
    """Refuse lists and tables that are nested more than `DEEPEST` deep.

    Raises:
        ValueError: they are.
    """
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return
    raise ValueError(_TOO_DEEP)


def _inside(value: object) -> list[Any]:
    """The lists and tables right inside another."""
    if isinstance(value, dict):
        return [item for item in value.values() if isinstance(item, (dict, list))]
    return [item for item in value if isinstance(item, (dict, list))] if isinstance(value, list) else []


def _values(document: dict[str, Any]) -> int:
    number = 0
    level: list[Any] = [document]
    while level:
        inner: list[Any] = [item for value in level for item in (value.values() if isinstance(value, dict) else value)]
        number += len(inner)
        level = [item for item in inner if isinstance(item, (dict, list))]
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = next(key for key, number in Counter(key for key, _ in pairs).items() if number > 1)
        raise ValueError(f"the key {twice[:60]!r} appears twice in one object")
    return made


def _whole(digits: str) -> int:
    if len(digits) > len(str(WHOLE)) + 1:
        raise ValueError("a whole number has more than 53 bits")
    return int(digits)
