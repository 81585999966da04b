"""Exports for which something is missing: an extra, or a model that was never kept; one sentence and a way out."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from commandline import bench as command

EXAMPLE = str(Path(__file__).parents[3] / "reports" / "examples" / "mnist-mlp")


@pytest.mark.parametrize(
    ("extra", "package"),
    [("mlflow", "mlflow"), ("tensorboard", "tensorboard"), ("wandb", "wandb")],
)
def test_a_missing_extra_says_what_to_type(own_folder, monkeypatch, extra, package):
    """And nothing is written."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == package else find(name, *rest))
    done = command("export", EXAMPLE, "--to", extra)
    assert 2 == done.returncode
    assert f"pip install 'keras-bench[{extra}]'" in done.stderr
    assert [] == list(own_folder.iterdir())


@pytest.mark.parametrize("to", ["keras", "onnx"])
def test_a_model_that_was_not_kept_cannot_be_exported(own_folder, to):
    """The way out is the key of the suite."""
    done = command("export", "model-2", "--run", EXAMPLE, "--to", to)
    assert 2 == done.returncode
    assert 'keep_models = "best"' in done.stderr
    assert [] == list(own_folder.iterdir())


@pytest.mark.parametrize("words", [("--to", "csv"), ("--to", "mlflow", "-o", "store.db")])
def test_a_store_of_mlflow_is_named_once_and_for_mlflow(own_folder, words):
    """No flag is dropped without a word."""
    done = command("export", EXAMPLE, *words, "--tracking-uri", "sqlite:///x.db")
    assert (2, True) == (done.returncode, "--tracking-uri" in done.stderr)
    assert [] == list(own_folder.iterdir())
