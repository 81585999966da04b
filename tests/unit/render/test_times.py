"""Ratios of times in sentences."""

from __future__ import annotations

import pytest

from bench.analyse.gate.pace import Ratio
from bench.core.formatting import about_one, factor
from bench.render.plan import rates_text
from bench.render.times import comparison, differ


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        ((2.0, 1.9, 2.1), "an epoch takes 2.00 times as long (1.90 to 2.10)"),
        ((0.4, 0.3, 0.5), "an epoch takes 0.40 times as long (0.30 to 0.50)"),
        ((0.004, 0.0031, 0.005), "an epoch takes 0.0040 times as long (0.0031 to 0.0050)"),
        ((1.004, 0.98, 1.03), "epoch times are about equal (ratio 0.98 to 1.03)"),
        ((1.03, 1.01, 1.06), "epoch times are about equal (ratio 1.01 to 1.06)"),
        ((1.01, 0.50, 2.04), "epoch times cannot be separated (ratio 0.50 to 2.04)"),
        ((1.30, 0.90, 1.90), "epoch times cannot be separated (ratio 0.90 to 1.90)"),
    ],
)
def test_a_figure_is_given_only_for_a_difference(ratio: tuple[float, float, float], expected: str) -> None:
    """Neither for times that are about equal nor for those that the data cannot separate."""
    value, low, high = ratio
    time = Ratio(value=value, low=low, high=high)
    assert comparison(time, "an epoch", "epoch times") == expected
    assert differ(time) == ("times as long" in expected)


def test_what_is_no_difference_would_print_as_one() -> None:
    """On both sides of 1."""
    ratios = [number / 1000 for number in range(500, 2000)]
    assert {factor(times) for times in ratios if times >= 1 and about_one(times)} == {"1.0"}
    assert "1.0" not in {factor(times) for times in ratios if times >= 1 and not about_one(times)}
    assert all(about_one(times) == about_one(1 / times) for times in ratios if abs(times - 1.05) > 1e-9)


def test_workers_that_gain_nothing_have_no_factor() -> None:
    """Two that do the work of one."""
    assert rates_text({1: 100.0, 2: 101.0, 4: 180.0}).startswith(
        "Measured on this machine: 2 do about as much work as 1, 4 do 1.80 times the work of 1."
    )
