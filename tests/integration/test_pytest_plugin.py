"""`pytest --bench-suite`: a test per cell, in a pytest of its own, as a project of a user's runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = "bench.pytest_plugin"
INSTALLED = PLUGIN in {entry.value for entry in entry_points(group="pytest11")}
SUITE = """
[suite]
name = "quick"
dataset = "digits"
seeds = 1
epochs = 1

[architectures.broken]
builder = "mine:broken"

[[grid]]
architecture = ["softmax", "broken"]
"""
BUILDER = """
def broken(input_shape, num_classes):
    raise ValueError("This builder builds nothing")
"""
ACCEPTED = SUITE.replace("seeds = 1", "seeds = 3").replace(', "broken"', "")


@pytest.fixture
def project(own_folder: Path) -> Path:
    """A suite of two cells, of which one fails, and a test of the user's own."""
    (own_folder / "bench.toml").write_text(SUITE)
    (own_folder / "mine.py").write_text(BUILDER)
    (own_folder / "test_own.py").write_text("def test_own():\n    assert True\n")
    return own_folder


def run_pytest(*words: str) -> tuple[int, str]:
    """The exit code and the output of a pytest of its own in this folder."""
    plugin = [] if INSTALLED else ["-p", PLUGIN]
    command = [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", *words]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    variables = {**os.environ, "PYTHONPATH": paths, "COLUMNS": "160"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=variables)
    return done.returncode, done.stdout + done.stderr


def test_pytest_finds_the_plugin() -> None:
    """By its entry point."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [PLUGIN] == [*project["entry-points"]["pytest11"].values()]


@pytest.mark.soak
def test_every_cell_is_a_test_beside_those_of_the_user(project: Path) -> None:
    """Once, also where pytest would come across the file by itself; without the option there is none."""
    ids = ["bench.toml::softmax@digits@cpu", "bench.toml::broken@digits@cpu", "test_own.py::test_own"]
    for words in ((), ("bench.toml", "test_own.py")):
        code, output = run_pytest("--collect-only", "-q", "--bench-suite", "bench.toml", *words)
        assert (0, sorted(ids)) == (code, sorted(line for line in output.splitlines() if "::" in line))
    assert "1 test collected" in run_pytest("--collect-only", "-q")[1]


@pytest.mark.soak
def test_what_cannot_be_read_is_said(project: Path) -> None:
    """A suite that is not there is a usage error, one that is wrong an error of collection without a traceback."""
    code, output = run_pytest("--bench-suite", "other.toml")
    assert (4, True) == (code, "there is no file" in output)
    (project / "bench.toml").write_text('[suite]\nname = "quick"\nepoch = 1\n')
    code, output = run_pytest("--bench-suite", "bench.toml", "bench.toml")
    assert (2, True, False) == (code, "epochs" in output, "Traceback" in output)


@pytest.mark.soak
def test_a_failed_trial_is_red_and_chosen_cells_alone_are_trained(project: Path) -> None:
    """With its reason and no traceback; -k chooses cells as it chooses tests."""
    code, output = run_pytest("--bench-suite", "bench.toml", "-v")
    assert 1 == code
    assert re.search(r"bench\.toml::softmax@digits@cpu PASSED", output)
    assert "This builder builds nothing" in output
    assert "Traceback" not in output
    code, output = run_pytest("--bench-suite", "bench.toml", "bench.toml", "-k", "softmax")
    assert (0, True) == (code, "1 passed, 1 deselected" in output)


@pytest.mark.soak
def test_a_baseline_is_met_or_the_cell_is_red(project: Path) -> None:
    """Green as it was accepted; red with other settings, and red where the suite has lost a cell."""
    (project / "bench.toml").write_text(ACCEPTED + "[[grid]]\narchitecture = 'mlp'\nhidden = [8]\n")
    assert 0 == run_pytest("--bench-suite", "bench.toml")[0]
    accepting = [sys.executable, "-m", "bench", "accept", "--reason", "the first"]
    subprocess.run(accepting, check=True, timeout=600, env={**os.environ, "PYTHONPATH": str(ROOT)})
    code, output = run_pytest("--bench-suite", "bench.toml", "-rA")
    assert (0, True) == (code, "PASS: " in output)

    (project / "bench.toml").write_text(ACCEPTED.replace("epochs = 1", "epochs = 2"))
    code, output = run_pytest("--bench-suite", "bench.toml")
    assert 1 == code
    assert re.search(r"^INVALID: ", output, re.MULTILINE)
    assert "MISSING: the baseline holds this cell" in output
    assert "2 failed, 1 passed" in output
