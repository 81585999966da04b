"""A builder written for keras-tuner is trained over a grid of its hyperparameters."""

from __future__ import annotations

import pytest

import bench

pytest.importorskip("keras_tuner")

BUILDER = """
import keras
import keras_tuner

def build(hp: keras_tuner.HyperParameters):
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
    for _ in range(hp.Int("layers", 1, 3)):
        model.add(keras.layers.Dense(hp.Int("units", 8, 64, step=8), activation="relu"))
    if hp.Boolean("dropout"):
        model.add(keras.layers.Dropout(hp.Float("rate", 0.1, 0.5)))
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model
"""

SUITE = """
[suite]
name = "tuned"
dataset = "digits"
epochs = 1
seeds = [1]
engine = "fit"

[[grid]]
architecture = "tuned_builder:build"
units = [16, 65]
layers = 2
"""


def test_hyperparameters_are_axes(own_folder):
    """A value out of the declared range is refused before training; what is not named is at its default."""
    (own_folder / "tuned_builder.py").write_text(BUILDER)
    (own_folder / "tuned.toml").write_text(SUITE)
    good, bad = bench.run("tuned.toml").result.trials
    assert ("OK", "build[units=16,layers=2]@digits@cpu") == (good.status, good.cell.id)
    # 64 inputs -> 16 -> 16 -> 10
    assert 64 * 16 + 16 + 16 * 16 + 16 + 16 * 10 + 10 == good.outcome.parameter_count
    assert "units as a whole number from 8 to 64, and the suite gives 65" in bad.reason
