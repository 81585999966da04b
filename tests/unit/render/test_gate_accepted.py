"""What an acceptance changes is said cell by cell."""

from __future__ import annotations

from factories import cell, result, trial

from bench.analyse.gate.acceptance import Approval, accept
from bench.render.gate.accepted import acceptance_changes

APPROVAL = Approval("2026-11-24T12:00:00+00:00", "A. Reviewer", "agreed")


def baseline(accuracy: float, seeds: int = 5, names: tuple[str, ...] = ("a", "b"), previous=None, **changes):
    trials = [trial(cell(name, **changes), seed, accuracy=accuracy) for name in names for seed in range(seeds)]
    return accept(result(*trials, gate={"margin": 0.005}), APPROVAL, previous)


def test_nothing_changed():
    """The same figures again change nothing that a reviewer has to see."""
    first = baseline(0.98)
    assert () == acceptance_changes(first, baseline(0.98, previous=first))


def test_every_change_has_a_line():
    """Means, seeds, settings, cells that come and go, and what fewer seeds mean."""
    told = acceptance_changes(baseline(0.98), baseline(0.96, 3, ("b", "c"), epochs=5))
    assert "No longer in the baseline: a@mnist@cpu" == told[0]
    assert "New in the baseline: c@mnist@cpu" == told[1]
    assert "b@mnist@cpu: 98.00 % -> 96.00 % (-2.00 points), 5 -> 3 seeds, other settings or data" == told[2]
    assert "the gate sees less" in told[3]
