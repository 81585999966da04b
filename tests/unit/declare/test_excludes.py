"""[[exclude]] tables are looked up by value, and match as they are defined."""

from __future__ import annotations

from typing import Any

from factories import cell
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.declare.excludes import Excludes, numbers
from bench.declare.schedule import Constant

values = st.one_of(
    st.integers(0, 2),
    st.sampled_from([0.0, 1.0, True, "a", "1", None]),
    st.lists(st.integers(0, 2), max_size=2),
    st.dictionaries(st.sampled_from("ab"), st.integers(0, 1), max_size=1),
)
tables = st.dictionaries(st.sampled_from(["units", "depth", "batch_size"]), st.one_of(values, st.lists(values)))


def by_definition(of: Any, exclude: dict[str, Any]) -> bool:
    """For every key, the excluded value or one of the excluded values."""
    for key, excluded in exclude.items():
        if key not in of.parameters and key != "batch_size":
            return False
        value = of.value(key)
        if value != excluded and value not in (excluded if isinstance(excluded, list) else [excluded]):
            return False
    return True


@settings(deadline=None)
@given(st.lists(tables, max_size=6), st.dictionaries(st.sampled_from(["units", "depth"]), values))
def test_tables_match_as_they_are_defined(excludes: list[dict[str, Any]], parameters: dict[str, Any]) -> None:
    """Whatever the values are: numbers, texts, lists and tables."""
    of = cell(parameters=parameters, batch_size=1)
    expected = [number for number, exclude in enumerate(excludes) if by_definition(of, exclude)]
    assert list(numbers(Excludes(excludes).matching(of))) == expected


class Counting(int):
    """A number that counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Counting.compared += 1
        return int(self) == other

    def __hash__(self) -> int:
        return hash(int(self))


def test_thousands_of_tables_are_not_compared_one_by_one() -> None:
    """500 cells and 500 tables: a few comparisons for each cell, not 500."""
    excludes = Excludes([{"units": Counting(number), "depth": number % 7} for number in range(500)])
    cells = [cell(parameters={"units": number, "depth": number % 7}) for number in range(500)]
    Counting.compared = 0
    assert [list(numbers(excludes.matching(of))) for of in cells] == [[number] for number in range(500)]
    assert Counting.compared < 5 * 500


def test_a_value_without_a_hash_is_compared() -> None:
    """A learning rate is a value of ours; one that cannot be looked up is found all the same."""

    class Unhashed:
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Unhashed)

    excludes = Excludes([{"learning_rate": [Constant(initial=0.5)]}, {"units": Unhashed()}])
    assert list(numbers(excludes.matching(cell(learning_rate=0.5, parameters={"units": Unhashed()})))) == [0, 1]
    assert list(numbers(excludes.matching(cell(learning_rate=0.5, parameters={"units": 1})))) == [0]
