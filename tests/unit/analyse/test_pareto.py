"""Which cells no other beats in both accuracy and time."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.analyse.pareto import pareto_front
from bench.core.score import ACCURACY


@pytest.mark.parametrize(
    ("points", "front"),
    [
        ({"a": (1, 0.9), "b": (2, 0.95), "c": (3, 0.94), "d": (4, 0.96)}, ["a", "b", "d"]),
        ({"a": (2, 0.9), "b": (1, 0.9)}, ["b"]),
        ({"a": (1, 0.8), "b": (1, 0.9)}, ["b"]),
        ({"a": (1, 0.9), "b": (1, 0.9)}, ["a", "b"]),
        ({"a": (5, 0.1)}, ["a"]),
        ({}, []),
    ],
    ids=["a dominated cell", "as good but slower", "as fast but worse", "the same point", "one cell", "none"],
)
def test_the_front(points, front):
    """The quickest first; what is beaten in both, or in one and matched in the other, is not on it."""
    rows = [(name, time, accuracy) for name, (time, accuracy) in points.items()]
    frame = pd.DataFrame(rows, columns=["cell_id", "train_time_median_s", "score_mean"])
    assert front == list(pareto_front(frame, ACCURACY))
