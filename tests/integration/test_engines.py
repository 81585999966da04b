"""Engines train the same thing: exact comparisons with `Model.fit`, on real digits."""

from __future__ import annotations

import pytest
import scipy.stats

import bench

SUITE = """
[suite]
name = "engines"
dataset = "digits"
seeds = 1
epochs = 3
batch_size = 100          # 14 batches and a smaller one of 37

[[grid]]
architecture = ["softmax", "lenet5", "cnn"]
engine = ["fit", "epoch"]
learning_rate = { schedule = "cosine", initial = 0.1, warmup_epochs = 1 }

[[grid]]
architecture = "mlp"
hidden = [[64, 32]]
dropout = 0.2
engine = ["fit", "epoch"]
optimizer = ["sgd", { name = "sgd", momentum = 0.9, nesterov = true }, "adam", "rmsprop"]
learning_rate = 0.01
input_scaling = "standard"
validation_split = 0.2

[[grid]]
architecture = "mlp"
engine = ["fit", "epoch"]
device = "cpu[threads=1]"
learning_rate = [
  { schedule = "exponential", initial = 0.1, rate = 0.9 },
  { schedule = "piecewise", boundaries = [1, 2], values = [0.1, 0.05, 0.01] },
  { schedule = "polynomial", initial = 0.1 },
  { schedule = "inverse_time", initial = 0.1, rate = 0.5 },
]
loss = "sparse_categorical_crossentropy"

[[grid]]
architecture = "mlp"
engine = ["fit", "epoch", "epoch-xla"]
batch_norm = true
learning_rate = 0.1

[[grid]]
architecture = ["softmax", "mlp", "lenet5", "cnn"]
engine = ["epoch", "epoch-xla"]

[[include]]
architecture = "own:own_step"
engine = "epoch"

[[include]]
architecture = "own:explodes"
engine = "epoch"

[[include]]
architecture = "own:explodes"
engine = "fit"

[[include]]
architecture = "own:explodes"
engine = "epoch-xla"
"""

DROPOUT = """
[suite]
name = "dropout"
dataset = "digits"
seeds = 5
epochs = 10
learning_rate = 0.1

[[grid]]
architecture = "mlp"
dropout = 0.3
engine = ["epoch", "epoch-xla"]
"""

XLA_TOLERANCE = {"softmax": 1e-5, "mlp": 1e-5, "lenet5": 1e-5, "cnn": 1e-2}
"""Relative, of the test loss after three epochs. Rounding decides which pixel a max pooling takes, so a cnn drifts."""

BUILDERS = """
import keras

def layers(input_shape, num_classes):
    return keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(num_classes, activation="softmax")

class OwnStep(keras.Sequential):
    def train_step(self, data):
        return super().train_step(data)

def own_step(input_shape, num_classes):
    return OwnStep(list(layers(input_shape, num_classes)))

class Spoiler(keras.layers.Layer):
    '''Passes on what it gets until it has been called for 20 batches, then infinities.'''
    def build(self, shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)
    def call(self, x, training=False):
        if training:
            self.calls.assign_add(1.0)
        return keras.ops.where(self.calls > 20, x * float("inf"), x)

def explodes(input_shape, num_classes):
    first, flat, last = layers(input_shape, num_classes)
    return keras.Sequential([first, flat, Spoiler(), last])
"""


SOME = "not (lenet5 or rmsprop or piecewise or polynomial or (cnn and not cosine) or (sgd and not momentum))"
"""What each run of the tests looks at: every kind of thing once."""


@pytest.fixture(scope="module", params=["some", pytest.param("all", marks=pytest.mark.soak)])
def trials(request, tmp_path_factory):
    """The suite's trials, by cell id without the engine."""
    folder = tmp_path_factory.mktemp("engines")
    (folder / "engines.toml").write_text(SUITE)
    (folder / "own.py").write_text(BUILDERS)
    select = SOME if request.param == "some" else None
    options = {"select": select, "reports": folder / "reports", "jobs": 2, "progress": False}
    frame = bench.run(folder / "engines.toml", **options).trials()
    frame.attrs["whole"] = select is None
    frame["cell"] = frame["cell_id"].str.replace(r"engine=[a-z-]+,?", "", regex=True)
    frame["declared"] = frame["cell_id"].str.extract(r"engine=([a-z-]+)", expand=False)
    return frame.set_index(["cell", "declared"]).sort_index()


def pairs(trials, column):
    """What two engines say of one cell, for the cells that both trained; batch normalisation left out."""
    table = trials[column].unstack()[["fit", "epoch"]].dropna()
    return table[~table.index.str.contains("batch_norm|explodes")]


