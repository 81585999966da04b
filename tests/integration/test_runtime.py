"""Where and how a cell is trained: precision, backend, devices, and the order of operations."""

from __future__ import annotations

import importlib.util

import pytest
from commandline import bench as bench_command

import bench
from bench.core.errors import BenchError, ExitCode

SUITE = """
[suite]
name = "runtime"
dataset = "digits"
seeds = 1
epochs = 2
batch_size = 100
learning_rate = 0.05

[[grid]]
architecture = "mlp"
precision = ["mixed_bfloat16", "mixed_float16", "float32"]
engine = ["fit", "epoch"]

[[grid]]
architecture = "mlp"
batch_norm = true
deterministic = true
engine = ["fit", "epoch"]

[[grid]]
architecture = "mlp"
batch_norm = true
dropout = 0.2
epochs = 3
deterministic = true
engine = ["fit", "epoch"]

[[grid]]
architecture = "own:augmented"
engine = ["fit", "epoch"]

[[grid]]
architecture = "softmax"
device = ["cpu", "cpu[threads=1]", "gpu:0"]
engine = "epoch"
"""

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")

BUILDERS = """
import keras

def augmented(input_shape, num_classes):
    return keras.Sequential([
        keras.Input(input_shape), keras.layers.RandomTranslation(0.1, 0.1), keras.layers.GaussianNoise(0.1),
        keras.layers.Flatten(), keras.layers.Dense(num_classes, activation="softmax", dtype="float32"),
    ])
"""

JAX = """
[suite]
name = "backends"
dataset = "digits"
seeds = 1
epochs = 2
learning_rate = 0.1
[[grid]]
architecture = "mlp"
backend = ["tensorflow", "jax"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The suite and its builders."""
    folder = tmp_path_factory.mktemp("runtime")
    (folder / "runtime.toml").write_text(SUITE)
    (folder / "own.py").write_text(BUILDERS)
    return folder


@pytest.fixture(scope="module")
def run(folder):
    """The suite, run once."""
    return bench.run(folder / "runtime.toml", reports=folder / "reports", jobs=2, progress=False)


def digests(run, text):
    """The final weights of the cells whose ids contain this, by engine."""
    trials = run.trials()
    found = trials[trials["cell_id"].str.contains(text, regex=False)]
    return dict(zip(found["engine"], found["weights_digest"], strict=True))


@pytest.mark.parametrize("precision", PRECISIONS)
def test_every_precision_ends_with_the_weights_of_fit(run, precision):
    """Loss scaling included; and the precisions differ from one another."""
    found = digests(run, f"precision={precision}")
    assert {"fit", "epoch"} == set(found)
    assert 1 == len(set(found.values()))
    assert 3 == len(
        {digests(run, f"precision={name}")["fit"] for name in ("float32", "mixed_bfloat16", "mixed_float16")}
    )


def test_augmentation_draws_the_same_images_in_both_engines(run):
    """Random translations and noise, not one bit of the weights apart."""
    found = digests(run, "augmented")
    assert {"fit", "epoch"} == set(found)
    assert found["fit"] == found["epoch"]


def test_in_a_fixed_order_batch_normalisation_is_equal_as_well(run):
    """`deterministic` switches off the constant folding that made the two programs differ."""
    found = digests(run, "batch_norm=true,deterministic=true")
    assert {"fit", "epoch"} == set(found)
    assert found["fit"] == found["epoch"]


def test_batch_normalisation_with_dropout_is_equal_but_for_the_last_bits(run):
    """On some processors not one bit differs; on others 6e-8 of a weight after the second epoch."""
    losses = [t.outcome.loss for t in run.result.trials if t.cell.deterministic and t.cell.settings.epochs == 3]
    assert 2 == len(losses)
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_a_deterministic_trial_keeps_its_settings_and_a_ladder_of_digests(run):
    """As drawn, after the first step, after each epoch: the same rungs for both engines; nothing for other trials."""
    exact = [record for record in run.result.trials if record.cell.deterministic]
    records = [record for record in exact if record.cell.settings.epochs == 2]
    ladders = [record.outcome.ladder for record in records]
    assert ["initialised", "step 1", "epoch 1", "epoch 2"] == [name for name, _ in ladders[0]]
    assert 4 == len({digest for _, digest in ladders[0]})
    assert ladders[0] == ladders[1]
    for record in records:
        assert record.outcome.ladder[-1][1] == record.outcome.weights_digest
        assert record.outcome.determinism["op_determinism"] is True
        assert record.outcome.determinism["intra_op_threads"] == record.outcome.threads
    assert {()} == {record.outcome.ladder for record in run.result.trials if not record.cell.deterministic}


