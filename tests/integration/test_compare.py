"""Comparisons from end to end: real trainings on real digits, from a store, from folders and with a baseline."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commandline import bench as command

import bench
from bench.core.errors import ExitCode

SUITE = """
[suite]
name = "compared"
dataset = "digits"
seeds = 3
epochs = 12
batch_size = 32
learning_rate = 0.2
engine = "epoch"
[[grid]]
architecture = "softmax"
[[grid]]
architecture = "mlp"
hidden = [[16]]
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A project with two runs, the second of a tiny learning rate for one epoch, and a baseline of the first."""
    place = tmp_path_factory.mktemp("compare")
    (place / "compared.toml").write_text(SUITE)
    first = run(place)
    assert 0 == command("accept", first, "--reason", "the first", cwd=place).returncode
    second = run(place, settings={"epochs": 1, "learning_rate": 0.001})
    (place / "ids").write_text(f"{first} {second}")
    return place


def run(place: Path, **options) -> str:
    done = bench.run(place / "compared.toml", reports=place / "reports", progress=False, **options)
    assert ExitCode.OK is done.exit_code()
    return done.run_id


def ids(place: Path) -> list[str]:
    return (place / "ids").read_text().split()


def compare(*words: str, cwd: Path):
    done = command("compare", *words, cwd=cwd)
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


def table(text: str) -> list[str]:
    """The lines of the table of cells."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("cell "))
    return lines[
        start : lines.index(next(line for line in lines if line.startswith("Times") or not line.strip()), start)
    ]


def test_two_runs_of_a_store(place):
    """Settings that differ, drops that are sure, images that flipped; the other settings are not shown."""
    first, second = ids(place)
    told = compare(first, second, cwd=place)
    assert told.startswith("Of 2 cells, 2 are worse (95 % interval below 0), most of all ")
    assert "Differences in all 2 cells: epochs 12 -> 1; learning_rate 0.2 -> 0.001." in told
    assert 2 == sum(" worse " in line for line in table(told))
    assert 2 == sum(" lost, " in line for line in table(told))
    assert "batch_size" not in told
    assert "Environment" not in told


def test_a_run_with_itself_by_two_of_its_names(place):
    """The suite's name is its latest run."""
    second = ids(place)[1]
    assert f"Nothing differs: both are run {second}, 2 cells with 6 trials" in compare("compared", second, cwd=place)


def test_run_folders_without_their_store(place, tmp_path):
    """Copied elsewhere they say the same, image by image."""
    first, second = ids(place)
    for run_id in (first, second):
        shutil.copytree(place / "reports" / "compared" / run_id, tmp_path / run_id)
    moved = compare(first, f"{second}/run.json", cwd=tmp_path)
    assert not (tmp_path / "reports").exists()
    assert compare(first, second, cwd=place) == moved


def test_a_baseline_and_runs(place):
    """The run it was made of does not differ; a run after it does, by the same figures as between the runs."""
    first, second = ids(place)
    baseline = "reports/baselines/compared.json"
    assert f"Nothing differs: both are run {first}" in compare(baseline, first, cwd=place)
    told = compare(baseline, second, cwd=place)
    assert "A is the baseline of compared" in told
    between = compare(first, second, cwd=place)
    assert between.splitlines()[0] == told.splitlines()[0]
    assert table(between) == table(told)


def test_the_same_settings_again_are_no_difference(place):
    """What the store holds is not trained again, and a comparison finds that out."""
    first = ids(place)[0]
    again = run(place)
    try:
        told = compare(first, again, cwd=place)
    finally:
        shutil.rmtree(place / "reports" / "compared" / again)
    assert "Nothing differs: A and B have identical results, 2 cells with 6 trials" in told


def test_a_page_is_one_file_that_is_the_same_every_time(place, tmp_path):
    """Whatever the day."""
    first, second = ids(place)
    for name in ("one.html", "two.html"):
        compare(first, second, "-o", str(tmp_path / name), cwd=place)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
    assert "http-equiv" in (tmp_path / "one.html").read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["compared", "nowhere"], "There is no run 'nowhere'"),
        (["compared", "compared.toml"], "There is no run 'compared.toml'"),
        (["compared", "other.json"], "neither a run nor a baseline"),
        (["compared"], "Missing argument 'B'"),
        (["compared", "compared", "--format", "pdf"], "'pdf' is not one of"),
    ],
)
def test_mistakes_are_answered_in_sentences(place, words, sentence):
    """Exit 2, and no traceback."""
    (place / "other.json").write_text("{}")
    done = command("compare", *words, cwd=place)
    assert (2, True) == (done.returncode, sentence in done.stderr), done.stderr
    assert "Traceback" not in done.stderr
