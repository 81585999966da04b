"""How often a page calls networks equivalent or different that are not: stated, 5 % of pages; and what it finds.

Seeds vary as real ones do: in steps of a test set, skewed to the low side, and related or not between the two sides.
"""

from __future__ import annotations

import numpy as np
import pytest
from grids import significantly_above

from bench.analyse.equivalence import ERROR, Likeness, Sides, equivalences

MARGIN, IMAGES, DEVIATION = 0.005, 10_000, 0.001
NOISES = {
    "normal": lambda source, shape: source.standard_normal(shape),
    "skewed": lambda source, shape: 1 - source.exponential(size=shape),
    "heavy tails": lambda source, shape: source.standard_t(5, shape) / np.sqrt(5 / 3),
}


def pages(source, noise: str, differences: list[float], seeds: int, *, paired: bool) -> list[Sides]:
    """A page of comparisons with these true differences; with `paired`, half of a seed's variance is common."""
    draw, sides = NOISES[noise], []
    for difference in differences:
        common, first, second = draw(source, (3, seeds))
        values = [
            np.round((0.95 + shift + DEVIATION * (common + own if paired else np.sqrt(2) * own)) * IMAGES) / IMAGES
            for shift, own in ((0.0, first), (difference, second))
        ]
        numbers = (range(seeds), range(seeds) if paired else range(seeds, 2 * seeds))
        by_seed = [dict(zip(of, map(float, side), strict=True)) for of, side in zip(numbers, values, strict=True)]
        sides.append(Sides(first=by_seed[0], second=by_seed[1], margin=MARGIN, step=1 / IMAGES))
    return sides


def said(counted, noise: str, differences: list[float], seeds: int, word: Likeness, *, paired: bool) -> int:
    """On how many pages a comparison is called that."""
    source = np.random.default_rng(1)
    return sum(
        any(one.likeness is word for one in equivalences(pages(source, noise, differences, seeds, paired=paired)))
        for _ in range(counted.grids)
    )


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("seeds", [3, 5, 10])
@pytest.mark.parametrize("noise", ["normal", "heavy tails"])
@pytest.mark.parametrize("comparisons", [1, 4])
def test_networks_at_the_margin_are_rarely_called_equivalent(counted, comparisons, noise, seeds, paired):
    """True differences at the very margin, of either sign: at most 5 % of pages name one equivalent."""
    differences = [MARGIN if place % 2 else -MARGIN for place in range(comparisons)]
    count = said(counted, noise, differences, seeds, Likeness.EQUIVALENT, paired=paired)
    sides = "pairs" if paired else "groups"
    counted(f"at the margin called equivalent, {comparisons} of a page, {noise}, {seeds} {sides}", count, ERROR)
    assert not significantly_above(count, counted.grids, ERROR)


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("noise", NOISES)
def test_equal_networks_are_rarely_called_different(counted, noise, seeds, paired):
    """Four comparisons of a page."""
    count = said(counted, noise, [0.0] * 4, seeds, Likeness.DIFFERENT, paired=paired)
    sides = "pairs" if paired else "groups"
    counted(f"equal called different, 4 of a page, {noise}, {seeds} {sides}", count, ERROR)
    assert not significantly_above(count, counted.grids, ERROR)


@pytest.mark.parametrize(("seeds", "least"), [(3, 0.35), (5, 0.98), (10, 0.999)])
def test_equal_networks_are_found_equivalent(counted, seeds, least):
    """One comparison whose pairs deviate by 0.14 points, with a margin of half a point."""
    count = said(counted, "normal", [0.0], seeds, Likeness.EQUIVALENT, paired=True)
    counted(f"equal called equivalent, {seeds} pairs", count, None)
    assert count >= least * counted.grids


def test_a_test_of_no_difference_would_fail_these_tests(counted):
    """The tests can fail: who calls equivalent whatever is not significantly different errs far more often."""
    source = np.random.default_rng(2)
    wrong = 0
    for _ in range(counted.grids // 4):
        (one,) = equivalences(pages(source, "normal", [MARGIN], 3, paired=True))
        wrong += one.interval.holds(0.0)
    assert significantly_above(wrong, counted.grids // 4, ERROR)
