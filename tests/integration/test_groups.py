"""A worker that trains several trials: every result is that of a process for each, and only the time differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import bench
from bench.record.records import Status

if TYPE_CHECKING:
    from pathlib import Path

    from bench.record.records import TrialRecord

HEAD = """
[suite]
name = "groups"
dataset = "digits"
seeds = [0, 1]
epochs = 2
batch_size = 64
"""

FEW = """
[[grid]]
architecture = "mlp"
hidden = [[8]]
dropout = 0.3
batch_norm = true
engine = "epoch"
learning_rate = [0.1, 0.2]
optimizer = {name = "sgd", momentum = 0.9}

[[include]]
architecture = "own:seeded"
engine = "epoch"
"""

MANY = """
[[grid]]
architecture = "softmax"
engine = ["epoch", "epoch-xla", "fit", "auto-exact"]

[[grid]]
architecture = "mlp"
hidden = [[8]]
dropout = 0.3
batch_norm = true
engine = "fit"
learning_rate = [0.1, 0.2]
optimizer = {name = "sgd", momentum = 0.9}

[[include]]
architecture = "mlp"
hidden = [8]
dropout = 0.2
optimizer = "adam"
engine = "epoch-xla"

[[grid]]
architecture = "mlp"
hidden = [[8]]
dropout = 0.2
optimizer = ["adam", "rmsprop", "nadam", {name = "sgd", momentum = 0.9, nesterov = true}]
engine = "epoch"
validation_split = 0.2
early_stopping = {patience = 1, restore_best = true}
class_weight = "balanced"

[[grid]]
architecture = "mlp"
hidden = [[8]]
batch_norm = true
deterministic = true
learning_rate = [0.1, {schedule = "cosine", initial = 0.2}]

[[include]]
architecture = "mlp"
hidden = [8]
precision = "mixed_bfloat16"
engine = "epoch"

[[include]]
architecture = "mlp"
hidden = [8]
validation_split = 0.2
epochs = 4
engine = "epoch"
reduce_on_plateau = {patience = 1, factor = 0.5}

[[grid]]
architecture = "cnn"
filters = [[4]]
dropout = 0.2
batch_norm = true
engine = ["epoch", "fit"]

[[include]]
architecture = "lenet5"
engine = "epoch"

[[grid]]
architecture = "rnn"
dataset = "waves"
kind = ["gru", "lstm"]
units = 4
dropout = 0.2
engine = "epoch"

[[include]]
architecture = "conv1d"
dataset = "waves"
filters = [4]
dropout = 0.2
engine = "epoch"

[[grid]]
architecture = "mlp"
hidden = [[8]]
dropout = 0.2
batch_norm = true
validation_split = 0.2
backend = "jax"
engine = ["epoch", "fit"]

[[grid]]
architecture = "own:augmented"
engine = ["epoch", "fit"]

[[include]]
architecture = "own:seeded"
engine = "epoch"

[[include]]
architecture = "own:subclass"
engine = "epoch"

[[include]]
architecture = "own:augmented"
callbacks = ["own:Halving"]

[datasets.waves]
path = "waves.npz"
"""

BUILDERS = """
import keras
import numpy as np

def seed():
    '''The seed of this trial, which Keras gives to NumPy as well.'''
    return int(np.random.get_state()[1][0])

def augmented(input_shape, num_classes):
    return keras.Sequential([
        keras.Input(input_shape), keras.layers.Reshape((8, 8, 1)), keras.layers.RandomTranslation(0.1, 0.1),
        keras.layers.GaussianNoise(0.1), keras.layers.Flatten(), keras.layers.Dense(8, activation="relu"),
        keras.layers.Dropout(0.2), keras.layers.Dense(num_classes, activation="softmax")])

def seeded(input_shape, num_classes):
    '''Its structure changes with the seed.'''
    return keras.Sequential([
        keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(8 + seed(), activation="relu"),
        keras.layers.Dense(num_classes, activation="softmax")])

class Scaled(keras.Model):
    '''What it computes depends on the seed, and nothing shows it.'''
    def __init__(self, width):
        super().__init__()
        self.factor = 1.0 + seed()
        self.flat, self.dense = keras.layers.Flatten(), keras.layers.Dense(width, activation="softmax")
    def call(self, x):
        return self.dense(self.flat(x) * self.factor)

