"""Spelling help."""

from __future__ import annotations

import pytest

from bench.core.names import listed, nearest


@pytest.mark.parametrize(
    ("name", "expected"), [("mnits", "mnist"), ("mnist", "mnist"), ("digit", "digits"), ("xyz", None), ("", None)]
)
def test_the_nearest_name(name: str, expected: str | None) -> None:
    """A slip finds its name; what is like none of them finds none."""
    assert expected == nearest(name, iter(["mnist", "fashion_mnist", "digits"]))


@pytest.mark.parametrize(
    ("names", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_names_in_a_sentence(names: list[str], expected: str) -> None:
    """However many there are."""
    assert expected == listed(iter(names))
