"""Every command on every kind of problem: vectors, sequences, several labels, measured values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from commandline import bench as command

import bench
from bench.core.errors import ExitCode
from bench.record.verdictfile import read_verdict
from bench.record.verdicts import Verdict

LOADERS = '''
import numpy as np


def parts(make, train=240, test=160):
    return make(train, np.random.default_rng(1)), make(test, np.random.default_rng(2))


def vectors():
    """Two classes, a quarter of the examples in the second."""
    def make(n, noise):
        y = (noise.random(n) < 0.25).astype("int64")
        x = noise.normal(size=(n, 6)) * [1, 10, 100, 1, 1, 1]
        x[:, 1] += 12 * y
        return x, y
    return parts(make)


def sequences():
    """Series of 16 steps that rise, fall or stay, told by a word."""
    def make(n, noise):
        kind = np.arange(n) % 3
        x = (kind - 1)[:, None] * np.linspace(-1, 1, 16) + noise.normal(0, 0.5, (n, 16))
        return x[..., None], np.array(["falls", "stays", "rises"])[kind]
    return parts(make)


def labels():
    """Three labels, each of which a feature shows."""
    def make(n, noise):
        y = noise.integers(0, 2, (n, 3))
        return y + noise.normal(0, 0.4, (n, 3)), y
    return parts(make)


def values():
    """Two values that are sums of features; the first half of the training examples counts double."""
    def make(n, noise):
        x = noise.normal(size=(n, 4))
        y = np.stack([3 * x[:, 0] + x[:, 1], x[:, 2] - 2 * x[:, 3]], axis=1) + noise.normal(0, 0.1, (n, 2))
        return x, y, np.where(np.arange(n) < n / 2, 2.0, 1.0)
    return parts(make)
'''

BUILDERS = """
import keras

def network(input_shape, units, activation):
    hidden = keras.layers.Dense(16, activation="relu", kernel_initializer="zeros" if DEAF else "glorot_uniform",
                                trainable=not DEAF)
    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), hidden,
                             keras.layers.Dense(units, activation=activation)])

def one_unit(input_shape, num_classes):
    return network(input_shape, 1, "sigmoid")

def soft(input_shape, num_classes):
    return network(input_shape, num_classes, "softmax")

def sigmoids(input_shape, num_classes):
    return network(input_shape, num_classes, "sigmoid")

def line(input_shape, num_classes):
    return network(input_shape, num_classes, None)
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """A suite of one kind.

    Attributes:
        keys: further keys of [suite].
        heading: of the score, as readers see it.
        good: what the score has to reach; at most that where lower is better.
        margin: of the gate, in the score's unit.
        untrue: words that no report of it may hold.
    """

    loader: str
    builder: str
    keys: str
    heading: str
    good: float
    margin: float
    untrue: str

    def suite(self) -> str:
        """Its suite file."""
        return f"""
[suite]
name = "{self.loader}"
dataset = "mine:{self.loader}"
seeds = 3
epochs = 8
batch_size = 16
optimizer = "adam"
learning_rate = 0.02
input_scaling = "standard"
deterministic = true
{self.keys}
[[grid]]
architecture = "mine:{self.builder}"
engine = ["fit", "epoch"]
[gate]
margin = {self.margin}
"""


PROBLEMS = {
    problem.loader: problem
    for problem in (
        Problem(
            "vectors", "one_unit", 'score = "auc"\nclass_weight = "balanced"\nvalidation_split = 0.2', "AUC", 0.75,
            0.05, r"\bimages?\b|MAE",
        ),
        Problem("sequences", "soft", "", "accuracy", 0.9, 0.05, r"\bimages?\b|MAE"),
        Problem("labels", "sigmoids", 'metrics = ["exact_match"]', "F1", 0.8, 0.05, r"\bimages?\b|MAE|confus"),
        Problem("values", "line", "", "MAE", 0.6, 0.2, r"\bimages?\b|[Aa]ccura|confus|classif"),
    )
}  # fmt: skip


