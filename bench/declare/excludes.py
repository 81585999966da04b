"""Which [[exclude]] tables match a cell: looked up by value, so that thousands of tables cost a grid no time. Pure."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.declare.cell import Cell

_MISSING = object()


class Excludes:
    """The tables of a suite, indexed.

    Sets of tables are whole numbers: bit i stands for table i, counted from 0.

    Args:
        tables: each the excluded value, or a list of excluded values, by key.
    """

    def __init__(self, tables: Sequence[dict[str, Any]]) -> None:
        self._all = (1 << len(tables)) - 1
        self._keys = {key: _Key(key, tables) for key in dict.fromkeys(key for table in tables for key in table)}

    def matching(self, cell: Cell) -> int:
        """The set of tables for whose every key a cell has the excluded value or one of the excluded values."""
        left = self._all
        for key, index in self._keys.items():
            if not left:
                break
            try:
                value = cell.value(key)
            except KeyError:
                value = _MISSING
            left &= index.matching(value)
        return left


def numbers(tables: int) -> Iterator[int]:
    """The tables of a set, counted from 0."""
    while tables:
        lowest = tables & -tables
        yield lowest.bit_length() - 1
        tables ^= lowest


class _Key:
    """What tables exclude of one key."""

    def __init__(self, key: str, tables: Sequence[dict[str, Any]]) -> None:
        self.silent = 0  # tables that do not name the key
        self.by_value: dict[Any, int] = {}
        self.others: list[tuple[Any, int]] = []  # values without a hash, and their table
        for number, table in enumerate(tables):
            table_bit = 1 << number
            if key not in table:
                self.silent |= table_bit
                continue
            excluded = table[key]
            # a builder's list parameter is one value: hidden = [32] drops the network of one layer of 32
            for value in [excluded, *(excluded if isinstance(excluded, list) else ())]:
                try:
                    frozen = _frozen(value)
                    self.by_value[frozen] = self.by_value.get(frozen, 0) | table_bit
                except TypeError:
                    self.others.append((value, table_bit))

    def matching(self, value: object) -> int:
        """The set of tables that do not name the key, or exclude this value."""
        tables = self.silent
        with suppress(TypeError):  # a value without a hash equals only values without one
            tables |= self.by_value.get(_frozen(value), 0)
        for other, table_bit in self.others:
            if value == other:
                tables |= table_bit
        return tables


def _frozen(value: object) -> Any:  # noqa: ANN401  any value with a hash
    """A value with a hash, equal to that of every equal value.

    Raises:
        TypeError: it holds one that has none.
    """
    if isinstance(value, (list, tuple)):
        return (type(value), tuple(map(_frozen, value)))
    if isinstance(value, dict):
        return (dict, frozenset((key, _frozen(item)) for key, item in value.items()))
    hash(value)
    return value
