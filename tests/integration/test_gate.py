"""The gate from end to end: real trainings on real digits, accepted, broken, mended."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from commandline import bench as command

import bench
from bench.core.errors import ExitCode

SUITE = """
[suite]
name = "guarded"
dataset = "digits"
seeds = 4
epochs = 12
batch_size = 32
learning_rate = 0.2
engine = "epoch"
[[grid]]
architecture = "mine:wide"
[[grid]]
architecture = "mine:narrow"
[gate]
margin = 0.02
"""

BUILDERS = """
import keras

def network(hidden, input_shape, num_classes):
    return keras.Sequential([
        keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(hidden, activation="relu"),
        keras.layers.Dense(num_classes, activation="softmax"),
    ])

def wide(input_shape, num_classes):
    return network(WIDE, input_shape, num_classes)

def narrow(input_shape, num_classes):
    return network(16, input_shape, num_classes)
"""


@pytest.fixture(scope="module")
def accepted(tmp_path_factory) -> Path:
    """A project with a suite, its builders, and a run of six seeds that was accepted."""
    project = tmp_path_factory.mktemp("gate")
    write(project)
    run(project, seeds=6)
    done = command("accept", "--reason", "the first", cwd=project)
    assert (0, "") == (done.returncode, done.stderr)
    return project


@pytest.fixture
def place(accepted, tmp_path) -> Path:
    """A copy of that project, for one test to change: its store holds all that is needed of the unchanged suite."""
    return shutil.copytree(accepted, tmp_path / "project", symlinks=True)


def write(place: Path, *, wide: int = 64, suite: str = SUITE) -> None:
    (place / "guarded.toml").write_text(suite)
    (place / "mine.py").write_text(f"WIDE = {wide}\n{BUILDERS}")


def run(place: Path, **options) -> bench.Run:
    done = bench.run(place / "guarded.toml", reports=place / "reports", jobs=2, progress=False, **options)
    assert ExitCode.OK is done.exit_code()
    return done


def check(place: Path, *words: str, **variables: str):
    return command("check", *words, cwd=place, **variables)


def verdicts(place: Path) -> dict[str, str]:
    content = json.loads((place / "reports" / "guarded" / "latest" / "verdict.json").read_text())
    return {cell["cell_id"].split("@")[0]: cell["verdict"] for cell in content["cells"]}


def test_the_baseline_holds_every_seed(place):
    """And what most seeds get wrong, image by image."""
    content = json.loads((place / "reports" / "baselines" / "guarded.json").read_text())
    assert [6, 6] == [len(cell["seeds"]) for cell in content["cells"]]
    assert all(":" in cell["mistakes"] for cell in content["cells"])
    assert content["acceptances"][0]["reason"] == "the first"


@pytest.mark.soak
def test_the_run_that_was_trained_is_the_run_that_is_judged(place, tmp_path):
    """`bench run --check` judges its own run, wherever its reports go, and not the latest one of somewhere else."""
    baselines = tmp_path / "elsewhere" / "baselines"
    baselines.mkdir(parents=True)
    shutil.copy(place / "reports" / "baselines" / "guarded.json", baselines)
    write(place, wide=2)
    words = ("run", "guarded.toml", "--check", "--reports", str(tmp_path / "elsewhere"))
    done = command(*words, cwd=place)
    assert 1 == done.returncode, done.stdout
    assert "REGRESSED  wide" in done.stdout
    assert (tmp_path / "elsewhere" / "guarded" / "latest" / "verdict.json").exists()
    assert 2 == command(*words, "--dry-run", cwd=place).returncode


@pytest.mark.soak
def test_a_regression_in_a_file_that_the_builder_imports_is_seen(place):
    """The store does not serve what the old helper trained."""
    helped = (place / "mine.py").read_text().replace("hidden, activation", "half(hidden), activation")
    (place / "mine.py").write_text(f"from parts import half\n{helped}")
    (place / "parts.py").write_text("def half(hidden):\n    return hidden\n")
    run(place, select="narrow")
    assert 0 == check(place, "--partial").returncode
    (place / "parts.py").write_text("def half(hidden):\n    return 2\n")
    run(place, select="narrow")
    done = check(place, "--partial")
    assert 1 == done.returncode, done.stdout
    assert {"narrow": "REGRESSED"} == verdicts(place)


def test_a_broken_baseline_is_told_on_github_too(place, tmp_path):
    """Exit 2, a section in the summary and an annotation; the file stays as it is."""
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    summary = tmp_path / "summary.md"
    done = check(place, "--baseline", str(broken), GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    assert 2 == done.returncode
    assert "The run was not judged" in summary.read_text()
    assert "::error title=The run was not judged::" in done.stdout
    assert "{" == broken.read_text()
    assert 4 == check(place, "--baseline", str(tmp_path / "typo.json")).returncode


def test_a_regression_in_a_builder_turns_it_red_and_undoing_it_green(place):
    """The right cell is named in the terminal, the JUnit file, GitHub's summary and its annotations."""
    run(place)
    assert 0 == check(place).returncode
    assert {"wide": "PASS", "narrow": "PASS"} == verdicts(place)

    write(place, wide=2)
    run(place)
    summary = place / "summary.md"
    summary.write_text("already there\n")
    done = check(place, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    assert 1 == done.returncode, done.stdout
    assert {"wide": "REGRESSED", "narrow": "PASS"} == verdicts(place)
    folder = (place / "reports" / "guarded" / "latest").resolve()
    assert "REGRESSED" in done.stdout
    assert "::error title=REGRESSED wide@digits@cpu::" in done.stdout
    cases = {case.get("name"): case for case in ET.parse(folder / "junit.xml").iter("testcase")}  # noqa: S314  ours
    assert cases["wide@digits@cpu"].find("failure") is not None
    assert cases["narrow@digits@cpu"].find("failure") is None
    told = summary.read_text()
    assert told.startswith("already there")
    assert "REGRESSED | `wide@digits@cpu`" in told
    for report in ("report.html", "report.md"):
        assert "1 REGRESSED, 1 PASS of 2 cells" in (folder / report).read_text()
    assert "the code that builds or trains it" in (folder / "verdict.json").read_text()

    write(place)
    run(place)
    assert 0 == check(place).returncode


def test_the_same_store_gives_the_same_verdict(place):
    """Byte for byte."""
    run(place)
    check(place)
    path = place / "reports" / "guarded" / "latest" / "verdict.json"
    first = path.read_bytes()
    path.unlink()
    check(place)
    assert first == path.read_bytes()


def test_a_cell_taken_out_is_missing(place):
    """Deleting a benchmark is no way to pass it; judging a part is, and says so."""
    write(place, suite=SUITE.replace('[[grid]]\narchitecture = "mine:narrow"\n', ""))
    run(place)
    done = check(place)
    assert 4 == done.returncode
    assert {"wide": "PASS", "narrow": "MISSING"} == verdicts(place)
    done = check(place, "--partial")
    assert 0 == done.returncode
    assert "left out" in done.stdout


def test_other_epochs_are_not_comparable(place):
    """With the difference in words."""
    run(place, settings={"epochs": 3}, seeds=1)
    done = check(place)
    assert 4 == done.returncode
    assert "epochs was 12, is 3" in done.stdout
    assert {"wide": "INVALID", "narrow": "INVALID"} == verdicts(place)


@pytest.mark.soak
def test_more_seeds_are_trained_for_what_is_open(place, tmp_path):
    """Only for the open cells, in a run of their own; a second check trains nothing and says the same."""
    rules = SUITE.replace("margin = 0.02", 'margin = 0.003\non_inconclusive = "more-seeds"\nlooks = 2\nmin_seeds = 2')
    write(place, suite=rules)
    run(place, seeds=6)
    path = tmp_path / "more.json"
    assert 0 == command("accept", "--reason", "narrow margin", "-o", str(path), cwd=place).returncode
    whole = run(place, seeds=[50, 51])
    done = check(place, "--baseline", str(path))
    found = json.loads((place / "reports" / "guarded" / "latest" / "verdict.json").read_text())
    assert [whole.run_id] == found["runs"][:1]
    assert 2 == len(found["runs"]), done.stdout
    opened = [cell for cell in found["cells"] if cell["current"]["n"] == 4]
    assert opened
    # the seeds of the second look were accepted, and train what they trained before: nothing is left to decide
    assert {("PASS", "same predictions")} == {(cell["verdict"], cell["grounds"]["cause"]) for cell in opened}
    assert all(cell["difference"]["look"] == 1 for cell in found["cells"] if cell not in opened)
    # the seeds of the run were never accepted, which is said; those of the next look were, so they can be paired
    assert "Seeds 50, 51 are not among the accepted seeds" in " ".join(done.stdout.split())
    later = json.loads((place / "reports" / "guarded" / found["runs"][1] / "run.json").read_text())
    assert {0, 1} == {seed for _, seed in later["planned"]}
    first = json.dumps(found)
    again = check(place, "--baseline", str(path))
    assert done.returncode == again.returncode
    assert "training more seeds" not in again.stdout
    assert first == json.dumps(json.loads((place / "reports" / "guarded" / "latest" / "verdict.json").read_text()))


@pytest.mark.soak
def test_more_seeds_of_changed_code_are_refused(place, tmp_path):
    """They would be seeds of something else."""
    rules = SUITE.replace("margin = 0.02", 'margin = 0.0001\non_inconclusive = "more-seeds"\nmin_seeds = 2')
    write(place, suite=rules)
    run(place, seeds=6)
    path = tmp_path / "more.json"
    command("accept", "--reason", "narrow margin", "-o", str(path), cwd=place)
    run(place, seeds=[60, 61])
    write(place, suite=rules, wide=65)
    done = check(place, "--baseline", str(path))
    assert 4 == done.returncode
    assert "the code that trains its cells has changed" in done.stderr


def test_power_says_what_the_seeds_can_see(place):
    """Per cell, from the spread of its seeds."""
    done = command("power", "--margin", "2", "--seeds", "4", cwd=place)
    assert 0 == done.returncode, done.stderr
    assert "wide@digits@cpu" in done.stdout
    assert "6 accepted and 4 current seeds" in done.stdout


@pytest.mark.soak
def test_the_audit_plants_faults(place):
    """Two classes taken for one another cost a cell a fifth; the store holds nothing of it."""
    run(place, seeds=3)
    before = command("list", cwd=place).stdout
    faults = ("--fault", "swapped-classes", "--fault", "last-bias", "--fault", "unscaled-test")
    done = command("audit", *faults, "-k", "narrow", cwd=place)
    assert 0 == done.returncode, done.stderr
    row = next(line for line in done.stdout.splitlines() if line.startswith("swapped-classes"))
    assert "yes" in row.split()
    assert before == command("list", cwd=place).stdout


@pytest.mark.soak
def test_the_audit_catches_what_the_page_says(tmp_path):
    """The shipped suite, judged by the baseline of this repository, as `docs/accuracy-in-ci.md` tells a newcomer to."""
    root = Path(__file__).parents[2]
    page = (root / "docs" / "accuracy-in-ci.md").read_text(encoding="utf-8")
    claims = dict(re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| (caught|not caught), ", page, re.MULTILINE))
    assert 7 == len(claims)
    baselines = tmp_path / "reports" / "baselines"
    shutil.copytree(root / "reports" / "baselines", baselines)
    assert 0 == command("run", "digits", "--seeds", "5", "--jobs", "2", cwd=tmp_path).returncode
    done = command("check", "digits", cwd=tmp_path)
    assert 0 == done.returncode, done.stdout
    done = command("audit", "digits", "--jobs", "2", cwd=tmp_path)
    assert 0 == done.returncode, done.stderr
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.split() and line.split()[0] in claims}
    said = {fault: "caught" if re.search(r"  yes  ", row) else "not caught" for fault, row in rows.items()}
    assert claims == said


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["accept"], 2, "none was given"),
        (["check", "--baseline", "nowhere.json"], 4, "There is no baseline at nowhere.json"),
        (["check", "--baseline", "mine.py"], 2, "is not JSON"),
        (["audit", "--fault", "last-bia"], 2, "did you mean last-bias?"),
        (["power", "--power", "1.5"], 2, "1.5 is not in the range"),
    ],
)
def test_mistakes_are_answered_in_sentences(place, words, code, sentence):
    """No traceback, and the exit code that fits."""
    done = command(*words, cwd=place)
    assert code == done.returncode, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
