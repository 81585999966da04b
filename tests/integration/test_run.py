"""A real run on real digits: what it trains, stores, resumes and reports."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commandline import bench as bench_command
from commandline import bench_process

import bench
from bench.analyse.predictions import answers_of, hardest
from bench.catalog import datasets
from bench.record.measures import EPOCH_COLUMNS, TRIAL_COLUMNS
from bench.results import Run

SUITE = """
[suite]
name = "small"
dataset = "digits"
seeds = 2
epochs = 6
batch_size = 32
learning_rate = 0.1

[architectures.model-1]
builder = "softmax"
published = { accuracy = 0.86, source = "a made-up study" }

[[grid]]
architecture = ["model-1"]

[[grid]]
architecture = "mlp"
hidden = [[32], [32, 32]]

[[include]]
architecture = "lenet5"
epochs = 2
learning_rate = { schedule = "cosine", initial = 0.2 }
optimizer = { name = "sgd", momentum = 0.9 }
validation_split = 0.2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a suite in it."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "small.toml").write_text(SUITE)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """The suite, trained once."""
    return bench.run(folder / "small.toml", reports=folder / "reports", progress=False)


def test_every_trial_is_ok_and_better_than_guessing(run):
    """Eight real trainings on 1,437 real digits all learn something."""
    trials = run.trials()
    assert ["OK"] * 8 == trials["status"].tolist()
    assert (trials["accuracy"] > 0.6).all()
    assert [1437] * 6 + [1150] * 2 == sorted(trials["train_images"], reverse=True)
    assert [360] * 8 == trials["test_images"].tolist()


def test_the_plan_interleaves_seeds(run):
    """All cells come with their first seed before any comes with its second."""
    expected = ["model-1@digits@cpu", "mlp[hidden=32]@digits@cpu", "mlp[hidden=32-32]@digits@cpu"]
    assert expected == run.trials()["cell_id"].tolist()[:3]
    assert [0] * 4 + [1] * 4 == run.trials()["seed"].tolist()


def test_the_frames_have_the_documented_columns(run):
    """Both frames carry exactly the documented columns and dtypes, parameters after them."""
    trials, epochs = run.trials(), run.epochs()
    assert [*TRIAL_COLUMNS, "param_hidden"] == list(trials.columns)
    assert TRIAL_COLUMNS == {column: str(trials[column].dtype) for column in TRIAL_COLUMNS}
    assert EPOCH_COLUMNS == {column: str(epochs[column].dtype) for column in epochs.columns}
    assert 2 * (6 * 3 + 2) == len(epochs)


def test_accuracy_is_what_the_stored_predictions_say(run):
    """The accuracy of every trial is recomputed from its stored predictions and the stored labels."""
    labels = np.frombuffer(zlib.decompress(run.result.run.datasets[0].labels), np.uint8)
    for trial in run.result.trials:
        predicted = np.frombuffer(zlib.decompress(trial.outcome.predictions), np.uint8)
        assert float(np.mean(predicted == labels)) == pytest.approx(trial.outcome.accuracy, abs=1e-12)
        assert int(np.sum(predicted != labels)) == trial.outcome.test_errors


def test_times_are_measured_and_add_up(run):
    """Every phase took time, and together they are no more than the trial took."""
    trials = run.trials()
    phases = ["load_time_s", "build_time_s", "compile_time_s", "train_time_s", "evaluate_time_s"]
    assert (trials[[*phases, "start_time_s"]] > 0).all(axis=None)
    assert (trials[phases].sum(axis=1) <= trials["total_time_s"]).all()
    assert trials["contention"].ne("").tolist() == trials["timing_contended"].tolist()


def test_validation_is_recorded_where_the_suite_asks_for_it(run):
    """Only the cell with a validation split has validation figures, in both frames."""
    validated = run.trials().set_index("cell_id")["validation_accuracy"].dropna()
    assert {"lenet5"} == {cell_id.partition("[")[0] for cell_id in validated.index}
    assert 2 * 2 == run.epochs()["validation_accuracy"].notna().sum()


def test_the_schedule_reached_the_optimizer(run):
    """A cosine schedule ends at zero, a constant rate stays."""
    last = run.epochs().groupby("cell_id")["learning_rate"].last()
    assert 0.1 == pytest.approx(last["model-1@digits@cpu"])
    assert 0.0 == pytest.approx(last.filter(like="lenet5").iloc[0], abs=1e-9)


def test_the_same_seed_gives_the_same_weights_whatever_the_process(run, folder):
    """A second training of a cell by the same engine, in another process, ends with the same weights, bit for bit."""
    first = run.trials().query("architecture == 'model-1'")
    assert 1 == first["engine"].nunique()
    # a store of its own measures the engines anew, and may find another one the fastest
    same = {"engine": first["engine"].iloc[0]}
    again = bench.run(folder / "small.toml", reports=folder / "again", select="model-1", settings=same, progress=False)
    digests = first["weights_digest"].tolist()
    assert digests == again.trials()["weights_digest"].tolist()
    assert digests[0] != digests[1]


def test_the_run_folder_stands_alone(run):
    """Table, run file, reports and logs are there, and the run file says what the store says."""
    assert {"run.json", "results.csv", "report.html", "report.md", "charts", "logs"} == {
        p.name for p in run.folder.iterdir()
    }
    assert run.folder.resolve() == (run.folder.parent / "latest").resolve()
    alone = bench.load(str(run.folder))
    pd.testing.assert_frame_equal(run.trials(), alone.trials())
    pd.testing.assert_frame_equal(run.epochs(), alone.epochs())
    assert "digits" == json.loads((run.folder / "run.json").read_text())["datasets"][0]["name"]


def test_the_hardest_images_are_kept_with_the_run(run):
    """Pixel for pixel those of the data set, for the very images that most trials get wrong; the report draws them."""
    (answers,) = answers_of(run.result)
    kept = {one.image: zlib.decompress(base64.b64decode(one.pixels)) for one in run.result.run.exhibits}
    assert [one.number for one in hardest(answers)] == list(kept)
    digits = datasets.obtain("digits", base=Path())
    images = datasets.load(digits.path, digits.sha256).x_test
    for image, pixels in kept.items():
        assert bytes((8, 8, 1)) + images[image].tobytes() == pixels
    assert {"confusion", "class-accuracy", "hardest-examples"} <= {
        path.stem for path in (run.folder / "charts").iterdir()
    }
    assert run.result.run.exhibits == bench.load(str(run.folder)).result.run.exhibits


def test_the_environment_is_recorded(run):
    """Processor, memory, versions and the data's hash are in the record."""
    environment = run.result.run.environment
    assert environment.cpu_model
    assert {"tensorflow", "keras", "numpy"} <= environment.packages.keys()
    assert environment.memory_bytes > 2**28
    assert {run.result.run.datasets[0].sha256} == set(run.trials()["data_sha256"])


