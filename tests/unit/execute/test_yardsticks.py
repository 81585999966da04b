"""When the rate of a device is measured, and which of several measurements counts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from factories import cell

from bench.execute.harness.yardsticks import ATTEMPTS, Yardsticks
from bench.record.records import Doubt, RateSource, Yardstick


def task(**changes: Any) -> Any:
    """What a yardstick is wanted for: all that is read of it is its cell."""
    return SimpleNamespace(cell=cell(**changes))


def measured(flops_per_s: float, *doubts: Doubt) -> Yardstick:
    return Yardstick(
        flops_per_s=flops_per_s,
        source=RateSource.NUMPY,
        shape=(512, 512, 512),
        dtype="float32",
        threads=2,
        doubts=doubts,
    )


def test_a_device_is_measured_once() -> None:
    """For all cells of a configuration, whatever their model is."""
    yardsticks = Yardsticks()
    assert yardsticks.wanted(task())
    assert yardsticks.find(task()) is None
    yardsticks.keep(task(), measured(1e9), spent_s=0.5)
    assert not yardsticks.wanted(task(epochs=3, learning_rate=0.5))
    assert measured(1e9) == yardsticks.find(task(epochs=3))
    assert 0.5 == yardsticks.spent_s


@pytest.mark.parametrize(
    "change", [{"device": "cpu[threads=1]"}, {"precision": "mixed_bfloat16"}, {"deterministic": True}]
)
def test_other_threads_precisions_and_settings_for_exact_bits_have_their_own(change: dict[str, Any]) -> None:
    """What a worker sets before it runs decides how fast it multiplies."""
    yardsticks = Yardsticks()
    yardsticks.keep(task(), measured(1e9), spent_s=0.5)
    assert yardsticks.wanted(task(**change))
    assert yardsticks.find(task(**change)) is None


def test_every_backend_has_a_rate_of_its_own() -> None:
    """The kernels of one say nothing of another's."""
    known = Yardsticks()
    known.keep(task(), measured(1e9), spent_s=0.5)
    assert not known.wanted(task())
    assert known.wanted(task(backend="jax"))
    assert known.wanted(task(backend="torch"))


def test_a_disturbed_measurement_is_repeated_but_not_for_ever() -> None:
    """The fastest product counts; in doubt it stays until one measurement was not disturbed."""
    yardsticks = Yardsticks()
    yardsticks.keep(task(), measured(2e9, Doubt.OTHERS), spent_s=0.5)
    assert yardsticks.wanted(task())
    yardsticks.keep(task(), measured(1e9, Doubt.OTHERS), spent_s=0.5)
    assert measured(2e9, Doubt.OTHERS) == yardsticks.find(task())
    yardsticks.keep(task(), measured(1.5e9), spent_s=0.5)
    assert measured(2e9) == yardsticks.find(task())
    busy = Yardsticks()
    for _ in range(ATTEMPTS):
        assert busy.wanted(task())
        busy.keep(task(), measured(2e9, Doubt.OTHERS), spent_s=0.5)
    assert not busy.wanted(task())


def test_a_measurement_that_failed_is_not_tried_again() -> None:
    """The trials are trained without it."""
    yardsticks = Yardsticks()
    yardsticks.keep(task(), None, spent_s=0.1)
    assert not yardsticks.wanted(task())
    assert yardsticks.find(task()) is None