def test_the_epoch_program_ends_with_the_weights_of_fit_bit_for_bit(trials):
    """For every architecture, dropout, four optimizers, all schedules and one thread, not one bit differs."""
    digests = pairs(trials, "weights_digest")
    assert (11 if trials.attrs["whole"] else 6) == len(digests)
    assert digests["fit"].tolist() == digests["epoch"].tolist()
    assert len(digests) == digests["fit"].nunique()


@pytest.mark.parametrize("column", ["accuracy", "loss", "validation_accuracy", "validation_loss"])
def test_the_epoch_program_says_what_fit_says(trials, column):
    """Test and validation figures are equal as well, to the last digit."""
    figures = pairs(trials, column)
    expected = {"accuracy": (6, 11), "validation": (2, 4)}["validation" if "validation" in column else "accuracy"]
    assert expected[trials.attrs["whole"]] == len(figures)
    assert figures["fit"].tolist() == figures["epoch"].tolist()


def test_batch_normalisation_differs_in_the_last_bits_only(trials):
    """Its constants are folded in another order inside a loop: other bits, the same loss within 1e-5."""
    cell = trials.loc[trials.index.get_level_values("cell").str.contains("batch_norm")]
    losses = cell["loss"].droplevel("cell")
    assert losses["fit"] == pytest.approx(losses["epoch"], rel=1e-5)
    assert losses["fit"] == pytest.approx(losses["epoch-xla"], rel=1e-4)


def test_xla_is_equal_within_tolerance(trials):
    """XLA reorders arithmetic: other bits, the same test loss within the architecture's tolerance."""
    for architecture in XLA_TOLERANCE if trials.attrs["whole"] else ("softmax", "mlp"):
        pair = trials.loc[f"{architecture}[]@digits@cpu"]
        assert 2 == pair["weights_digest"].nunique()
        tolerance = XLA_TOLERANCE[architecture]
        assert pair.loc["epoch", "loss"] == pytest.approx(pair.loc["epoch-xla", "loss"], rel=tolerance)


@pytest.fixture(scope="module")
def dropped(tmp_path_factory):
    """Accuracies of five seeds, by engine, where XLA draws other numbers; and two seeds of XLA's trained again."""
    folder = tmp_path_factory.mktemp("dropout")
    (folder / "dropout.toml").write_text(DROPOUT)
    again = {"select": "xla", "seeds": 2, "fresh": True}
    frames = [
        bench.run(folder / "dropout.toml", reports=folder / "reports", progress=False, **options).trials()
        for options in ({}, again)
    ]
    return [frame.set_index(["engine", "seed"]) for frame in frames]


@pytest.mark.soak
def test_over_seeds_xla_is_as_accurate(dropped):
    """A paired t-test over five seeds finds no difference at the 0.1 % level, and the means are within a point."""
    accuracy = dropped[0]["accuracy"].unstack("engine")
    assert 5 == len(accuracy)
    assert scipy.stats.ttest_rel(accuracy["epoch"], accuracy["epoch-xla"]).pvalue > 0.001
    assert accuracy["epoch"].mean() == pytest.approx(accuracy["epoch-xla"].mean(), abs=0.01)


@pytest.mark.soak
def test_a_program_from_the_cache_gives_the_same_weights(dropped):
    """The second run takes what XLA compiled from disk; not one bit changes, dropout included."""
    again = dropped[1]["weights_digest"]
    assert [("epoch-xla", 0), ("epoch-xla", 1)] == again.index.tolist()
    assert dropped[0].loc[again.index, "weights_digest"].tolist() == again.tolist()


def test_what_an_engine_cannot_train_is_trained_by_fit_with_the_reason(trials):
    """A model with a train_step of its own falls back to fit."""
    row = trials[trials["architecture"] == "own_step"].iloc[0]
    assert ("OK", "fit") == (row["status"], row["engine"])
    assert "epoch cannot train this model: OwnStep has a train_step of its own" == row["engine_reason"]


def test_a_loss_that_is_no_number_ends_every_engine_in_the_same_epoch(trials):
    """Divergence in the second epoch is told in the same words by all engines."""
    rows = trials[trials["architecture"] == "explodes"]
    assert ["DIVERGED"] * 3 == rows["status"].tolist()
    assert {"The loss was not a finite number in epoch 2 of 3."} == set(rows["reason"])


def test_compiling_is_no_part_of_training(trials):
    """With XLA the program compiles for longer than all epochs take, and no epoch contains it."""
    row = trials.loc[("mlp[]@digits@cpu", "epoch-xla")]
    assert row["compile_time_s"] > row["train_time_s"]
