"""The finest difference that values of a score can show."""

from __future__ import annotations

from bench.analyse.intervals import sample
from bench.core.score import ACCURACY
from bench.core.scores import SCORES


def test_a_fraction_moves_in_steps_of_one_example():
    """Whatever its value."""
    assert ACCURACY.step(360, 0.9) == 1 / 360
    assert SCORES["log_loss"].step(360, 0.5) == 0.5 * 2**-23


def test_equal_values_are_not_taken_for_certain():
    """Their deviation is 0, and statistics assume half a step."""
    equal = sample([0.9, 0.9, 0.9], step=1 / 360)
    assert (equal.std, equal.spread) == (0.0, 1 / 720)
    assert sample([0.8, 0.9], step=1 / 360).spread == sample([0.8, 0.9]).std