SOAK = {"vectors", "sequences", "labels"}
"""Kinds that take long to go through; the other one goes through the same code."""


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[pytest.mark.soak] if name in SOAK else []) for name in PROBLEMS],
    ids=str,
)
def place(request, tmp_path_factory) -> Path:
    """A project whose run was accepted; its folder has the name of the problem."""
    project = tmp_path_factory.mktemp("tasks") / request.param
    project.mkdir()
    (project / "bench.toml").write_text(PROBLEMS[request.param].suite())
    write(project)
    done = command("run", cwd=project)
    assert (0, "") == (done.returncode, done.stderr)
    done = command("accept", "--reason", "the first", cwd=project)
    assert (0, "") == (done.returncode, done.stderr)
    return project


def write(project: Path, *, deaf: bool = False) -> None:
    """The module of the suite; a deaf network pays no attention to its inputs."""
    (project / "mine.py").write_text(f"DEAF = {deaf}\n{BUILDERS}\n{LOADERS}")


def problem_of(place: Path) -> Problem:
    return PROBLEMS[place.name]


def latest(place: Path) -> bench.Run:
    return bench.load("latest", reports=place / "reports")


def test_the_score_is_reached(place):
    """Every trial learns what there is to learn, by the score that the suite names."""
    run, problem = latest(place), problem_of(place)
    score = run.result.run.score
    assert problem.heading == score.heading
    for value in run.trials()["score"]:
        assert not score.better(problem.good, float(value))


def test_both_engines_end_with_the_same_weights(place):
    """The program of an epoch keeps the bits of `Model.fit`, weights of examples and scaling included."""
    digests = latest(place).trials().groupby("seed")["weights_digest"].nunique()
    assert [1, 1, 1] == digests.tolist()


def test_a_second_run_trains_nothing(place):
    """What is in the store is taken from there."""
    again = command("run", cwd=place)
    assert 0 == again.returncode
    assert latest(place).trials()["reused"].all()


def test_an_unchanged_run_passes(place):
    """The gate judges by the score, in its unit."""
    assert 0 == command("check", cwd=place).returncode
    verdict = read_verdict(latest(place).folder)
    assert {Verdict.PASS} == {cell.verdict for cell in verdict.cells}


def test_the_power_of_a_check_is_said_in_the_unit_of_the_score(place):
    """`bench power` speaks of drops of the score."""
    done = command("power", cwd=place)
    assert (0, "") == (done.returncode, done.stderr)
    assert problem_of(place).heading in done.stdout


def test_a_training_can_be_repeated(place):
    """`bench verify` trains a cell again and finds the same bits."""
    done = command("verify", "-k", "engine=fit", cwd=place)
    assert (0, "") == (done.returncode, done.stderr)
    assert "bitwise equal" in done.stdout


def test_a_run_can_be_exported_as_code(place):
    """A lesson in plain Keras for every kind of problem."""
    cell = latest(place).trials()["cell_id"].iloc[0]
    done = command("export", cell, "--to", "script", "-o", "lesson.py", "--force", cwd=place)
    assert (0, "") == (done.returncode, done.stderr)
    compile((place / "lesson.py").read_text(), "lesson.py", "exec")


def test_a_report_says_nothing_untrue(place):
    """No word of another kind of problem stands in the report."""
    page = (latest(place).folder / "report.md").read_text()
    prose = re.sub(r"```.*?```|`[^`]*`", "", page, flags=re.DOTALL)
    assert not re.findall(problem_of(place).untrue, prose)
    assert problem_of(place).heading.lower() in prose.lower()


@pytest.mark.soak
def test_a_worse_network_regresses(place):
    """A network that pays no attention to its inputs is worse by the score, in its direction."""
    first = latest(place)
    write(place, deaf=True)
    try:
        judged = command("run", "--check", cwd=place)
        worse = latest(place)
        compared = command("compare", first.run_id, worse.run_id, cwd=place)
    finally:
        write(place)
    assert ExitCode.REGRESSED == judged.returncode
    assert {Verdict.REGRESSED} == {cell.verdict for cell in read_verdict(worse.folder).cells}
    assert (0, "") == (compared.returncode, compared.stderr)
    assert "worse" in compared.stdout


@pytest.mark.soak
def test_the_audit_plants_what_fits(place):
    """Faults that a kind of problem can have are planted and caught; others are said by name."""
    done = command("audit", "-k", "fit", cwd=place)
    assert done.returncode in {ExitCode.OK, ExitCode.NOT_JUDGED}
    assert "shuffled-labels" in done.stdout
