"""What a trial's times mean: compilation apart, contention marked, figures that agree with one another."""

from __future__ import annotations

import subprocess
import sys

import pytest

import bench

SUITE = """
[suite]
name = "measurement"
dataset = "digits"
seeds = 1
epochs = 30
learning_rate = 0.1
batch_size = 100
target_accuracy = 0.9
metrics = ["f1_score", "top_k_categorical_accuracy"]

[[grid]]
architecture = ["mlp", "own:slow_to_trace"]
engine = ["fit", "epoch", "epoch-xla"]

[[grid]]
architecture = "mlp"
validation_split = 0.2
early_stopping = { monitor = "validation_loss", patience = 2, min_delta = 0.02 }
epochs = 100
engine = ["fit", "epoch", "epoch-xla"]
"""

BUILDERS = """
import time
import keras
from bench.catalog.architectures.dense import mlp

class SlowToTrace(keras.Sequential):
    '''Tracing takes two seconds longer; what is traced is the same.'''
    def compute_loss(self, *args, **kwargs):
        time.sleep(2)
        return super().compute_loss(*args, **kwargs)

def slow_to_trace(input_shape, num_classes):
    return SlowToTrace([
        keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(num_classes, activation="softmax", dtype="float32"),
    ])
"""

DELAY_S = 2.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The suite and its builders."""
    folder = tmp_path_factory.mktemp("measurement")
    (folder / "measurement.toml").write_text(SUITE)
    (folder / "own.py").write_text(BUILDERS)
    return folder


@pytest.fixture(scope="module")
def run(folder):
    """The suite, run once."""
    return bench.run(folder / "measurement.toml", reports=folder / "reports", progress=False)


@pytest.fixture(scope="module")
def trials(run):
    """Its trials; all of them trained."""
    frame = run.trials()
    assert {"OK"} == set(frame["status"]), frame["reason"].tolist()
    return frame


@pytest.mark.parametrize("engine", ["fit", "epoch", "epoch-xla"])
def test_a_delay_in_tracing_is_found_in_the_compile_phase_alone(trials, engine):
    """Two seconds of it, once or more; no other phase is longer by that than in the same trial without the delay."""
    of_engine = trials[trials["engine"] == engine].set_index("architecture")
    slow = of_engine.loc["slow_to_trace"]
    plain = of_engine[of_engine["epochs"] == 30].loc["mlp"]
    assert slow["compile_time_s"] > DELAY_S
    others = ["start_time_s", "load_time_s", "build_time_s", "warmup_time_s", "train_time_s", "evaluate_time_s"]
    assert (slow[others] - plain[others]).max() < DELAY_S
    assert slow["epoch_time_s"] < DELAY_S / 10


def test_figures_agree_with_one_another(trials, run):
    """Rates are counts over times, and what is read off the epochs is in the epochs."""
    assert trials["images_per_s"].tolist() == pytest.approx((trials["train_images"] / trials["epoch_time_s"]).tolist())
    assert (trials["latency_s"] <= trials["latency_p99_s"]).all()
    assert (trials["inference_images_per_s"] > 1 / trials["latency_s"]).all()
    assert trials["utilisation"].gt(0).all()
    epochs = run.epochs()
    for trial in trials.itertuples():
        own = epochs[epochs["trial_id"] == trial.trial_id].set_index("epoch")
        figure = "validation_accuracy" if trial.target_on == "validation" else "accuracy"
        reached = own.index[own[figure] >= 0.9]
        assert trial.epochs_to_target == reached[0]
        assert trial.time_to_target_s == pytest.approx(own.loc[: reached[0], "train_time_s"].sum())


def test_arithmetic_is_counted_from_the_program(trials):
    """784 inputs would be 64 here: two products for the first layer of a Dense network, three for every other."""
    expected = 2 * (2 * 64 * 128 + 3 * 128 * 10)
    assert {expected} == set(trials.loc[trials["architecture"] == "mlp", "flops_per_image"])


def test_a_trial_s_own_memory_is_less_than_what_it_shares(trials):
    """The imports are the warm server's."""
    assert (trials["own_memory_bytes"] > 0).all()
    assert (trials["own_memory_bytes"] < trials["peak_rss_bytes"]).all()


def test_engines_stop_early_in_the_same_epoch(trials, run):
    """As Keras's own callback would: fit and epoch hold the same losses, so they stop at the same one."""
    stopped = trials[trials["cell_id"].str.contains("early_stopping")].set_index("engine")
    assert stopped.loc["fit", "epochs_trained"] == stopped.loc["epoch", "epochs_trained"] < 100
    assert stopped.loc["fit", "weights_digest"] == stopped.loc["epoch", "weights_digest"]
    losses = run.epochs()[lambda frame: frame["trial_id"] == stopped.loc["fit", "trial_id"]]["validation_loss"].tolist()
    best = min(losses[:-2])
    assert min(losses[-2:]) >= best - 0.02


def test_declared_metrics_are_figures_of_the_test_set(trials):
    """The mean of the classes' F1 is near the accuracy; five guesses are better than one."""
    assert (abs(trials["metric_f1_score"] - trials["accuracy"]) < 0.05).all()
    assert (trials["metric_top_k_categorical_accuracy"] >= trials["accuracy"]).all()


def test_a_busy_neighbour_is_noticed_and_its_timing_left_out(folder):
    """A program that takes a core during the training: the reason is recorded, the accuracy counts all the same."""
    settings = {"epochs": 150, "engine": "epoch"}
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        run = bench.run("digits", settings=settings, seeds=1, select="softmax", reports=folder / "busy", progress=False)
    finally:
        busy.kill()
        busy.wait()
    trial = run.trials().iloc[0]
    assert trial["timing_contended"]
    assert "of the processors" in trial["contention"]
    summary = run.summary().iloc[0]
    assert summary["score_mean"] == trial["accuracy"]
    assert summary["timed"] == 0