def subclass(input_shape, num_classes):
    return Scaled(num_classes)

class Halving(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) / 2
"""


def both_ways(folder: Path, text: str, builders: str, **keys: object) -> tuple[list[TrialRecord], list[TrialRecord]]:
    """The trials of a suite, by a process each and in groups; the same trials in the same order."""
    (folder / "own.py").write_text(builders)
    runs = []
    for isolation in ("trial", "group"):
        (folder / "suite.toml").write_text(text.replace("[suite]", f'[suite]\nisolation = "{isolation}"', 1))
        run = bench.run(folder / "suite.toml", reports=folder / "reports", fresh=True, **keys)
        runs.append(sorted(run.result.trials, key=lambda trial: (trial.cell.id, trial.seed)))
    return runs[0], runs[1]


def differing(one_each: list[TrialRecord], grouped: list[TrialRecord]) -> list[str]:
    """The trials whose results differ in anything but times and memory."""

    def facts(trial: TrialRecord) -> tuple[object, ...]:
        outcome = trial.outcome
        epochs = tuple(
            (epoch.loss, epoch.accuracy, epoch.validation_loss, epoch.learning_rate) for epoch in outcome.epochs
        )
        return (
            trial.cell.id, trial.seed, trial.status, outcome.weights_digest, outcome.loss, outcome.accuracy,
            outcome.predictions, outcome.compiled, outcome.ladder, outcome.determinism, epochs,
        )  # fmt: skip

    assert len(one_each) == len(grouped)
    return [
        f"{alone.cell.id} seed {alone.seed}: {alone.status} {alone.reason}, {other.status} {other.reason}"
        for alone, other in zip(one_each, grouped, strict=True)
        if facts(alone) != facts(other)
    ]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[TrialRecord], list[TrialRecord]]:
    """The usual things, both ways."""
    return both_ways(tmp_path_factory.mktemp("groups"), HEAD + FEW, BUILDERS)


def test_a_group_trains_what_a_process_each_trains(few) -> None:
    """Dropout, batch normalisation, momentum and two learning rates: the same weights, bit for bit."""
    assert differing(*few) == []


def test_a_further_trial_of_a_shape_takes_the_program_of_the_first(few) -> None:
    """The row says whose program it was; one of another structure makes its own."""
    alone, grouped = few
    assert not any(trial.outcome.program_of for trial in alone)
    shared = {trial.trial_id: trial.outcome.program_of for trial in grouped if trial.cell.architecture == "mlp"}
    assert len(shared) == 4
    assert sum(map(bool, shared.values())) == 3
    assert all(program in shared for program in shared.values() if program)
    assert not any(trial.outcome.program_of for trial in grouped if trial.cell.architecture != "mlp")


def test_a_trial_of_a_group_has_its_own_log_and_memory(few) -> None:
    """Each has a row of its own in every respect."""
    _, grouped = few
    assert len({trial.log for trial in grouped}) == len(grouped)
    assert all(trial.outcome.own_memory_bytes and trial.outcome.phases.total_time_s for trial in grouped)


@pytest.mark.soak
def test_every_shipped_architecture_trains_alike_in_a_group(tmp_path: Path) -> None:
    """With every kind of layer that draws random numbers, optimizer, schedule, rule and callback; builders too."""
    import numpy as np  # noqa: PLC0415

    noise = np.random.default_rng(0)
    x, y = noise.normal(size=(300, 12, 2)).astype(np.float32), noise.integers(0, 3, 300)
    np.savez(tmp_path / "waves.npz", x_train=x[:240], y_train=y[:240], x_test=x[240:], y_test=y[240:])
    alone, grouped = both_ways(tmp_path, HEAD + MANY, BUILDERS)
    assert differing(alone, grouped) == []
    assert {trial.status for trial in grouped} == {Status.OK}
    own = {trial.cell.id for trial in grouped if trial.seed == 1 and not trial.outcome.program_of}
    assert own == {
        "seeded[engine=epoch]@digits@cpu",  # another structure
        "subclass[engine=epoch]@digits@cpu",  # somebody's own class, which may hide anything
        "augmented[callbacks=own:Halving]@digits@cpu",  # somebody's own callback
        # JAX's fit draws random numbers to build a fresh model
        "mlp[hidden=8,dropout=0.2,batch_norm=true,validation=0.2,backend=jax,engine=fit]@digits@cpu",
    }


HOSTILE = {
    "crashes": "os._exit(3)",
    "raises": "raise ValueError('no')",
    "is_killed": "os.kill(os.getpid(), 9)",
    "sets_the_policy": "keras.config.set_dtype_policy('float64')",
    "sets_floatx": "keras.config.set_floatx('float16')",
    "sets_epsilon": "keras.config.set_epsilon(0.1)",
    "sets_the_format": "keras.config.set_image_data_format('channels_first')",
    "replaces_a_method": "keras.layers.Dense.call = lambda self, x, training=None: 0 * (x @ self.kernel)",
    "replaces_a_function": "keras.utils.set_random_seed = lambda seed: None",
    "draws_numbers": "[np.random.random() for _ in range(9)]; keras.random.normal((3,))",
    "changes_folder": "os.chdir('/')",
    "changes_a_variable": "os.environ['TF_DETERMINISTIC_OPS'] = '1'",
    "leaves_a_process": "subprocess.Popen(['sleep', '600'])",
    "leaves_a_thread": "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
    "keeps_state": "COUNT.append(1)",
    "diverges": "return net(input_shape, num_classes, scale=1e38)",
    "runs_eagerly": "import tensorflow as tf; tf.config.run_functions_eagerly(True)",
    "leaks": "KEPT.append(np.ones(200_000_000))",
}

NET = """
import os, subprocess, threading, time
import keras
import numpy as np

