"""`-k EXPR`: which cells of a suite to take, by words in their ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.core.errors import BenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.declare.cell import Cell

    Test = Callable[[str], bool]

_TOKEN = re.compile(r"\s*(\(|\)|(?:and|or|not)(?=[\s()]|$)|[^\s()]+(?:\([^\s()]*\)[^\s()]*)*)")
"""A parenthesis, an operator, or a word; a word may hold parentheses, as `lr=cosine(initial=0.5)` does."""


def select(cells: Sequence[Cell], expression: str) -> tuple[Cell, ...]:
    """The cells whose id the expression holds for.

    Args:
        cells: of a suite.
        expression: words joined by `and`, `or`, `not` and parentheses; a word holds when it is part of the id,
            whatever its case. `not` binds closest, then `and`, then `or`.

    Raises:
        BenchError: the expression cannot be read, or no cell is left.
    """
    test = _Expression(expression).parse()
    chosen = tuple(cell for cell in cells if test(cell.id.lower()))
    if not chosen:
        examples = "\n  ".join(cell.id for cell in cells[:5])
        raise BenchError(f"No cell matches -k {expression!r}.", hint=f"Ids of this suite look like:\n  {examples}")
    return chosen


class _Expression:
    """A recursive-descent reading of `or` > `and` > `not` > word."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _TOKEN.findall(text)

    def parse(self) -> Test:
        try:
            test = self._or()
        except RecursionError:
            raise self._error("its parentheses are nested too deeply") from None
        if self.tokens:
            raise self._error(f"{self.tokens[0]!r} is one too many")
        return test

    def _or(self) -> Test:
        tests = [self._and()]
        while self._take("or"):
            tests.append(self._and())
        return lambda text: any(test(text) for test in tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self._take("and"):
            tests.append(self._not())
        return lambda text: all(test(text) for test in tests)

    def _not(self) -> Test:
        if self._take("not"):
            inner = self._not()
            return lambda text: not inner(text)
        if self._take("("):
            inner = self._or()
            if not self._take(")"):
                raise self._error("a parenthesis is not closed")
            return inner
        if not self.tokens or self.tokens[0] in {")", "and", "or"}:
            raise self._error("a word is missing")
        word = self.tokens.pop(0).lower()
        return lambda text: word in text

    def _take(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False

    def _error(self, reason: str) -> BenchError:
        return BenchError(
            f"-k {self.text!r} cannot be read: {reason}.",
            hint="Join words of a cell's id with and, or, not and parentheses: -k 'mlp and not lr=0.1'",
        )
