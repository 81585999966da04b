"""What a run and its cells become elsewhere: tables that other tools read, lessons that train the very same cell."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbclient
import nbformat
import pandas as pd
import pytest
from commandline import bench as command

import bench
from bench.core.errors import BenchError
from bench.render.exports.pytest_benchmark import pytest_benchmark_text

SUITE = """
[suite]
name = "exported"
dataset = "digits"
seeds = 2
epochs = 6
batch_size = 32
engine = "fit"
deterministic = true

[architectures.plain]
builder = "mlp"
hidden = [16]

[architectures.rich]
builder = "mlp"
hidden = [24, 16]
dropout = 0.2
batch_norm = true

[architectures.own]
builder = "mine:forked"
width = 12

[architectures.compiled]
builder = "mine:compiled"
compile = "builder"
lr = 0.01

[architectures.rows]
builder = "mine:rows"
dataset = "mine:measured"
input_scaling = "standard"
loss = { name = "categorical_crossentropy", from_logits = true, label_smoothing = 0.1 }

[[grid]]
architecture = ["compiled", "rows"]

[[grid]]
architecture = "plain"
learning_rate = 0.2

[[grid]]
architecture = "rich"
optimizer = { name = "sgd", momentum = 0.9, nesterov = true }
learning_rate = { schedule = "cosine", initial = 0.1, warmup_epochs = 1 }
input_scaling = "standard"
validation_split = 0.1
early_stopping = { monitor = "validation_accuracy", patience = 2 }

[[grid]]
architecture = "own"
optimizer = "adam"
learning_rate = 0.01
loss = "sparse_categorical_crossentropy"
device = "cpu[threads=1]"
"""

BUILDER = """
import keras
import numpy as np

def compiled(input_shape, num_classes, lr):
    '''As most builders are: compiled from logits, for class numbers.'''
    model = rows(input_shape, num_classes)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(lr), loss=loss, metrics=["accuracy"])
    return model

def rows(input_shape, num_classes):
    layers = [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(num_classes)]
    return keras.Sequential(layers)

def measured():
    '''Three kinds of measurements of six quantities: no pictures.'''
    rng = np.random.default_rng(3)
    y = rng.integers(0, 3, 500)
    x = (rng.normal(5, 2, (500, 1, 6)) + np.eye(3)[y].repeat(2, axis=1)[:, None] * 3).astype("float32")
    return (x[:140], y[:140]), (x[140:], y[140:])

def forked(input_shape, num_classes, width):
    inputs = keras.Input(input_shape)
    flat = keras.layers.Flatten()(inputs)
    both = [keras.layers.Dense(width, activation=name)(flat) for name in ("relu", "tanh")]
    outputs = keras.layers.Dense(num_classes, activation="softmax")(keras.layers.Concatenate()(both))
    return keras.Model(inputs, outputs)
"""


SOAK = pytest.mark.soak
"""What these three show, the others show too: layers as lines, a builder that is imported, one that compiles."""


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with a run of five cells that leave nothing to chance."""
    place = tmp_path_factory.mktemp("export")
    (place / "bench.toml").write_text(SUITE)
    (place / "mine.py").write_text(BUILDER)
    done = bench.run(place / "bench.toml", reports=place / "reports", jobs=2, progress=False)
    assert [0] == [done.exit_code()], done.trials()["reason"].tolist()
    return place


@pytest.fixture(scope="module")
def run(place) -> bench.Run:
    """That run."""
    return bench.load(place / "reports" / "exported" / "latest")