def test_a_rerun_trains_nothing_and_shows_the_same(run, folder):
    """The same command takes every trial from the store."""
    again = bench.run(folder / "small.toml", reports=folder / "reports", progress=False)
    assert again.trials()["reused"].all()
    assert run.trials()["accuracy"].tolist() == again.trials()["accuracy"].tolist()
    with sqlite3.connect(folder / "reports" / "bench.db") as database:
        assert (8,) == database.execute("select count(*) from trials").fetchone()


NO_TENSORFLOW = """
from pathlib import Path
Path(__file__).with_name("imported").touch()
raise ImportError("This is no TensorFlow.")
"""


def test_a_rerun_that_trains_nothing_imports_no_tensorflow(run, folder, tmp_path):
    """No process of it does; host and versions are those of the run that trained, and it says so everywhere."""
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text(NO_TENSORFLOW)
    done = bench_process("run", "small.toml", cwd=folder, PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]))
    assert 0 == done.returncode, done.stderr
    assert not (tmp_path / "tensorflow" / "imported").exists()
    again = bench.load("small", reports=folder / "reports")
    record = again.result.run
    assert (run.result.run.environment, run.run_id) == (record.environment, record.environment_run)
    assert ({}, True) == (record.import_times_s, again.trials()["reused"].all())
    sentence = f"run {run.run_id}, which trained all 8 trials; this run trained nothing"
    assert sentence in (again.folder / "report.md").read_text()
    assert sentence in bench_command("show", "small", cwd=folder).stdout


