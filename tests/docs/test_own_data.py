"""Two pages keep their word: every suite that they print runs as printed, and every answer is the one they print."""

from __future__ import annotations

import runpy
import shutil
from contextlib import chdir

import pytest
from commandline import bench
from pages import ROOT, first_cells, printed_suites, reaches

import bench as harness
from bench.catalog.datasets import DatasetTable
from bench.core.scores import SCORES
from bench.core.target import Task
from bench.declare.parse import parse_suite
from bench.declare.schema import GateKeys, SuiteKeys

PAGE, KEYS = ROOT / "docs" / "your-own-data.md", ROOT / "docs" / "suite-file.md"
EXAMPLES = ROOT / "examples"
SUITES = [*printed_suites(PAGE), *printed_suites(KEYS)]
TRAINED = [suite for suite in SUITES if not suite.answer]
REFUSED = [suite for suite in SUITES if suite.answer]
OTHER_MACHINES = {"hub"}
"""Suites whose data has to be fetched."""

REACHED = {
    "arrays": 0.85,
    "customers": 0.8,
    "example": 0.85,
    "flowers": 0.9,
    "from-pandas": 0.5,
    "houses": 45.0,
    "kaggle": 0.85,
    "machines": 0.8,
    "many-classes": 0.9,
    "one-part": 0.85,
    "own-compile": 0.85,
    "own-score": 0.15,
    "pictures": 0.9,
    "reviews": 0.8,
    "sensors": 0.85,
    "series": 0.9,
    "tuned": 0.85,
    "two-inputs": 0.5,
    "weather": 0.85,
}
"""What the best network of each suite reaches at least, or at most where lower is better."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with everything that the page's suites name."""
    path = tmp_path_factory.mktemp("every-kind")
    with chdir(path):
        runpy.run_path(str(EXAMPLES / "every-kind" / "make_data.py"))
    shutil.copy(EXAMPLES / "houses" / "houses.csv", path)
    shutil.copy(EXAMPLES / "own-parts" / "parts.py", path)
    for name in ("sensors.py", "tuned.py"):
        shutil.copy(EXAMPLES / "every-kind" / name, path)
    for suite in SUITES:
        (path / f"{suite.name}.toml").write_text(suite.text, encoding="utf-8")
    return path


def named(suites):
    """Parameters of a test, each with the suite's name for an id."""
    return [pytest.param(suite, id=suite.name) for suite in suites]


@pytest.mark.parametrize("suite", named([suite for suite in TRAINED if suite.name not in OTHER_MACHINES]))
def test_every_suite_trains(folder, suite):
    """Each kind of data is read, and every network of the suite trains on it; a single short training of each."""
    done = bench("run", f"{suite.name}.toml", "--seeds", "1", "--set", "epochs=1", cwd=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("suite", named([suite for suite in TRAINED if suite.name in OTHER_MACHINES]))
def test_a_suite_whose_data_is_elsewhere_is_accepted(folder, suite):
    """Nothing of it is refused before its data is fetched."""
    assert parse_suite(suite.text, base=folder, origin=suite.name).name == suite.name


@pytest.mark.parametrize("suite", named(REFUSED))
def test_every_answer_is_the_one_printed(folder, suite):
    """What the page says of a mistake is what the command says, to the letter."""
    done = bench("run", f"{suite.name}.toml", cwd=folder, COLUMNS="1000")
    assert done.returncode == 2
    assert suite.answer.strip() in done.stderr


@pytest.mark.soak
@pytest.mark.parametrize("suite", named([suite for suite in TRAINED if suite.name not in OTHER_MACHINES]))
def test_every_suite_reaches_what_can_be_expected(folder, suite):
    """As printed, seeds and epochs included: the best network is good at it."""
    done = bench("run", f"{suite.name}.toml", "--reports", "whole", cwd=folder)
    assert done.returncode == 0, done.stderr
    run = harness.load(folder / "whole" / suite.name / "latest")
    assert reaches(run, REACHED[suite.name])


def test_the_plan_says_what_the_page_says(folder):
    """The sentence about the table of houses, to the letter."""
    said = "".join(bench("plan", "houses.toml", cwd=folder, COLUMNS="1000").stdout.split())
    printed = PAGE.read_text(encoding="utf-8").partition("```text\nhouses: ")[2].partition("```")[0]
    assert "".join(f"houses: {printed}".split()) in said


def test_the_loaders_of_the_page_are_those_of_the_example():
    """A loader or a part that the page prints stands in the file it names, word for word."""
    page = PAGE.read_text(encoding="utf-8")
    blocks = [block.partition("```")[0].strip() for block in page.split("```python\n")[1:]]
    names = [*EXAMPLES.glob("every-kind/*.py"), EXAMPLES / "own-parts" / "parts.py"]
    files = [path.read_text(encoding="utf-8") for path in names]
    assert len(blocks) >= 2
    assert [] == [block for block in blocks if not any(block in text for text in files)]


def test_the_table_of_scores_has_every_score():
    """Name, heading, direction, tasks and order are those of the code."""
    page = PAGE.read_text(encoding="utf-8")
    assert list(SCORES) == first_cells(page, "| `score` | reads | better | for |")
    words = {Task.CLASSES: "classes", Task.MULTILABEL: "labels", Task.REGRESSION: "values"}
    for score in SCORES.values():
        better = "higher" if score.higher_is_better else "lower"
        tasks = ", ".join(words[task] for task in score.tasks) or "any"
        assert f"| `{score.name}` | {score.heading} | {better} | {tasks} |" in page


@pytest.mark.parametrize(
    ("heading", "keys"),
    [("## `[suite]`", SuiteKeys), ("## `[datasets.NAME]`", DatasetTable), ("## `[gate]`", GateKeys)],
)
def test_the_page_of_the_suite_file_has_every_key(heading, keys):
    """No key is left out, and none is explained that there is not."""
    assert set(keys.model_fields) == set(first_cells(KEYS.read_text(encoding="utf-8"), heading))
