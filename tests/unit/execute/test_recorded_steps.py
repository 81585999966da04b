"""PyTorch's `epoch` replays recorded steps: against `fit`, bit for bit, in one process without TensorFlow."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import bench

pytestmark = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="an extra")

TESTS = Path(__file__).parents[2]
EPOCHS, STEPS = 4, 4
"""What `on_torch.py` trains; the last batch of an epoch is smaller."""

QUICK = ("dropout, batch normalisation", "momentum, clipped", "schedule that asks")
"""What every test run trains; the others are trained under soak."""

MORE = (
    "plain",
    "seeded dropout, noise",
    "schedule",
    "averages, weight decay",
    "rmsprop",
    "regularised",
    "adagrad",
    "adadelta",
    "adamax",
    "lion",
    "ftrl",
    "adafactor",
    "augmentation",
    "pictures",
)
OWN = {"Python counts": "Counting.call of __main__", "own activation": "steep of __main__"}
"""Whose code is not Keras's, by the case."""

DAMAGED = "plain, and replays do nothing"
READING = ("nadam, which reads its own momentum", "averages that overwrite", "gathered gradients")
MORE_OWN = {"own layer": "Scaled.call of __main__", "Python looks at values": "Branching.call of __main__"}


@cache
def trained(folder: Path, *names: str) -> dict[str, Any]:
    """What a process says of each case."""
    stand_in = folder / "tensorflow"
    stand_in.mkdir(exist_ok=True)
    (stand_in / "__init__.py").write_text('raise ImportError("it is not installed")\n')
    path = os.pathsep.join(map(str, (folder, Path(bench.__file__).parents[1], TESTS)))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(TESTS / "on_torch.py"), *names],
        env={
            **os.environ,
            "PYTHONPATH": path,
            "OMP_NUM_THREADS": "1",
        },  # two threads wait for each other on a busy machine
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr[-4000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the stand-in for TensorFlow lies."""
    return tmp_path_factory.mktemp("recorded")


def quick(folder: Path, name: str) -> dict[str, Any]:
    """A case of those that every test run trains."""
    case: dict[str, Any] = trained(folder, *QUICK, *OWN, DAMAGED)[name]
    return case


def more(folder: Path, name: str) -> dict[str, Any]:
    """Another case."""
    case: dict[str, Any] = trained(folder, *MORE, *MORE_OWN, *READING)[name]
    return case


def check(case: dict[str, Any], *, replayed: bool) -> None:
    """Figures of every epoch, all variables and the next random numbers are those of `fit`."""
    assert [True, True, True] == case["same"]
    assert case["learns"]
    # the first step is Keras's own: it shows whose code runs
    assert (EPOCHS * STEPS - 1 if replayed else 0) == case["replayed"], case["own_steps"]
    assert replayed == (case["own_steps"] == "")


@pytest.mark.parametrize("name", QUICK)
def test_replayed_steps_end_as_those_of_fit(name: str, folder: Path) -> None:
    """All but the first are replayed, the smaller last one of an epoch too, and so is the validation."""
    check(quick(folder, name), replayed=True)


@pytest.mark.parametrize("name", OWN)
def test_code_of_somebodys_own_is_run_by_keras(name: str, folder: Path) -> None:
    """As often as in `fit`, and the reason says whose code it is."""
    case = quick(folder, name)
    check(case, replayed=False)
    assert f"a step runs code that is not Keras's: {OWN[name]}" == case["own_steps"]


def test_a_program_that_does_something_else_is_not_used(folder: Path) -> None:
    """The proof on a second batch finds it, and the training is that of `fit`."""
    case = quick(folder, DAMAGED)
    check(case, replayed=False)
    assert "replayed, a step ended with other values" == case["own_steps"]


@pytest.mark.soak
@pytest.mark.parametrize("name", MORE)
def test_so_do_other_layers_and_optimizers(name: str, folder: Path) -> None:
    """Each of Keras's optimizers that reads no values, dropout with a seed, schedules, augmentation."""
    check(more(folder, name), replayed=True)


@pytest.mark.soak
@pytest.mark.parametrize("name", MORE_OWN)
def test_layers_of_somebodys_own_are_run_by_keras(name: str, folder: Path) -> None:
    """Whether or not they look at values."""
    case = more(folder, name)
    check(case, replayed=False)
    assert MORE_OWN[name] in case["own_steps"]


@pytest.mark.soak
@pytest.mark.parametrize("name", READING)
def test_steps_in_which_python_reads_values_are_run_by_keras(name: str, folder: Path) -> None:
    """What they do next may depend on them."""
    case = more(folder, name)
    check(case, replayed=False)
    assert "Python reads a tensor's value in a step" in case["own_steps"]
