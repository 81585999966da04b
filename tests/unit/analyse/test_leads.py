"""Which of several lines is on top, from when on."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from bench.analyse.leads import leads


def test_lines_cross_where_they_meet_and_not_at_the_next_point() -> None:
    """Y = x passes y = 0.4 at 0.4, though its own points are at 0 and 1."""
    first, second = leads({"flat": ([0.0, 1.0], [0.4, 0.4]), "steep": ([0.0, 1.0], [0.0, 1.0])})
    assert ("flat", "steep") == (first.key, second.key)
    assert (0.4, 0.4) == pytest.approx((first.until, second.since))


def test_a_line_that_ends_keeps_its_value_and_one_that_begins_late_is_not_there() -> None:
    """The first ends at 1 with 0.9 and is never passed; the other begins at 2."""
    (only,) = leads({"quick": ([0.0, 1.0], [0.5, 0.9]), "late": ([2.0, 3.0], [0.1, 0.8])})
    assert ("quick", 0.0, 3.0) == (only.key, only.since, only.until)


def test_nobody_leads_where_lines_are_equal() -> None:
    """Equal lines have no leader."""
    assert leads({"a": ([0.0, 1.0], [0.5, 0.9]), "b": ([0.0, 1.0], [0.5, 0.9])}) == ()


@pytest.mark.parametrize("seed", range(5))
def test_whoever_leads_is_above_all_others(seed: int) -> None:
    """Of random lines, at places inside each lead and just outside its ends."""
    noise = random.Random(seed)  # noqa: S311
    lines = {
        key: (sorted(noise.uniform(0, 10) for _ in range(5)), [noise.random() for _ in range(5)]) for key in "abcd"
    }

    def height(key: str, place: float) -> float:
        return float(np.interp(place, *lines[key], left=-np.inf))

    found = leads(lines)
    assert found
    for lead in found:
        for part in (0.01, 0.5, 0.99):
            place = lead.since + part * (lead.until - lead.since)
            assert all(height(lead.key, place) >= height(other, place) - 1e-9 for other in lines)
    for before, after in itertools.pairwise(found):
        assert before.until <= after.since + 1e-9
