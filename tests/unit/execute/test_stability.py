"""When a timing is doubted: shares of the processors, frequency, and the spread of epochs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.execute.stability import Counters, doubt, read_counters, spread, stability
from bench.record.records import Stability

QUIET = Counters(clock=100.0, busy=500.0, steal=3.0, own=40.0, frequency=3000.0)
STEADY = [0.5, *[0.1] * 9]


def after(**changes: float | None) -> Counters:
    """Ten seconds later, during which this process took all of one of two processors."""
    return replace(QUIET, **{"clock": 110.0, "busy": 510.0, "own": 50.0, **changes})


def test_a_quiet_machine_is_not_doubted() -> None:
    """Nobody else, no steal, one frequency, equal epochs; the first epoch is not held against it."""
    found = stability(QUIET, after(), STEADY, cores=2)
    assert Stability(others_share=0.0, steal_share=0.0, frequency_drop=0.0, epoch_spread=0.0) == found
    assert "" == doubt(found)


@pytest.mark.parametrize(
    ("changes", "epochs", "reason"),
    [
        ({"busy": 513.0}, STEADY, "other programs took 15 % of the processors"),
        ({"steal": 5.0}, STEADY, "other virtual machines took 10 % of the processors"),
        ({"frequency": 2400.0}, STEADY, "the processors' frequency fell by 20 %"),
        (
            {},
            [0.9, 0.2, 0.2, 0.2, 0.3, 0.3],
            "epoch times were unstable (IQR 50 % of their median)",
        ),
        (
            {"busy": 513.0, "steal": 5.0},
            STEADY,
            "other programs took 15 % of the processors; other virtual machines took 10 % of the processors",
        ),
    ],
)
def test_each_disturbance_has_its_sentence(changes: dict[str, float], epochs: list[float], reason: str) -> None:
    """What was wrong and how much."""
    assert reason == doubt(stability(QUIET, after(**changes), epochs, cores=2))


@pytest.mark.parametrize("changes", [{"busy": 511.0}, {"steal": 3.5}, {"frequency": 2700.0}, {"frequency": None}])
def test_a_little_is_no_reason_to_doubt(changes: dict[str, float | None]) -> None:
    """Below the limits, or where it cannot be read."""
    assert "" == doubt(stability(QUIET, after(**changes), STEADY, cores=2))


def test_a_short_moment_says_nothing_of_shares() -> None:
    """The kernel counts in hundredths of a second."""
    found = stability(QUIET, after(clock=100.2), STEADY, cores=2)
    assert (None, None) == (found.others_share, found.steal_share)


def test_quartiles_of_few_epochs_say_nothing() -> None:
    """Four are too few, five are enough."""
    assert spread([0.1, 0.9, 0.1, 0.9]) is None
    assert 0.0 == spread([0.1] * 5)


def test_the_kernel_s_counters_go_forward() -> None:
    """Two real readings with arithmetic between them."""
    before = read_counters()
    sum(number * number for number in range(2_000_000))
    now = read_counters()
    assert now.clock > before.clock
    assert now.own > before.own
    assert now.busy >= before.busy