@pytest.mark.parametrize(
    ("cell", "seed"),
    [
        pytest.param("plain", 0, marks=SOAK),
        pytest.param("rich", 1, marks=SOAK),
        pytest.param("own", 1, marks=SOAK),
        pytest.param("compiled", 1, marks=SOAK),
        ("rows", 0),
    ],
)
def test_a_script_ends_with_the_weights_of_the_benchmark(place, cell, seed):
    """Without the harness: sure of it, since a `bench` that cannot be imported lies before the installed one."""
    file = place / f"lesson_{cell}.py"  # a file named rich.py would be imported in place of the package
    done = command("export", cell, "--to", "script", "--seed", str(seed), "-o", str(file), cwd=place)
    assert 0 == done.returncode, done.stderr
    assert "bench." not in file.read_text()
    blocked = place / "blocked" / "bench"
    blocked.mkdir(parents=True, exist_ok=True)
    (blocked / "__init__.py").write_text("raise ImportError('a lesson does not need the harness')\n")
    path = f"{blocked.parent}:{place}"
    told = subprocess.run(
        [sys.executable, str(file)],
        check=False,
        cwd=place,
        capture_output=True,
        text=True,
        timeout=200,
        env={"PATH": "/usr/bin:/bin", "HOME": str(place), "MPLBACKEND": "Agg", "PYTHONPATH": path},
    )
    assert 0 == told.returncode, told.stderr
    assert "The weights are those of the benchmark, bit by bit" in told.stdout
    ours, theirs = re.findall(r"(\d+) of 360 (?:images|examples)", told.stdout)
    assert ours == theirs


@pytest.mark.soak
def test_a_notebook_runs_cell_by_cell(place):
    """And is a valid notebook."""
    file = place / "rich.ipynb"
    done = command("export", "rich", "--to", "notebook", "-o", str(file), cwd=place)
    assert 0 == done.returncode, done.stderr
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    nbclient.NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(place)}}).execute()
    printed = "".join(
        output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []) if "text" in output
    )
    assert "The weights are those of the benchmark, bit by bit" in printed


def test_tables_hold_what_the_frame_holds(place, run):
    """CSV, JSON and Parquet: every accuracy in full precision."""
    expected = run.trials()["accuracy"].tolist()
    exact = {
        "csv": lambda file: [float(row["accuracy"]) for row in csv.DictReader(io.StringIO(file.read_text()))],
        "json": lambda file: [row["accuracy"] for row in json.loads(file.read_text(encoding="utf-8"))],
        "parquet": lambda file: pd.read_parquet(file)["accuracy"].tolist(),
    }
    for kind, read in exact.items():
        file = place / f"table.{kind}"
        done = command("export", "exported", "--to", kind, "-o", str(file), cwd=place)
        assert 0 == done.returncode, done.stderr
        assert expected == read(file)


def test_pytest_benchmark_compares_it(place, run):
    """Its own command reads the file; a run whose timings do not count, for what ran beside it, has none to give."""
    alone = tuple(replace(trial, contention="") for trial in run.result.trials)
    file = place / "run.json"
    file.write_text(pytest_benchmark_text(replace(run.result, trials=alone)))
    told = subprocess.run(
        [sys.executable, "-m", "pytest_benchmark", "compare", str(file)],
        check=False, capture_output=True, text=True, cwd=place, timeout=100,
    )  # fmt: skip
    assert 0 == told.returncode, told.stderr
    assert all(cell in told.stdout for cell in run.trials()["cell_id"])
    crowded = tuple(replace(trial, contention="others ran") for trial in run.result.trials)
    with pytest.raises(BenchError, match="has no valid times"):
        pytest_benchmark_text(replace(run.result, trials=crowded))


def test_latex_has_the_digits_of_the_report(place, run):
    """Escaped for LaTeX, and otherwise the same."""
    done = command("export", "exported", "--to", "latex", "-o", "table.tex", cwd=place)
    assert 0 == done.returncode, done.stderr
    text = (place / "table.tex").read_text()
    for mean in run.summary()["score_mean"]:
        assert f" & {100 * mean:.2f} & " in text
    done = command("export", "exported", "--to", "latex", "--top", "1", "-o", "top.tex", cwd=place)
    assert 0 == done.returncode, done.stderr
    assert 1 == (place / "top.tex").read_text().count("@") or "The best 1 of " in (place / "top.tex").read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nothing", "--to", "script"], "has no cell 'nothing'"),
        (["@digits", "--to", "script"], "has 4 cells like '@digits'"),
        (["plain", "--to", "script", "--seed", "9"], "with seed 9 went well"),
        (["exported", "--to", "csv", "-o", "mine.py"], "mine.py is there already"),
        (["exported", "--to", "csv", "--top", "3"], "csv has no such choice"),
    ],
)
def test_mistakes_are_answered_in_sentences(place, words, sentence):
    """Nothing is written over, and the way out is named."""
    done = command("export", *words, cwd=place)
    assert 2 == done.returncode
    assert sentence in done.stderr
    assert "Hint" in done.stderr
