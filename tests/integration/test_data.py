"""What a data set is and what spoils its scores, from a user's loader to record, terminal and report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from commandline import bench as bench_command

import bench
from bench.core.errors import ExitCode

SUITE = (
    '[suite]\nname = "own"\ndataset = "{}"\nseeds = 1\nepochs = 1\nengine = "fit"\n[[grid]]\narchitecture = "softmax"\n'
)

LOADERS = """
import os
import numpy as np

def _examples(rng):
    y = np.arange(120) % 3
    return (rng.random((120, 6, 6)) * 60 + 60 * y[:, None, None]).astype("float32"), y

def drawn():
    x, y = _examples(np.random.default_rng(0))
    order = np.random.permutation(120)       # the global state, which workers inherit
    x, y = x[order], y[order]
    return (x[:90], y[:90]), (x[90:], y[90:])

def spoilt():
    x, y = _examples(np.random.default_rng(0))
    x[100], x[101] = x[0], x[1]
    seen = y[:90] != 2
    return (x[:90][seen], y[:90][seen]), (x[90:], y[90:])

def once():
    if os.path.exists("called"):
        raise OSError("the file is gone")
    open("called", "w").close()
    return spoilt()
"""


def written(tmp_path: Path, dataset: str) -> Path:
    (tmp_path / "mine.py").write_text(LOADERS)
    (tmp_path / "own.toml").write_text(SUITE.format(dataset))
    return tmp_path / "own.toml"


@pytest.mark.soak
def test_a_loader_whose_split_is_drawn_anew_is_said_everywhere(tmp_path):
    """A split from NumPy's global random state differs from call to call, which shows although workers are forked."""
    written(tmp_path, "mine:drawn")
    done = bench_command("run", "own.toml", cwd=tmp_path)
    assert ExitCode.OK == done.returncode
    assert "WARNING: The loader of drawn is not repeatable: " in done.stdout
    assert (
        "examples differ between two calls of the loader" in (tmp_path / "reports/own/latest/report.html").read_text()
    )
    run = bench.run(tmp_path / "own.toml", reports=tmp_path / "reports", progress=False)
    (data,) = run.result.run.datasets
    assert 100 < data.unstable <= 120


def test_unseen_classes_and_an_overlap_are_said_everywhere(tmp_path):
    """Ten test examples of a class that training lacks, and two that training has, in terminal and report."""
    written(tmp_path, "mine:spoilt")
    done = bench_command("run", "own.toml", cwd=tmp_path)
    assert ExitCode.OK == done.returncode
    assert "WARNING: spoilt has test examples of classes that no training example has: 2 (10)." in done.stdout
    assert "WARNING: spoilt has 2 test examples of 30 in its training set as well." in done.stdout
    report = (tmp_path / "reports/own/latest/report.html").read_text()
    assert "10 test examples of unseen classes" in report
    assert "2 test examples in the training set" in report


def test_a_loader_that_answers_once_only_is_trained_on_with_a_warning(tmp_path):
    """The second call is there to be compared; that it fails is said, and spoils nothing."""
    written(tmp_path, "mine:once")
    done = bench_command("run", "own.toml", cwd=tmp_path)
    assert ExitCode.OK == done.returncode
    assert "WARNING: mine:once returned data once, but failed when it was called again: " in done.stdout
    assert "OSError: the file is gone" in done.stdout


@pytest.mark.parametrize("shape", [(8, 8, 300), (1, 30)])
def test_data_that_is_no_picture_has_a_report_without_pictures(tmp_path, shape):
    """Three hundred channels, or a row of features: the run ends well, and no image is drawn that nobody could read."""
    random = np.random.default_rng(0)
    x, z = (random.integers(0, 256, (length, *shape), dtype=np.uint8) for length in (60, 30))
    np.savez(tmp_path / "hyper.npz", x_train=x, y_train=np.arange(60) % 3, x_test=z, y_test=np.arange(30) % 3)
    run = bench.run(written(tmp_path, "./hyper.npz"), reports=tmp_path / "reports", progress=False)
    (data,) = run.result.run.datasets
    assert (ExitCode.OK, False) == (run.exit_code(), data.picture)
    assert {""} == {exhibit.pixels for exhibit in run.result.run.exhibits}
    report = (run.folder / "report.html").read_text()
    assert "The images that most cells get wrong" not in report
    assert "whole numbers from 0 to 255" in report
