"""Suites on other backends, on a machine where TensorFlow cannot be imported: the command line from end to end."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bench
from bench.core.errors import ExitCode

pytestmark = pytest.mark.soak

SUITE = """
[suite]
name = "without"
dataset = "digits"
epochs = 2
seeds = 1
learning_rate = 0.1
backend = "{}"

[[grid]]
architecture = "mlp"
hidden = [[16]]
dropout = 0.2
deterministic = true
"""

PHASES = ("start", "load", "build", "warmup", "train", "evaluate", "measure", "total")
"""What every trial takes time for; PyTorch compiles nothing."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=pytest.mark.skipif(importlib.util.find_spec(name) is None, reason="an extra"))
        for name in ("jax", "torch")
    ],
)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A suite, and a stand-in for TensorFlow that fails to import."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "bench.toml").write_text(SUITE.format(request.param))
    (folder / "path" / "tensorflow").mkdir(parents=True)
    (folder / "path" / "tensorflow" / "__init__.py").write_text('raise ImportError("it is not installed")\n')
    return folder


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of a machine without TensorFlow."""
    path = os.pathsep.join(map(str, (folder / "path", Path(bench.__file__).parents[1])))
    environ = {**os.environ, "PYTHONPATH": path, "BENCH_CACHE": str(folder / "cache")}
    line = [sys.executable, "-m", "bench", *words]
    return subprocess.run(line, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def test_a_suite_trains_without_tensorflow(folder: Path) -> None:
    """Server, data, inspection, survey, epochs, evaluation, measuring and report; and it verifies bit for bit."""
    done = command(folder, "run")
    assert ExitCode.OK == done.returncode, done.stdout + done.stderr
    (trial,) = json.loads((folder / "reports/without/latest/run.json").read_text())["trials"]
    outcome, speed = trial["outcome"], trial["outcome"]["speed"]
    assert "OK" == trial["status"], trial["reason"]
    # which of the two is quicker for so short a training is up to the machine
    assert re.match(r"auto-exact: measured on this shape, 90 steps .* take epoch .*, fit ", outcome["engine_reason"])
    assert outcome["accuracy"] > 0.3
    assert all(outcome["phases"][f"{name}_time_s"] > 0 for name in PHASES)
    assert folder.name.startswith(outcome["determinism"]["backend"])
    assert speed["latency_s"] > 0
    assert speed["inference_images_per_s"] > 0
    assert speed["flops_per_image"] > 0
    assert speed["yardstick"]["flops_per_s"] > 0
    assert (folder / "reports/without/latest/report.html").is_file()
    done = command(folder, "verify")
    assert (ExitCode.OK, True) == (done.returncode, "bitwise equal" in done.stdout), done.stdout + done.stderr


def test_a_backend_that_is_missing_is_one_sentence(folder: Path) -> None:
    """Here TensorFlow's package is there and broken; a package that is not there has a test of its own."""
    (folder / "other.toml").write_text(SUITE.format("tensorflow"))
    done = command(folder, "run", "other.toml")
    assert ExitCode.USAGE == done.returncode
    assert "Traceback" not in done.stderr
    assert "ImportError: it is not installed" in done.stderr
