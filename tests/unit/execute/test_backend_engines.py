"""What JAX and PyTorch train: `epoch` against `fit`, without TensorFlow. One process per backend and selection."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from on_backend import CASES

import bench
from bench.execute.backends import BACKENDS

TESTS = Path(__file__).parents[2]
QUICK = ("all at once",)
"""What every test run trains; the other cases are trained under soak."""

OWN_STEPS = {
    "two inputs": "epoch ran Keras's own steps: a step runs code that is not Keras's: Joined.call of own_models",
    "half precision": "epoch ran Keras's own steps: Python reads a tensor's value in a step (__bool__)",
}
"""Why steps are not replayed on PyTorch, as the record says it."""

CONVOLUTIONS = 1e-6
"""How far JAX's `epoch` may end from `fit` where there are convolutions: XLA adds up in another order in a loop."""


def backends() -> list[Any]:
    """Those that are installed beside TensorFlow."""
    return [
        pytest.param(name, marks=pytest.mark.skipif(importlib.util.find_spec(name) is None, reason="an extra"))
        for name in ("jax", "torch")
    ]


@cache
def trained(backend: str, folder: Path, *, quick: bool) -> dict[str, Any]:
    """What a process says in which TensorFlow cannot be imported."""
    stand_in = folder / "tensorflow"
    stand_in.mkdir(exist_ok=True)
    (stand_in / "__init__.py").write_text('raise ImportError("it is not installed")\n')
    path = os.pathsep.join(map(str, (folder, Path(bench.__file__).parents[1], TESTS)))
    cases = [name for name in CASES if (name in QUICK) == quick]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(TESTS / "on_backend.py"), backend, *cases],
        env={**os.environ, **BACKENDS[backend].server_variables(os.environ, folder / "xla"), "PYTHONPATH": path},
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
    return tmp_path_factory.mktemp("backends")


def check(backend: str, case: dict[str, Any], *, exact: bool) -> None:
    """Both engines trained the same thing."""
    fit, epoch = case["fit"], case["epoch"]
    assert ("OK", "OK") == (fit["status"], epoch["status"]), fit["reason"] + epoch["reason"]
    assert ("fit", "epoch") == (fit["engine"], epoch["engine"]), epoch["engine_reason"]
    assert len({loss for loss, *_ in fit["losses"]}) > 1
    if exact:
        assert fit == {**epoch, "engine": "fit", "engine_reason": ""}
        assert 0 == case["apart"]
    else:
        assert case["apart"] <= CONVOLUTIONS
        np.testing.assert_allclose(*([loss for loss, *_ in end["losses"]] for end in (fit, epoch)), rtol=1e-5)


@pytest.mark.soak
@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("backend", backends())
def test_a_program_of_whole_epochs_ends_with_the_weights_of_fit(backend: str, name: str, folder: Path) -> None:
    """Bit for bit: digests, the ladder of a deterministic trial, losses of every epoch, learning rates."""
    check(backend, trained(backend, folder, quick=True)["cases"][name], exact=True)


@pytest.mark.soak
@pytest.mark.parametrize("name", [name for name in CASES if name not in QUICK])
@pytest.mark.parametrize("backend", backends())
def test_so_do_models_of_every_kind(backend: str, name: str, folder: Path) -> None:
    """But for convolutions on JAX, within rounding."""
    exact = (backend, name) != ("jax", "convolution")
    case = trained(backend, folder, quick=False)["cases"][name]
    check(backend, case, exact=exact)
    assert case["epoch"]["engine_reason"] == (OWN_STEPS.get(name, "") if backend == "torch" else "")


@pytest.mark.parametrize("backend", backends())
def test_early_stopping_stops_both_and_keeps_digests_on_the_way(backend: str, folder: Path) -> None:
    """The case of all at once ends before its last epoch or at it, with a rung for the first step and every epoch."""
    end = trained(backend, folder, quick=True)["cases"]["all at once"]["epoch"]
    assert ["initialised", "step 1"] == [rung for rung, _ in end["ladder"]][:2]
    assert len(end["losses"]) + 2 == len(end["ladder"])


@pytest.mark.parametrize("backend", backends())
def test_tensorflow_is_not_needed(backend: str, folder: Path) -> None:
    """Looking, training, testing and measuring import it nowhere."""
    assert trained(backend, folder, quick=True)["tensorflow"] is False


@pytest.mark.parametrize("backend", backends())
def test_a_step_has_the_same_products_on_every_backend(backend: str, folder: Path) -> None:
    """Of a dense and of a convolutional network, as TensorFlow's graph shows them."""
    from bench.catalog.architectures import convolutional, dense  # noqa: PLC0415
    from bench.execute.worker.runtimes.tensorflow.products import training_flops  # noqa: PLC0415

    said, x = trained(backend, folder, quick=True), np.zeros((20, 8, 8, 1), np.float32)
    ours = [training_flops(model((8, 8, 1), 10), x, 16) for model in (dense.mlp, convolutional.cnn)]
    assert ours == said["flops"]
    assert said["flops"][0] / 16 == said["speed"][0]
    assert all(figure > 0 for figure in said["speed"])
