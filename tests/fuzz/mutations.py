"""Seeded damage: to the bytes of a file, and to the values of a JSON or TOML document."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

Mutation = Callable[[bytes, "random.Random"], bytes]

NUMBERS = (b"0", b"-1", b"1e308", b"-1e308", b"1e-320", b"1e400", b"NaN", b"9" * 40, b"9" * 6_000, b"1" + b"0" * 18)

HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 7, 2**31, 2**53, 2**63 - 1, 2**64, -(2**63), 10**40,
    0.0, -0.0, 0.5, 1.5, -0.5, 1e-320, 1e-30, 1e15, 1e99, 1e300, 1e308, -1e308, math.inf, -math.inf, math.nan,
    "", " ", "a", "nothing", "0", "-1", "cpu", "gpu:0", "none", "accuracy", "..", "/", "../../etc", "a/b",
    "a" * 5_000, "\x00", "\x1b[31mred", "\u202e", "\ufffe", "\ud800", "é" * 100, "a[/b]", "{x}", "%s", "{{ 7*7 }}",
    "=1+1", "\n::error::x", [], {}, [[]], [{}], {"a": {}}, [None], [1], [1, 2, 3], ["a"], [["a", 1]], {"a": 1},
    {"": 0}, {"schedule": "cosine"}, [0] * 300, list(range(50)), [1e308, 1e308], [math.nan],
)  # fmt: skip
"""Values of every type that stand where others are expected."""


def flip(data: bytes, chance: random.Random) -> bytes:
    """Some bits change."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def overwrite(data: bytes, chance: random.Random) -> bytes:
    """Some bytes become the smallest, the largest, or any."""
    changed = bytearray(data)
    start = chance.randrange(len(changed))
    for place in range(start, min(start + chance.choice((1, 2, 4, 8)), len(changed))):
        changed[place] = chance.choice((0, 255, 127, 128, chance.randrange(256)))
    return bytes(changed)


def truncate(data: bytes, chance: random.Random) -> bytes:
    """The end is missing."""
    return data[: chance.randrange(len(data))]


def duplicate(data: bytes, chance: random.Random) -> bytes:
    """A part stands there twice, or hundreds of times."""
    start, end = sorted((chance.randrange(len(data)), chance.randrange(len(data))))
    part = data[start : min(end + 1, start + 2_000)]
    return data[:end] + part * chance.choice((1, 1, 2, 200)) + data[end:]


def remove(data: bytes, chance: random.Random) -> bytes:
    """A part is missing."""
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.choice((1, 2, 8, 100)) :]


def splice(data: bytes, chance: random.Random) -> bytes:
    """Two parts change places."""
    first, second, third = sorted(chance.randrange(len(data)) for _ in range(3))
    return data[:first] + data[second:third] + data[first:second] + data[third:]


def blow_up(data: bytes, chance: random.Random) -> bytes:
    """A number becomes another, or has thousands of digits."""
    digits = [place for place, byte in enumerate(data) if 48 <= byte <= 57]
    if not digits:
        return overwrite(data, chance)
    start = end = chance.choice(digits)
    while end < len(data) and data[end : end + 1].isdigit():
        end += 1
    return data[:start] + chance.choice(NUMBERS) + data[end:]


def insert(data: bytes, chance: random.Random) -> bytes:
    """Something comes in between: brackets without end, quotes, line ends, commas."""
    place = chance.randrange(len(data))
    what = chance.choice(
        (b"[" * 3_000, b"{", b'{"a":' * 2_000, b'"', b"\n", b",", b"\x00", b"\xff", b"\xef\xbb\xbf", b"." * 3_000,
         b"x." * 3_000, b"]", b"}", b"\\ud800", b"=", b"#", b"'" * 3, b"\r", b";" * 2_000, b"," * 2_000)
    )  # fmt: skip
    return data[:place] + what + data[place:]


BYTES: tuple[Mutation, ...] = (flip, overwrite, truncate, duplicate, remove, splice, blow_up, insert)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a document that something can be put into, as its container and key."""
    found: list[tuple[Any, Any]] = []
    left = [value]
    while left:
        container = left.pop()
        keys = list(container) if isinstance(container, dict) else list(range(len(container)))
        found += [(container, key) for key in keys]
        left += [container[key] for key in keys if isinstance(container[key], (dict, list))]
    return found


def damage_document(document: Any, chance: random.Random) -> Any:
    """A copy in which some fields hold hostile values, are missing, renamed, doubled, or exchanged with others."""
    changed = copy.deepcopy(document)
    for _ in range(chance.choice((1, 1, 1, 1, 2, 3))):
        every = places(changed)
        if not every:
            break
        container, key = _chosen(every, chance)
        kind = chance.randrange(12)
        if kind < 6:
            container[key] = copy.deepcopy(chance.choice(HOSTILE))
        elif kind == 6:
            container[key] = _scaled(container[key], chance)
        elif kind == 7:
            del container[key]
        elif kind == 8 and isinstance(container, dict):
            container[chance.choice(("", "x", "nothing", "é", str(key) * 2))] = container.pop(key)
        elif kind == 9 and isinstance(container, list):
            container += [copy.deepcopy(container[key])] * chance.choice((1, 2, 50))
        elif kind == 10:
            nested: Any = container[key]
            for _ in range(chance.choice((1, 5, 60))):
                nested = [nested] if chance.random() < 0.5 else {"a": nested}
            container[key] = nested
        else:
            other, place = _chosen(every, chance)
            container[key] = copy.deepcopy(other[place]) if _there(other, place) else None
    return changed


def _chosen(every: list[tuple[Any, Any]], chance: random.Random) -> tuple[Any, Any]:
    """A place; each name of a field as likely as any other, however often it is there."""
    names = {str(key) if isinstance(key, str) else "#" for _, key in every}
    name = chance.choice(sorted(names))
    return chance.choice([place for place in every if (place[1] if isinstance(place[1], str) else "#") == name])


def _there(container: Any, key: Any) -> bool:
    return key in container if isinstance(container, dict) else key < len(container)


def _scaled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return [value, value]
    return chance.choice(
        (-value, value * 10, value * 10**9, value + 1, value - 1, value / 3, value * 1e300, value * 1e-300)
    )


def as_json(document: Any) -> bytes:
    """A document as JSON writes it, NaN and infinity included."""
    return json.dumps(document).encode()


def as_toml(document: dict[str, Any]) -> bytes:
    """A document as TOML writes it, inline; values that TOML lacks become texts."""
    return "\n".join(f"{_toml(str(key))} = {_toml(value)}" for key, value in document.items()).encode(
        "utf-8", "replace"
    )


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(str(key))} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps("none" if value is None else value, ensure_ascii=True)
