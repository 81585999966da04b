"""A run that keeps models, trained once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

import bench

SUITE = """
[suite]
name = "kept"
dataset = "digits"
seeds = 3
epochs = 2
batch_size = 64
learning_rate = 0.1
keep_models = "best"

[[grid]]
architecture = "mlp"
hidden = [[8], [12]]
batch_norm = true
engine = "epoch"
optimizer = { name = "sgd", momentum = 0.9 }

[[include]]
architecture = "cnn"
filters = [4]
dropout = 0.2
engine = "fit"
validation_split = 0.2

[[include]]
architecture = "mine:Squared"
engine = "fit"

[[include]]
architecture = "mine:unsaveable"
engine = "fit"

[[include]]
architecture = "mlp"
hidden = [8]
backend = "jax"
engine = "epoch"

[[include]]
architecture = "mlp"
hidden = [8]
precision = "mixed_bfloat16"
engine = "fit"

[[include]]
architecture = "mine:two"
dataset = "mine:halves"
engine = "fit"
"""

MINE = '''
"""Models as users write them."""

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="mine")
class Square(keras.layers.Layer):
    def call(self, x):
        return keras.ops.square(x)


@keras.saving.register_keras_serializable(package="mine")
class Squared(keras.Model):
    """Knows its inputs when it is called, and not before."""

    def __init__(self, input_shape=None, num_classes=10, **options):
        super().__init__(**options)
        self.classes = num_classes
        self.flat, self.square = keras.layers.Flatten(), Square()
        self.last = keras.layers.Dense(num_classes, activation="softmax")

    def call(self, x):
        return self.last(self.square(self.flat(x)))

    def get_config(self):
        return {**super().get_config(), "num_classes": self.classes}


class Unsaveable(keras.layers.Layer):
    def call(self, x):
        return x

    def get_config(self):
        raise RuntimeError("this layer has no configuration")


def unsaveable(input_shape, num_classes):
    layers = [keras.layers.Flatten(), Unsaveable(), keras.layers.Dense(num_classes, activation="softmax")]
    return keras.Sequential([keras.Input(input_shape), *layers])


def halves():
    """Two inputs of three values each."""
    rng = np.random.default_rng(5)
    y = rng.integers(0, 3, 400)
    x = {name: (rng.normal(0, 1, (400, 3)) + np.eye(3)[y] * 3).astype("float32") for name in ("left", "right")}
    return ({k: v[:300] for k, v in x.items()}, y[:300]), ({k: v[300:] for k, v in x.items()}, y[300:])


def two(input_shape, num_classes):
    inputs = {name: keras.Input(shape, name=name) for name, shape in input_shape.items()}
    both = keras.layers.Concatenate()(list(inputs.values()))
    return keras.Model(inputs, keras.layers.Dense(num_classes, activation="softmax")(both))
'''


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a suite of eight cells whose run has kept models."""
    place = tmp_path_factory.mktemp("kept")
    (place / "bench.toml").write_text(SUITE)
    (place / "mine.py").write_text(MINE)
    done = bench.run(place / "bench.toml", reports=place / "reports", progress=False)
    assert 0 == done.exit_code(), done.trials()["reason"].tolist()
    return place


@pytest.fixture(scope="session")
def run(place: Path) -> bench.Run:
    """That run."""
    return bench.load(next(path for path in (place / "reports" / "kept").iterdir() if not path.is_symlink()))
