"""Cells and seeds become trials, in an order that is fair to every cell."""

from __future__ import annotations

import pytest
from factories import cell

from bench.declare.plan import plan

A, B = cell("a", builder="softmax", parameters={}), cell("b")


def test_seeds_are_interleaved() -> None:
    """All cells come with their first seed, then all with their second."""
    trials = plan((A, B), (3, 1, 2), lambda _: "signature")
    assert [(A, 3), (B, 3), (A, 1), (B, 1), (A, 2), (B, 2)] == [(trial.cell, trial.seed) for trial in trials]


def test_keys_are_stable_and_all_different() -> None:
    """The same plan has the same keys; no two of its trials share one."""
    keys = [trial.key for trial in plan((A, B), (1, 2), lambda _: "signature")]
    assert keys == [trial.key for trial in plan((A, B), (1, 2), lambda _: "signature")]
    assert 4 == len(set(keys))
    assert {64} == {len(key) for key in keys}


def test_a_key_changes_with_the_signature() -> None:
    """Other data, code or environment makes another trial; the function is asked once per cell."""
    asked = []
    one = plan((A,), (1, 2), lambda of: asked.append(of) or "one")  # type: ignore[func-returns-value]
    two = plan((A,), (1, 2), lambda _: "two")
    assert set() == {trial.key for trial in one} & {trial.key for trial in two}
    assert [A] == asked


def test_a_name_is_no_part_of_a_key() -> None:
    """A cell that only goes by another name in another suite is trained already."""
    (one,), (two,) = (plan((cell(name),), (1,), lambda _: "s") for name in ("a", "b"))
    assert one.key == two.key


@pytest.mark.parametrize(("cells", "seeds"), [((), (1,)), ((A,), ())])
def test_a_plan_of_nothing_is_empty(cells: tuple[object, ...], seeds: tuple[int, ...]) -> None:
    """No cells or no seeds, no trials."""
    assert () == plan(cells, seeds, lambda _: "s")  # type: ignore[arg-type]
