"""The same network on several backends: equal weights to begin with, equal batches, keys of its own."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from commandline import bench as bench_command

import bench
from bench.core.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from bench.record.records import TrialRecord
    from bench.results import Run

SUITE = """
[suite]
name = "parity"
dataset = "digits"
seeds = [0, 3]
epochs = 2
batch_size = 64
learning_rate = 0.1
deterministic = true

[[grid]]
architecture = "softmax"
engine = ["fit", "epoch"]
backend = ["tensorflow", "jax"]
"""

OWN = """
import keras

def uneven(input_shape, num_classes):
    units = 16 if keras.backend.backend() == "jax" else 8
    return keras.Sequential([
        keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(units),
        keras.layers.Dense(num_classes, activation="softmax"),
    ])

class Fit(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.flat, self.out = keras.layers.Flatten(), keras.layers.Dense(units, activation="softmax")

    def call(self, x):
        return self.out(self.flat(x))

    def fit(self, *arguments, **options):
        return super().fit(*arguments, **options)

def own_fit(input_shape, num_classes):
    return Fit(num_classes)

def dense(input_shape, num_classes, dropout=0.0):
    layers = [keras.layers.Dropout(dropout)] if dropout else []
    return keras.Sequential([
        keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(8, activation="relu"), *layers,
        keras.layers.Dense(num_classes, activation="softmax"),
    ])
"""

STREAMS = """
import keras
import numpy as np

class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        x = np.random.default_rng(index).normal(size=(20, 3)).astype("float32")
        return x, (x[:, 0] > 0).astype("int64")

def load():
    return Batches(), Batches(), {"version": "1", "task": "classes", "names": ["no", "yes"]}
"""

STREAMED = """
[suite]
name = "streamed"
dataset = "streams:load"
seeds = 1
epochs = 1
batch_size = 20

[[grid]]
architecture = "softmax"
backend = ["tensorflow", "jax"]
"""

SEVERAL = """
[suite]
name = "several"
dataset = "digits"
seeds = 1
epochs = 3
batch_size = 64
learning_rate = 0.1
deterministic = true
validation_split = 0.1

[[grid]]
architecture = "own:dense"
dropout = [0.0, 0.2]
engine = ["fit", "epoch"]
backend = ["torch", "jax", "tensorflow"]

[[grid]]
architecture = ["own:dense", "own:uneven", "own:own_fit"]
epochs = 2
engine = "fit"
backend = ["jax", "torch", "tensorflow"]

[[grid]]
architecture = "own:own_fit"
engine = "fit"
backend = ["tensorflow", "torch", "jax"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The suites and their builders."""
    folder = tmp_path_factory.mktemp("parity")
    (folder / "parity.toml").write_text(SUITE)
    (folder / "several.toml").write_text(SEVERAL)
    (folder / "own.py").write_text(OWN)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """A linear network on TensorFlow and JAX, by both engines, two trials at a time."""
    return bench.run(folder / "parity.toml", reports=folder / "reports", jobs=2, progress=False)


def trials(run: Run, **wanted: Any) -> list[TrialRecord]:
    """The OK trials whose cells have these values."""
    found = [
        trial
        for trial in run.result.trials
        if all(trial.cell.value(key) == value for key, value in wanted.items() if key != "seed")
        and trial.seed == wanted.get("seed", trial.seed)
    ]
    assert {"OK"} == {str(trial.status) for trial in found}, [trial.reason for trial in found]
    return found


def losses(trial: TrialRecord) -> list[float]:
    """Of its epochs."""
    return [epoch.loss for epoch in trial.outcome.epochs if epoch.loss is not None]


@pytest.mark.parametrize("seed", [0, 3])
def test_all_backends_begin_with_the_same_weights(run: Run, seed: int) -> None:
    """Bit for bit, by both engines; each seed with its own."""
    digests = {dict(trial.outcome.ladder)["initialised"] for trial in trials(run, seed=seed)}
    other = {dict(trial.outcome.ladder)["initialised"] for trial in trials(run, seed=3 - seed)}
    assert (1, 1, 2) == (len(digests), len(other), len(digests | other))


@pytest.mark.parametrize("seed", [0, 3])
def test_a_linear_network_is_trained_alike(run: Run, seed: int) -> None:
    """The loss of each epoch is the mean over its batches as they come: it agrees within rounding."""
    first, *others = trials(run, seed=seed)
    assert 3 == len(others)
    for other in others:
        assert losses(first) == pytest.approx(losses(other), rel=1e-5)
        assert first.outcome.test_errors == other.outcome.test_errors


def test_the_engines_of_a_backend_that_follows_end_with_equal_weights(run: Run) -> None:
    """`epoch` is `fit` bit for bit there, too."""
    assert all(
        1 == len({trial.outcome.weights_digest for trial in trials(run, backend="jax", seed=seed)}) for seed in (0, 3)
    )


@pytest.mark.soak
def test_without_a_reference_a_backend_draws_weights_and_order_of_its_own(run: Run, folder: Path) -> None:
    """The tests above can fail: alone, JAX is trained otherwise. And TensorFlow alone has the same keys and bits."""
    (folder / "alone.toml").write_text(SUITE.replace('"tensorflow", "jax"', '"jax"').replace("[0, 3]", "[0]"))
    alone = bench.run(folder / "alone.toml", reports=folder / "alone", progress=False)
    (here, *_), (there, *_) = trials(run, backend="jax", seed=0), trials(alone, backend="jax", seed=0)
    assert abs(losses(here)[0] - losses(there)[0]) > 1e-3
    assert here.key != there.key
    (folder / "first.toml").write_text(SUITE.replace('"tensorflow", "jax"', '"tensorflow"'))
    first = bench.run(folder / "first.toml", reports=folder / "reports", progress=False)
    assert len(first.result.trials) == len(first.result.reused)


@pytest.mark.soak
def test_a_run_that_is_resumed_draws_what_is_missing(run: Run, folder: Path) -> None:
    """A further seed: all before is reused, and the new ones agree."""
    (folder / "parity.toml").write_text(SUITE.replace("[0, 3]", "[0, 3, 5]"))
    more = bench.run(folder / "parity.toml", reports=folder / "reports", progress=False)
    assert len(run.result.trials) == len(more.result.reused)
    first, *others = trials(more, seed=5)
    assert all(losses(first) == pytest.approx(losses(other), rel=1e-5) for other in others)
    assert not list((folder / "reports").rglob("*.npz"))


def test_a_suite_on_the_following_backend_alone_goes_on_following(run: Run, folder: Path) -> None:
    """Whoever selects its cells finds the trials of the whole suite."""
    suite, reports = folder / "parity.toml", folder / "reports"
    some = bench.run(suite, select="jax", reports=reports, progress=False, seeds=[0, 3])
    assert {"jax"} == {trial.cell.backend for trial in some.result.trials}
    assert len(some.result.trials) == len(some.result.reused)


@pytest.mark.soak
def test_following_cells_are_verified(run: Run, folder: Path) -> None:
    """Twice the same bits."""
    done = bench_command("verify", "parity.toml", "-k", "jax and epoch", cwd=folder)
    assert (ExitCode.OK, True) == (done.returncode, "bitwise equal" in done.stdout), done.stdout + done.stderr


@pytest.mark.soak
def test_faults_can_be_planted_in_cells_that_follow(folder: Path) -> None:
    """Also those after which weights or examples are fewer than the reference's."""
    audited = SUITE.replace('"parity"', '"audited"').replace('["fit", "epoch"]', '"epoch"').replace("[0, 3]", "3")
    (folder / "audited.toml").write_text(audited)
    run = bench.run(folder / "audited.toml", reports=folder / "reports", jobs=2, progress=False)
    assert {"OK"} == {str(trial.status) for trial in run.result.trials}
    assert ExitCode.OK == bench_command("accept", "audited", "--reason", "as it is", cwd=folder).returncode
    faults = [word for name in ("last-bias", "half-the-data", "learning-rate") for word in ("--fault", name)]
    done = bench_command("audit", "audited", "-k", "jax", *faults, cwd=folder)
    assert "FAILED" not in done.stdout + done.stderr
    # whether three seeds are enough to catch them is the gate's affair
    assert done.returncode in {ExitCode.OK, ExitCode.REGRESSED, ExitCode.NOT_JUDGED}, done.stdout + done.stderr


def test_the_report_compares_backends(run: Run) -> None:
    """The same predictions are equivalent, as far as 360 examples can show it; with two seeds they cannot."""
    assert run.folder is not None
    page = (run.folder / "report.html").read_text()
    assert '<section id="backends">' in page
    assert "began with the initial weights of TensorFlow" in page


def test_a_missing_reference_is_known_before_anything_is_trained(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, and exit code 2, also where only cells that follow are selected."""
    find = importlib.util.find_spec
    missing = lambda name, *of: None if name == "tensorflow" else find(name, *of)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", missing)
    done = bench_command("run", "parity.toml", "-k", "jax", "--fresh", cwd=folder)
    assert ExitCode.USAGE == done.returncode
    assert "'tensorflow', which is not installed here" in done.stderr


def test_streamed_data_is_refused_on_the_backend_that_follows(folder: Path) -> None:
    """In one sentence; the reference is trained."""
    (folder / "streams.py").write_text(STREAMS)
    (folder / "streamed.toml").write_text(STREAMED)
    streamed = bench.run(folder / "streamed.toml", reports=folder / "streamed", progress=False)
    first, second = streamed.result.trials
    assert ("OK", "FAILED") == (first.status, second.status)
    assert second.reason.startswith("Data that a loader streams comes in an order that JAX cannot take over from")


@pytest.fixture(scope="module")
def several(folder: Path) -> list[dict[str, Any]]:
    """The trials of a run with PyTorch, which is an extra; each backend takes its turn as the reference."""
    pytest.importorskip("torch")
    run = bench.run(folder / "several.toml", reports=folder / "several", jobs=2, progress=False)
    assert run.folder is not None
    return json.loads((run.folder / "run.json").read_text())["trials"]  # type: ignore[no-any-return]


def of(trials: list[dict[str, Any]], architecture: str, reference: str, **parameters: Any) -> list[dict[str, Any]]:
    """The trials of a network whose reference is on that backend."""
    return [
        trial
        for trial in trials
        if trial["cell"]["architecture"] == architecture
        and reference == (trial["cell"].get("follows") or trial["cell"]["backend"])
        and parameters == trial["cell"]["parameters"]
    ]


@pytest.mark.soak
@pytest.mark.parametrize(
    ("architecture", "reference", "parameters", "count"),
    [
        ("dense", "torch", {"dropout": 0.0}, 6),
        ("dense", "jax", {}, 3),
        ("own_fit", "tensorflow", {}, 3),
    ],
)
def test_the_three_are_trained_alike(
    several: list[dict[str, Any]], architecture: str, reference: str, parameters: dict[str, Any], count: int
) -> None:
    """Weights to begin with, and losses of training and validation, whichever is first."""
    found = of(several, architecture, reference, **parameters)
    assert [count, {"OK"}] == [len(found), {trial["status"] for trial in found}]
    assert 1 == len({dict(trial["outcome"]["ladder"])["initialised"] for trial in found})
    curves = np.array([[e["loss"] for e in trial["outcome"]["epochs"]] for trial in found])
    assert np.allclose(curves, curves[0], rtol=1e-5)
    held_out = np.array([[e["validation_loss"] for e in trial["outcome"]["epochs"]] for trial in found])
    assert np.allclose(held_out, held_out[0], rtol=1e-5)


@pytest.mark.soak
def test_dropout_differs_and_the_order_that_pytorch_draws_beside_it_is_followed(several: list[dict[str, Any]]) -> None:
    """Each backend's two engines end with equal weights, and no two backends do."""
    found = of(several, "dense", "torch", dropout=0.2)
    ends = {trial["cell"]["backend"]: set() for trial in found}
    for trial in found:
        ends[trial["cell"]["backend"]].add(trial["outcome"]["weights_digest"])
    assert [1, 1, 1] == [len(of) for of in ends.values()]
    assert 3 == len(set.union(*ends.values()))
    assert 1 == len({dict(trial["outcome"]["ladder"])["initialised"] for trial in found})


@pytest.mark.soak
def test_what_cannot_be_followed_is_one_sentence(several: list[dict[str, Any]]) -> None:
    """Weights that do not line up, and a fit that takes one order."""
    uneven, own_fit = (of(several, name, "jax") for name in ("uneven", "own_fit"))
    assert ["OK", "FAILED", "FAILED"] == [trial["status"] for trial in uneven]
    assert uneven[1]["reason"] == (
        "The model of own:uneven cannot begin with its weights on JAX: weight 1 (sequential/dense/kernel) has the "
        "shape (64, 8) here and (64, 16) there. Declare it on one backend only, or let the builder make the same "
        "weights on each."
    )
    assert own_fit[1]["reason"].startswith("Fit has a fit of its own, which cannot be given another order")
