"""The script that checks GPUs, on machines that have none: its whole path on the processor."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "gpu" / "run.py"


def script(*words: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The script with its output."""
    environ = {**os.environ, "CUDA_VISIBLE_DEVICES": "", **(environ or {})}
    line = [sys.executable, str(SCRIPT), *words]
    return subprocess.run(line, capture_output=True, text=True, check=False, env=environ, timeout=580)


@pytest.mark.soak
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_step_ends_well_on_the_processor(backend: str, tmp_path: Path) -> None:
    """So it is known to run to its end before it meets a GPU; and no figure of a processor is written."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip("an extra")
    figures = tmp_path / "figures.md"
    done = script("--pretend-cpu", "--backend", backend, "--figures", str(figures))
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "0 failed; no file was written." in done.stdout
    for step in ("placement:", "timing:", "memory:", "engines:", "suite: every trial is OK"):
        assert step in done.stdout
    assert ("seeds in one program agree" in done.stdout) == (backend == "jax")
    assert "TensorFlow is not imported: it is not" in done.stdout
    assert not figures.exists()


@pytest.mark.soak
@pytest.mark.parametrize(("words", "code"), [((), 4), (("--allow-none",), 0)])
def test_without_a_gpu_it_says_so(words: tuple[str, ...], code: int) -> None:
    """In a sentence: nothing could be judged."""
    if importlib.util.find_spec("jax") is None:
        pytest.skip("an extra")
    done = script("--backend", "jax", *words)
    assert (code, True) == (done.returncode, "There is no GPU that jax sees, so nothing was checked." in done.stdout)
