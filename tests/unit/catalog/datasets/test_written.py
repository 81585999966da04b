"""Texts that were meant as numbers or as dates."""

from __future__ import annotations

import pytest

from bench.catalog.datasets.written import all_dates, looks_date, looks_number


@pytest.mark.parametrize(
    "text", ["1,234", "1,234,567.5", "3,5", "-0,25", "1.234,5", "1 000", "1'000", "12%", "12.5 %", "$5", "€1,200.50"]
)
def test_numbers_that_nobody_reads(text: str) -> None:
    """Marks between thousands, decimal commas, percent and currencies."""
    assert looks_number(text)


@pytest.mark.parametrize("text", ["", "12", "1.5", "red", "1,2,3", "1.2.3", "10.0.0.1", "1-2", "A1,5", "12 34"])
def test_texts_that_are_no_such_numbers(text: str) -> None:
    """Names, lists, versions, and numbers that `float` reads."""
    assert not looks_number(text)


def test_dates() -> None:
    """In figures, with or without a time; years, versions and names are none."""
    assert all(map(looks_date, ["2024-05-31", "31.05.2024", "5/31/24 10:00", "2024-05-31T10:00:00Z"]))
    assert not any(map(looks_date, ["2024", "1.2.3", "10.12.11", "May 2024", "2024-05/31"]))
    assert (False, True) == (all_dates([]), all_dates(["2024-05-31"]))
