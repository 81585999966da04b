"""A checksum for each column of a row: bits that flip on a disk are noticed, and named.

A row keeps its checksums in a column of its own, as `column=crc32` separated by spaces. Rows of earlier versions have
none, and are read as they are.
"""

from __future__ import annotations

import json
import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKS = "checks"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Damage:
    """A row of the store that is not what was written.

    Attributes:
        table: the table that holds it.
        row: its key as text: the id of a run or trial, or a place in a run's plan.
        columns: those that are damaged; `("missing",)` where the row itself is gone.
        run_id: the run whose `run.json` has the same values; empty where that is not known.
    """

    table: str
    row: str
    columns: tuple[str, ...]
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands in a column in place of the kind of value that belongs there."""

    raw: object


def sums(values: Mapping[str, Any]) -> str:
    """The checksums of a row's columns, as its column `checks` keeps them.

    Args:
        values: by column: None, bool, int, float, str, bytes, or JSON values.
    """
    return " ".join(f"{name}={_sum(value):08x}" for name, value in values.items())


def damaged(values: Mapping[str, Any], checks: object) -> tuple[str, ...]:
    """The columns of a row that are not what was written; empty for a sound row.

    Args:
        values: by column, as read.
        checks: what the row's column `checks` holds; None for a row of an earlier version, of which only values of
            a wrong kind are known to be damaged.
    """
    unreadable = tuple(name for name, value in values.items() if isinstance(value, Unreadable))
    if checks is None or unreadable:
        return unreadable
    expected = dict(part.partition("=")[::2] for part in str(checks).split(" "))
    if not set(values) <= set(expected):
        return (CHECKS,)
    return tuple(name for name, value in values.items() if expected[name] != f"{_sum(value):08x}")


def _sum(value: object) -> int:
    return zlib.crc32(_bytes(value))


def _bytes(value: object) -> bytes:
    """The same for a value as it is given to a database and as it comes back."""
    match value:
        case bytes():
            return b"b" + value
        case str():
            return b"s" + value.encode("utf-8", "surrogatepass")
        case bool() | int():
            return b"i%d" % value
        case float():
            # SQLite keeps NaN as NULL
            return b"n" if math.isnan(value) else b"f" + repr(value).encode()
        case None:
            return b"n"
    return b"j" + json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
