"""Two trainings beside each other."""

from __future__ import annotations

import numpy as np
import pytest

from bench.analyse.bits import Likeness, compare, first_difference

LADDER = (("initialised", "a"), ("step 1", "b"), ("epoch 1", "c"))
WEIGHTS = (np.array([[1.0, -2.0]], np.float32), np.zeros(2, np.float32))


def parted(*digests: str) -> tuple[tuple[str, str], ...]:
    """The ladder's rungs with other digests."""
    return tuple((name, digest) for (name, _), digest in zip(LADDER, digests, strict=False))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (LADDER, ""),
        (parted("x", "b", "c"), "initialised"),
        (parted("a", "x", "c"), "step 1"),
        (parted("a", "x", "y"), "step 1"),
        (parted("a", "b", "x"), "epoch 1"),
        (LADDER[:2], "epoch 1"),
        ((*LADDER, ("epoch 2", "d")), "epoch 2"),
        ((), "initialised"),
    ],
)
def test_the_first_rung_that_differs(other: tuple[tuple[str, str], ...], expected: str) -> None:
    """Later rungs differ because an earlier one did; a rung that only one has differs too."""
    assert expected == first_difference(LADDER, other)
    assert expected == first_difference(other, LADDER)


def test_equal_digests_are_equal_bits() -> None:
    """Nothing else is looked at."""
    found = compare(LADDER, LADDER, WEIGHTS, WEIGHTS)
    assert (Likeness.BITWISE, "", 0.0) == (found.likeness, found.parted, found.largest)


def test_a_small_difference_is_within_tolerance() -> None:
    """The largest one is told."""
    other = (WEIGHTS[0] * np.float32(1 + 1e-5), WEIGHTS[1])
    found = compare(LADDER, parted("a", "x", "y"), WEIGHTS, other)
    assert (Likeness.TOLERANCE, "step 1") == (found.likeness, found.parted)
    assert found.largest == pytest.approx(2e-5, rel=0.1)


@pytest.mark.parametrize(
    ("other", "largest"),
    [
        ((WEIGHTS[0], np.array([0.0, 0.5], np.float32)), 0.5),
        ((WEIGHTS[0],), None),
        ((WEIGHTS[0], np.zeros(3, np.float32)), None),
        ((WEIGHTS[0] * np.float32("nan"), WEIGHTS[1]), pytest.approx(np.nan, nan_ok=True)),
    ],
    ids=["far off", "fewer arrays", "another shape", "not a number"],
)
def test_anything_else_is_not_equal(other: tuple[np.ndarray, ...], largest: float | None) -> None:
    """Weights of another shape, or that are no numbers, are never within tolerance."""
    found = compare(LADDER, parted("a", "b", "x"), WEIGHTS, other)
    assert (Likeness.DIFFERENT, "epoch 1", largest) == (found.likeness, found.parted, found.largest)