def test_a_changed_setting_trains_only_what_it_changes(run, folder):
    """Another seed is trained, those that are there are not."""
    more = bench.run(folder / "small.toml", reports=folder / "reports", seeds=[0, 5], select="model-1", progress=False)
    assert [True, False] == more.trials()["reused"].tolist()


def test_fresh_retrains(run, folder):
    """`fresh` trains what the store holds, and leaves the earlier rows."""
    fresh = bench.run(folder / "small.toml", reports=folder / "reports", select="model-1", fresh=True, progress=False)
    assert not fresh.trials()["reused"].any()
    assert run.trials()["weights_digest"].tolist()[0] == fresh.trials()["weights_digest"].tolist()[0]


def test_parallel_trials_count_for_accuracy_and_not_for_time(folder):
    """With --jobs 2 the accuracy is the same, and every timing is marked and left out of the summary."""
    options = {"select": "model-1", "settings": {"engine": "epoch"}, "jobs": 2, "progress": False}
    two = bench.run(folder / "small.toml", reports=folder / "two", **options)
    assert two.trials()["timing_contended"].all()
    assert two.summary()["train_time_median_s"].isna().all()
    assert two.summary()["score_mean"].notna().all()


def test_reports_can_be_written_anywhere(run, tmp_path):
    """A notebook user's `run.report` writes one HTML file, or Markdown with its charts."""
    html = run.report(tmp_path / "out.html")
    assert html.read_text().startswith("<!doctype html>")
    markdown = run.report(tmp_path / "out.md")
    assert markdown.read_text().startswith("# ")
    assert list((tmp_path / "charts").glob("*.svg"))


IMPORTED = """
import atexit, sys
from bench.cli import main
modules = {"tensorflow", "keras", "jax", "torch"}
atexit.register(lambda: print("imported:", sorted(modules & set(sys.modules)), file=sys.stderr))
main()
"""


def test_plain_output_is_one_line_per_trial_of_a_harness_without_tensorflow(folder):
    """Without a terminal: a plan, a line per trial, the leaderboard, the paths and where the time went.

    Planning, running and reporting leave TensorFlow, Keras and their seconds to the workers.
    """
    words = ("run", "small.toml", "-k", "model-1", "--set", "engine=epoch", "--reports", "plain")
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *words],
        check=False, capture_output=True, text=True, timeout=300, cwd=folder, stdin=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "160", "CI": "true"},
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert 0 == done.returncode, done.stderr
    assert "imported: []" == done.stderr.splitlines()[-1]
    assert lines[0].startswith("digits: 1,437 training and 360 test examples; inputs: images of 8 x 8 pixels, grey")
    assert lines[1].startswith("small: 1 cell x 2 seeds = 2 trials, about ")
    assert ["[1/2] OK model-1@digits@cpu seed 0", "[2/2] OK model-1@digits@cpu seed 1"] == [
        line.partition("  ")[0] for line in lines if line.startswith("[")
    ]
    assert any(line.startswith("Report ") for line in lines)
    assert " harness (" in lines[-1]
    assert "\x1b" not in done.stdout


def test_a_dry_run_writes_nothing(folder, tmp_path):
    """--dry-run shows the plan and touches no file."""
    before = sorted(tmp_path.iterdir())
    done = bench_command("run", str(folder / "small.toml"), "--dry-run")
    assert 0 == done.returncode
    assert "4 cells x 2 seeds = 8 trials" in done.stdout
    assert before == sorted(tmp_path.iterdir())
