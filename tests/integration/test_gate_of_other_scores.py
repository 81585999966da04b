"""Accept, check, compare and power of a suite of values and one of labels, trained for real."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from commandline import bench as command

if TYPE_CHECKING:
    from pathlib import Path

LOADERS = """
import numpy as np

def inputs():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(240, 4)).astype("float32")
    return rng, x

def prices():
    rng, x = inputs()
    y = (50 + 10 * x[:, 0] + rng.normal(size=240)).astype("float32")
    return (x[:160], y[:160]), (x[160:], y[160:])

def tags():
    rng, x = inputs()
    y = np.stack([x[:, 0] > 0, x[:, 1] > 0.5, x[:, 2] > 1], axis=1).astype("uint8")
    return (x[:160], y[:160]), (x[160:], y[160:])
"""
SUITE = """
[suite]
name = "{name}"
dataset = "mine:{name}"
seeds = 3
epochs = {epochs}
learning_rate = 0.01
engine = "epoch"
input_scaling = "none"

[[grid]]
architecture = "mlp"
hidden = [[8]]
"""


pytestmark = pytest.mark.soak  # `test_every_task` goes through accept and check of every kind of problem


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A folder with both data sets and suites; each suite was run."""
    folder = tmp_path_factory.mktemp("other-scores")
    (folder / "mine.py").write_text(LOADERS)
    for name, epochs in (("prices", 8), ("tags", 2)):
        (folder / f"{name}.toml").write_text(SUITE.format(name=name, epochs=epochs))
        done = command("run", f"{name}.toml", cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def add_margin(project: Path, name: str, margin: float) -> None:
    """Write the margin into the suite and run it again: all trials are in the store."""
    suite = project / f"{name}.toml"
    suite.write_text(f"{suite.read_text()}\n[gate]\nmargin = {margin}\n")
    assert "0 trials trained" in command("run", suite.name, cwd=project).stdout


def test_an_error_is_accepted_with_a_margin_in_its_unit_and_then_judged(project):
    """Without one it is refused with what to type; a training that is cut short regresses, and a comparison says so."""
    refused = command("accept", "prices", "--reason", "first", cwd=project)
    assert refused.returncode == 2
    assert "`margin = ...` under [gate], in the unit of MAE" in refused.stderr
    assert command("power", "prices", cwd=project).returncode == 2
    assert "in the unit of MAE" in command("power", "prices", "--margin", "3", cwd=project).stdout

    add_margin(project, "prices", 3.0)
    assert command("accept", "prices", "--reason", "first", cwd=project).returncode == 0
    passed = command("check", "prices", cwd=project)
    assert (passed.returncode, "PASS" in passed.stdout) == (0, True)
    content = json.loads((project / "reports" / "baselines" / "prices.json").read_text())
    assert (content["score"]["name"], content["cells"][0]["task"]) == ("mean_absolute_error", "regression")

    accepted = json.loads((project / "reports" / "prices" / "latest" / "run.json").read_text())["run_id"]
    suite = project / "prices.toml"
    suite.write_text(suite.read_text().replace("learning_rate = 0.01", "learning_rate = 0.0001"))
    assert command("run", "prices.toml", cwd=project).returncode == 0
    differs = command("check", "prices", cwd=project)
    assert (differs.returncode, "learning_rate was 0.01, is 0.0001" in differs.stdout) == (4, True)
    compared = command("compare", accepted, "prices", cwd=project).stdout
    assert "is worse (95 % interval above 0): MAE" in compared
    assert "further" in compared


def test_labels_are_judged_by_f1_with_the_usual_margin(project):
    """Half a point; a run is compared with itself, and an example is right where all its labels are."""
    assert command("accept", "tags", "--reason", "first", cwd=project).returncode == 0
    content = json.loads((project / "reports" / "baselines" / "tags.json").read_text())
    assert (content["score"]["name"], content["gate"]["margin"]) == ("f1_score", 0.005)
    assert content["cells"][0]["mistakes"]
    verdict = command("check", "tags", cwd=project)
    assert "Judged by F1 (higher is better)." in verdict.stdout
    (cell,) = json.loads((project / "reports" / "tags" / "latest" / "verdict.json").read_text())["cells"]
    assert (cell["flips"]["lost"], cell["flips"]["gained"], cell["flips"]["task"]) == (0, 0, "multilabel")


def test_faults_are_planted_in_values_and_labels_and_named_where_they_cannot_be(project):
    """Ten times the rate breaks either; values have no classes to swap, labels are swapped."""
    values = command("audit", "prices", "--fault", "swapped-classes", cwd=project)
    assert "swapped-classes is not planted in 1 cell: it predicts values, which have no classes." in values.stdout
    labels = command("audit", "tags", "--fault", "swapped-classes", cwd=project)
    assert "not planted in" not in labels.stdout
    assert "judged by F1 (higher is better)" in labels.stdout
