"""What is kept of an example that is no picture."""

from __future__ import annotations

import numpy as np

from bench.commands.exhibits import values_of


def test_a_row_of_a_table_has_its_columns() -> None:
    """Whole numbers are printed as such, the order is that of the columns."""
    x = np.array([[3.0, 0.25, 1e6]], np.float32)
    assert (("rooms", "3"), ("area", "0.25"), ("price", "1000000")) == values_of(x, ("rooms", "area", "price"))


def test_a_wide_row_has_its_first_columns() -> None:
    """Twenty-four of thirty."""
    values = values_of(np.zeros((1, 30), np.float32), tuple(f"c{number}" for number in range(30)))
    assert (24, "c23") == (len(values), values[-1][0])


def test_a_sequence_has_its_first_values_in_one_text() -> None:
    """Ids stay whole numbers, and how many there are is said."""
    ((name, text),) = values_of(np.arange(500, dtype=np.int32).reshape(1, 500), ())
    assert "input" == name
    assert text.startswith("0 1 2 3")
    assert text.endswith("22 23 ... (500 values)")


def test_several_inputs_have_a_text_each() -> None:
    """By their names."""
    x = {"left": np.array([[1, 2]]), "right": np.array([[0.5]])}
    assert (("left", "1 2"), ("right", "0.5")) == values_of(x, ())
