"""The gate on real seeds: 40 of the suite `mnist-mlp`, split again and again into an accepted and a current run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from grids import Grids, judged, regressed, significantly_above
from scipy import stats

from bench.analyse.gate.decision import Call, Rates

RIGHT = json.loads(Path(__file__).with_name("mnist_mlp_seeds.json").read_text())["right"]
POINTS = np.array(list(RIGHT.values())) / 100
"""(cells, seeds) float64, accuracies in percentage points: 10,000 images, so that an image is 0.01."""

TRIES = 20


def split(number: int, grids: Grids, *, drop: float = 0.0) -> np.ndarray:
    """The calls of so many checks; seeds are drawn without replacement, those judged lie `drop` points lower."""
    source = np.random.default_rng(1)
    order = source.permuted(np.broadcast_to(POINTS, (number, *POINTS.shape)), axis=2)
    return judged(grids, order[..., : grids.base_seeds], order[..., grids.base_seeds :] - drop)


@pytest.mark.parametrize("looks", [1, 3])
@pytest.mark.parametrize("margin", [0.5, 0.0], ids="margin={}".format)
def test_two_runs_with_other_seeds_are_never_called_regressed(counted, margin, looks):
    """20 tries, and then as many as are counted: nothing changed, and no alarm is given.

    Half a point is so much more than these seeds deviate that every check passes; without a margin it is the
    correction for chance alone that prevents alarms.
    """
    grids = Grids(cells=len(POINTS), std=0.0, margin=margin, rates=Rates(0.01, looks=looks))
    assert 0 == regressed(split(TRIES, grids))
    count = regressed(split(counted.grids, grids))
    counted(f"40 real seeds of mnist-mlp, {len(POINTS)} cells, margin {margin}, {looks} looks", count, 0.01)
    assert not significantly_above(count, counted.grids, 0.01)


def test_a_drop_in_them_is_found():
    """The test above can fail: the same seeds, three quarters of a point lower, are called REGRESSED in every try."""
    grids = Grids(cells=len(POINTS), std=0.0, rates=Rates(0.01))
    assert np.all(split(TRIES, grids, drop=0.75) == Call.REGRESSED)


def test_real_seeds_are_less_skewed_than_the_simulated_ones():
    """The simulations use -1 and 1."""
    skewness = stats.skew(POINTS, axis=1, bias=False)
    assert np.all(np.abs(skewness) < 1), skewness