def test_a_device_is_used_as_declared_or_not_at_all(run):
    """One thread means one; a GPU that is not there is SKIPPED with the reason, and never the CPU instead."""
    softmax = run.trials()[lambda frame: frame["architecture"] == "softmax"].set_index("device")
    assert 1 == softmax.loc["cpu[threads=1]", "threads"]
    missing = softmax.loc["gpu:0"]
    assert "SKIPPED" == missing["status"]
    assert "The device gpu:0 does not exist: TensorFlow sees 0 GPUs on this machine." == missing["reason"]


def test_missing_devices_are_an_error_where_they_are_required(folder):
    """The run is complete either way."""
    words = ("run", "runtime.toml", "-k", "softmax", "--reports", "reports")
    assert ExitCode.OK == bench_command(*words, cwd=folder).returncode
    assert ExitCode.TRIALS_FAILED == bench_command(*words, "--require-devices", cwd=folder).returncode


@pytest.mark.soak
def test_a_deterministic_cell_verifies_bit_for_bit(folder):
    """Trained twice in fresh processes."""
    done = bench_command("verify", "runtime.toml", "-k", "deterministic and epoch", cwd=folder)
    assert (ExitCode.OK, True) == (done.returncode, "bitwise equal, 4 digests" in done.stdout), (
        done.stdout + done.stderr
    )


def test_verification_names_the_first_rung_that_differs(folder):
    """A builder whose weights come from the clock: different as drawn, and said so."""
    (folder / "clock.py").write_text(
        "import time, keras, numpy as np\n"
        "def drifting(input_shape, num_classes):\n"
        "    draw = keras.initializers.RandomNormal(seed=time.time_ns() % 2**31)\n"
        "    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(),\n"
        "        keras.layers.Dense(num_classes, activation='softmax', kernel_initializer=draw)])\n"
    )
    (folder / "clock.toml").write_text(
        '[suite]\nname = "clock"\ndataset = "digits"\nepochs = 1\ndeterministic = true\nengine = "epoch"\n'
        '[[grid]]\narchitecture = "clock:drifting"\n'
    )
    done = bench_command("verify", "clock.toml", cwd=folder)
    assert ExitCode.REGRESSED == done.returncode, done.stderr
    assert "not equal, 3 digests" in done.stdout
    assert "initialised" in done.stdout


@pytest.mark.soak
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="the extra [jax] is not installed")
def test_a_backend_is_an_axis_with_a_server_of_its_own(folder):
    """JAX trains whole epochs as well; both backends learn the same digits."""
    (folder / "backends.toml").write_text(JAX)
    trials = bench.run(folder / "backends.toml", reports=folder / "reports", progress=False).trials()
    assert ["OK", "OK"] == trials["status"].tolist(), trials["reason"].tolist()
    by_backend = trials.set_index("backend")
    assert "epoch" == by_backend.loc["jax", "engine"]
    assert (by_backend["accuracy"] > 0.8).all()
    assert by_backend["weights_digest"].nunique() == 2


def test_a_backend_that_is_not_installed_is_refused_before_anything_runs(folder, monkeypatch):
    """With the command that installs it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    (folder / "backends.toml").write_text(JAX)
    with pytest.raises(BenchError, match="Keras backend 'tensorflow', which is not installed here"):
        bench.run(folder / "backends.toml", reports=folder / "elsewhere", progress=False)
    assert not (folder / "elsewhere" / "backends").exists()
