"""Two trainings of one trial, as `bench verify` prints them."""

from __future__ import annotations

import pytest

from bench.analyse.bits import Comparison, Likeness
from bench.render.verification import verification_row


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        (Comparison(Likeness.BITWISE, "", 0.0), ("bitwise equal, 4 digests", "-", "none")),
        (
            Comparison(Likeness.TOLERANCE, "epoch 1", 1.25e-7),
            ("equal within tolerance, 4 digests", "epoch 1", "1.25e-07"),
        ),
        (Comparison(Likeness.DIFFERENT, "step 1", None), ("not equal, 4 digests", "step 1", "-")),
    ],
)
def test_likeness_has_words(comparison: Comparison, expected: tuple[str, ...]) -> None:
    """How equal, where the two part, and by how much a weight differs."""
    assert ("a", "1", "fit", *expected) == verification_row("a", 1, "fit", 4, comparison)
