"""The gate on 40 real seeds of `digits`, trained four times: as it is, and with a small change.

A check draws ten seeds for the baseline, and takes some of them again for the run, from the same or another training.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from grids import Grids, green, judged, regressed, significantly_above

from bench.analyse.gate.decision import Call

RIGHT = json.loads(Path(__file__).with_name("digits_seeds.json").read_text())["right"]
POINTS = {change: np.array(list(cells.values())) / 3.6 for change, cells in RIGHT.items()}
"""By change, (cells, seeds) float64: accuracies in percentage points, of 360 test images."""

AS_IT_IS = "as it is"
CELLS = len(POINTS[AS_IT_IS])


def checks(number: int, change: str, *, seeds: int = 5, margin: float, drop: float = 0.0, shared=True) -> np.ndarray:
    """The calls of so many checks, (number, cells)."""
    order = np.random.default_rng(1).permuted(np.tile(np.arange(40), (number, 1)), axis=1)
    first = 0 if shared else 10
    base = POINTS[AS_IT_IS][:, order[:, :10]].swapaxes(0, 1)
    current = POINTS[change][:, order[:, first : first + seeds]].swapaxes(0, 1) - drop
    grids = Grids(cells=CELLS, margin=margin, seeds=seeds, shared=seeds if shared else 0, step=1 / 3.6)
    return judged(grids, base, current)


@pytest.mark.parametrize(
    ("change", "margin", "seeds", "least"),
    [
        (AS_IT_IS, 2.0, 3, 0.95),  # the suite's own margin and seeds
        (AS_IT_IS, 0.5, 5, 1.0),
        ("engine fit", 0.5, 5, 1.0),
        ("19 epochs", 1.0, 5, 0.99),
        ("19 epochs", 0.5, 5, 0.62),
        ("learning rate 0.09", 1.0, 5, 0.95),
    ],
)
def test_a_small_change_is_green(counted, change, margin, seeds, least):
    """Shared seeds say that nothing was lost, where two sets of seeds cannot."""
    count = int(green(checks(counted.grids, change, margin=margin, seeds=seeds)).all(axis=1).sum())
    counted(f"digits, {change}, 10/{seeds} seeds in pairs, margin {margin}: all green", count, least)
    assert count >= least * counted.grids
    apart = int(green(checks(counted.grids, change, margin=margin, seeds=seeds, shared=False)).all(axis=1).sum())
    counted(f"digits, {change}, 10/{seeds} other seeds, margin {margin}: all green", apart, None)
    assert apart <= count


@pytest.mark.parametrize("shared", [True, False], ids=["shared seeds", "other seeds"])
def test_a_point_less_is_found(counted, shared):
    """In every cell; with shared seeds in every check."""
    calls = checks(counted.grids, AS_IT_IS, margin=0.5, drop=1.0, shared=shared)
    count = int((calls == Call.REGRESSED).sum()) // CELLS
    counted(f"digits, a drop of 1 point is found, 10/5 {'shared' if shared else 'other'} seeds, per cell", count, 0.7)
    assert count == counted.grids if shared else count >= 0.3 * counted.grids


def test_other_seeds_are_no_alarm(counted):
    """Nothing changed, and no margin hides it."""
    count = regressed(checks(counted.grids, AS_IT_IS, margin=0.01, shared=False))
    counted("digits, other seeds, nothing changed, no margin: REGRESSED", count, 0.01)
    assert not significantly_above(count, counted.grids, 0.01)