COUNT, KEPT = [], []

def seed():
    return int(np.random.get_state()[1][0])

def net(input_shape, num_classes, scale=1.0):
    init = keras.initializers.RandomNormal(stddev=0.1 * scale)
    return keras.Sequential([
        keras.Input(input_shape), keras.layers.Flatten(),
        keras.layers.Dense(8 + len(COUNT), activation="relu", kernel_initializer=init), keras.layers.Dropout(0.2),
        keras.layers.Dense(num_classes, activation="softmax")])
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[TrialRecord], list[TrialRecord]]:
    """Every such builder, which does its worst under its second seed, both ways."""
    builders, suite = NET, HEAD.replace("[0, 1]", "[0, 1, 2]")
    for name, line in HOSTILE.items():
        builders += f"\ndef {name}(input_shape, num_classes):\n    if seed() == 1:\n        {line}\n"
        builders += "    return net(input_shape, num_classes)\n"
        suite += f'\n[[include]]\narchitecture = "own:{name}"\nengine = "epoch"\n'
    return both_ways(tmp_path_factory.mktemp("hostile"), suite, builders)


@pytest.mark.soak
@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_trial_does_to_its_worker_changes_no_other(name: str, hostile) -> None:
    """Its neighbours before and after it have the status and the weights of a process each; so has it."""
    alone, grouped = ([trial for trial in side if trial.cell.architecture == name] for side in hostile)
    assert len(grouped) == 3
    assert differing(alone, grouped) == []
    assert [trial.status for trial in grouped if trial.seed != 1] == [Status.OK] * 2


@pytest.mark.soak
def test_a_trial_that_hangs_costs_its_group_nothing(tmp_path: Path) -> None:
    """Each trial has the whole time limit, and one that takes longer ends alone."""
    builder = f"{NET}\ndef hangs(input_shape, num_classes):\n    if seed() == 1:\n        time.sleep(600)\n"
    builder += "    return net(input_shape, num_classes)\n"
    head = HEAD.replace("[0, 1]", "[0, 1, 2, 3]").replace("batch_size", "timeout_s = 30\nbatch_size")
    text = f'{head}\n[[include]]\narchitecture = "own:hangs"\nengine = "epoch"\n'
    (tmp_path / "own.py").write_text(builder)
    (tmp_path / "suite.toml").write_text(text)
    run = bench.run(tmp_path / "suite.toml", reports=tmp_path / "reports")
    statuses = {trial.seed: trial.status for trial in run.result.trials}
    assert statuses == {0: Status.OK, 1: Status.TIMEOUT, 2: Status.OK, 3: Status.OK}
