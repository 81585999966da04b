"""Cells and seeds become trials, in an order that is fair to every cell."""

from __future__ import annotations

import pytest
from factories import cell

from bench.declare.cell import Cell
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


def shapes(number: int, cells: int = 1) -> list[Cell]:
    """Cells of so many shapes, which differ by their batches; those of one shape differ by their learning rates."""
    return [
        cell(f"s{size}-{rate}", batch_size=size, learning_rate=0.1 * rate)
        for size in range(1, number + 1)
        for rate in range(1, cells + 1)
    ]


def order(cells: list[Cell], seeds: tuple[int, ...]) -> str:
    """Shapes and seeds in the order of the plan: `1a 2a` for the first seed of the first two shapes."""
    trials = plan(cells, seeds, lambda _: "s")
    return " ".join(f"{trial.cell.settings.batch_size}{'abcdefghij'[trial.seed]}" for trial in trials)


def test_four_shapes_take_turns_before_the_next_ones() -> None:
    """Seed by seed, so that what slows the machine down slows all four; a fifth begins a block of its own."""
    assert order(shapes(5), (0, 1)) == "1a 2a 3a 4a 1b 2b 3b 4b 5a 5b"


def test_cells_of_one_shape_are_neighbours() -> None:
    """They share a program."""
    assert order(shapes(2, cells=2), (0, 1)) == "1a 1a 2a 2a 1b 1b 2b 2b"


def test_every_block_has_some_seeds_before_any_has_all() -> None:
    """A shape is trained twelve times at most before the next block has its turn."""
    assert order(shapes(5, cells=6), (0, 1, 2)).split()[::6] == [
        *("1a", "2a", "3a", "4a", "1b", "2b", "3b", "4b", "5a", "5b"), *("1c", "2c", "3c", "4c", "5c"),
    ]  # fmt: skip
    assert order(shapes(1, cells=40), (0, 1)).split()[::40] == ["1a", "1b"]
