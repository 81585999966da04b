"""When a time is doubted: shares of the processors, frequency, the spread of epochs, and what the clock cannot tell."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from bench.execute.system.stability import (
    Counters,
    StabilityWatch,
    doubt_text,
    doubts,
    read_counters,
    spread,
    stability,
)
from bench.record.records import Doubt, Stability

QUIET = Counters(clock=100.0, idle=500.0, steal=3.0, own=40.0)
STEADY = [0.5, *[0.1] * 9]


def after(**changes: float | None) -> Counters:
    """Ten seconds later, during which this process took all of one of two processors."""
    return replace(QUIET, **{"clock": 110.0, "idle": 510.0, "own": 50.0, **changes})


def watched(changes: dict[str, float | None], *, timed_s: float = 10.0) -> Stability:
    return stability(QUIET, after(**changes), timed_s, cores=2)


def test_a_quiet_machine_is_not_doubted() -> None:
    """Nobody else, no steal, and a clock that is fine enough for ten seconds."""
    found = watched({})
    assert Stability(others_share=0.0, steal_share=0.0, resolution_share=0.01 / 20) == found
    assert ((), "") == (doubts(found), doubt_text(found, 10.0))


@pytest.mark.parametrize(
    ("changes", "found", "codes", "reason"),
    [
        ({"idle": 507.0}, {}, (Doubt.OTHERS,), "other programs took 15 % of the processors"),
        (
            {"idle": 508.0, "steal": 5.0},
            {},
            (Doubt.STEAL,),
            "other virtual machines took 10 % of the processors",
        ),
        ({}, {"frequency_drop": 0.2}, (Doubt.FREQUENCY,), "the processors' frequency fell by 20 %"),
        ({}, {"epoch_spread": 0.5}, (Doubt.EPOCHS,), "epoch times were unstable (IQR 50 % of their median)"),
        (
            {"idle": 505.0, "steal": 5.0},
            {},
            (Doubt.OTHERS, Doubt.STEAL),
            "other programs took 15 % of the processors; other virtual machines took 10 % of the processors",
        ),
    ],
)
def test_each_disturbance_has_its_code_and_its_sentence(
    changes: dict[str, float | None], found: dict[str, float], codes: tuple[Doubt, ...], reason: str
) -> None:
    """What was wrong and how much."""
    seen = replace(watched(changes), **found)
    assert codes == doubts(seen)
    assert reason == doubt_text(seen, 10.0)


@pytest.mark.parametrize(
    ("changes", "found"),
    [({"idle": 509.0}, {}), ({"idle": 509.5, "steal": 3.5}, {}), ({}, {"frequency_drop": 0.1}), ({"steal": None}, {})],
)
def test_a_little_is_no_reason_to_doubt(changes: dict[str, float | None], found: dict[str, float]) -> None:
    """Below the limits, or where it cannot be read."""
    assert () == doubts(replace(watched(changes), **found))


def test_what_others_took_is_a_share_of_what_was_timed() -> None:
    """90 % of two processors during 0.12 s of training, in a window of 1.5 s: 90 %, and not 7 %."""
    window = Counters(clock=101.5, idle=500.0 + 3.0 - 0.9 * 0.24 - 0.1, steal=3.0, own=40.1)
    found = stability(QUIET, window, 0.12, cores=2)
    assert pytest.approx(0.9) == found.others_share
    assert (Doubt.OTHERS,) == doubts(found)


@pytest.mark.parametrize(
    ("timed_s", "others_s", "codes"),
    [
        (0.2, 0.0, ()),
        (0.2, 0.015, ()),  # 3.75 % and 2.5 % that are unknown
        (0.2, 0.035, (Doubt.TOO_SHORT,)),  # 8.75 % read, at most 11.25 %
        (0.2, 0.045, (Doubt.OTHERS,)),
        (0.04, 0.0, (Doubt.TOO_SHORT,)),  # nothing read, at most 12.5 %
        (0.04, 0.01, (Doubt.OTHERS,)),
        (0.0, 0.0, (Doubt.TOO_SHORT,)),
    ],
)
def test_what_the_clock_cannot_tell_is_not_trusted(timed_s: float, others_s: float, codes: tuple[Doubt, ...]) -> None:
    """The kernel counts in hundredths of a second: what was read plus one of them has to be within the limit."""
    window = Counters(clock=100.0 + timed_s, idle=500.0 + timed_s - others_s, steal=3.0, own=40.0 + timed_s)
    found = stability(QUIET, window, timed_s, cores=2)
    assert codes == doubts(found)
    assert ("too short to tell" in doubt_text(found, timed_s)) == (codes == (Doubt.TOO_SHORT,))


def test_steal_that_the_clock_cannot_tell_counts_with_what_others_took() -> None:
    """4 % stolen, 4 % taken by programs and 2.5 % that are unknown may be more than 10 % together."""
    window = Counters(clock=100.2, idle=500.0 + 0.2 - 0.032, steal=3.016, own=40.2)
    assert (Doubt.TOO_SHORT,) == doubts(stability(QUIET, window, 0.2, cores=2))


def test_quartiles_of_few_epochs_say_nothing() -> None:
    """Four are too few, five are enough."""
    assert spread([0.1, 0.9, 0.1, 0.9]) is None
    assert 0.0 == spread([0.1] * 5)


def test_the_first_epoch_is_not_held_against_a_training() -> None:
    """It finds its memory and threads; the spread is that of the others."""
    watch = StabilityWatch()
    watch.begin()
    watch.lap()
    assert 0.0 == watch.stop(1.4, STEADY).epoch_spread


def test_the_kernel_s_counters_go_forward() -> None:
    """Two real readings with arithmetic between them."""
    before = read_counters()
    sum(number * number for number in range(2_000_000))
    now = read_counters()
    assert now.clock > before.clock
    assert now.own > before.own
    assert now.idle >= before.idle


def test_a_real_neighbour_of_a_short_measurement_is_noticed() -> None:
    """Programs on every processor during 0.12 s of work, in a window that is mostly sleep.

    Scaled to the work they took more than the limit; over the window alone they would not have shown.
    """
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(psutil.cpu_count() or 1)]
    try:
        time.sleep(0.3)  # until they run
        watch = StabilityWatch()
        watch.begin()
        begun = time.perf_counter()
        while time.perf_counter() - begun < 0.12:
            pass
        worked_s = time.perf_counter() - begun
        for one in busy:
            one.kill()
        time.sleep(0.5)
        watch.lap()
        found = watch.stop(worked_s)
    finally:
        for one in busy:  # only now: children that were waited for count as our own work
            one.kill()
            one.wait()
    assert Doubt.OTHERS in doubts(found)
    assert "of the processors" in doubt_text(found, worked_s)
