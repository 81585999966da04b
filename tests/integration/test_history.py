"""`bench history` on a store with a history: a drop of a point and a slower training, in every format."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from commandline import bench
from histories import fill

from bench.core.score import ACCURACY
from bench.record.store import Store
from bench.render.charts.history import history
from bench.render.charts.palette import Style
from bench.render.exports.history import history_schema


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-four runs."""
    made = tmp_path_factory.mktemp("history")
    (made / "reports").mkdir()
    fill(made / "reports" / "bench.db")
    return made


def test_the_terminal_lists_the_changes_the_newest_first(folder: Path) -> None:
    """With the revisions, and what was left out."""
    ended = bench("history", "mnist-mlp", cwd=folder)
    assert (0, "") == (ended.returncode, ended.stderr)
    lines = ended.stdout.splitlines()
    assert "2 changes in 1 of 2 cells over 24 runs" == lines[0]
    slower, worse = (next(i for i, line in enumerate(lines) if word in line) for word in ("slower", "worse"))
    assert slower < worse
    assert "98.12 % to 97.13 %" in ended.stdout
    assert "b54cda26..538453d7" in ended.stdout
    assert "keras 3.15.1 to 3.16.0" in ended.stdout
    assert "2 runs of a cell ran on another machine than the last run; their times are excluded." in ended.stdout
    assert "1 run recorded no Git revision" in ended.stdout


def test_json_follows_its_schema(folder: Path) -> None:
    """And names the runs."""
    document = json.loads(bench("history", "--format", "json", cwd=folder).stdout)
    jsonschema.validate(document, history_schema())
    changes = {change["quantity"]: change for cell in document["cells"] for change in cell["changes"]}
    assert {"score": "worse", "time": "slower"} == {name: change["call"] for name, change in changes.items()}
    assert changes["score"]["first_run"] == document["runs"][14]["run_id"]
    assert changes["time"]["last_run"] == document["runs"][18]["run_id"]
    assert document["runs"][3]["revision"] is None


def test_markdown_goes_into_a_file(folder: Path) -> None:
    """With -o; -k takes a part of the cells."""
    ended = bench("history", "mnist-mlp", "--format", "md", "-o", "history.md", "-k", "model-1", cwd=folder)
    assert (0, "history.md") == (ended.returncode, ended.stdout.strip())
    text = (folder / "history.md").read_text()
    assert text.startswith("# History of mnist-mlp\n\n**No change beyond chance in 1 cell over 24 runs.**\n")
    table = bench("history", "--format", "md", cwd=folder).stdout
    assert "| `model-2@mnist@cpu` | accuracy | 98.12 % to 97.13 % |" in table


def test_three_runs_are_no_history_yet(folder: Path) -> None:
    """A run stands for those before it; the sentence says what is missing."""
    ended = bench("history", "2026-01-03", cwd=folder)
    assert 0 == ended.returncode
    assert ended.stdout.startswith("No history yet: no cell has 4 runs\n")
    assert "fewer than 4 runs (two before and two after a change)" in ended.stdout


def test_an_unknown_suite_is_refused(folder: Path) -> None:
    """With what to type instead; so is a cell that is not there."""
    ended = bench("history", "nothing", cwd=folder)
    assert (2, True) == (ended.returncode, "`bench list`" in ended.stderr)
    assert 2 == bench("history", "-k", "nothing", cwd=folder).returncode


def test_the_chart_marks_the_changes(folder: Path) -> None:
    """With their revisions, in its title and its note."""
    store = Store(str(folder / "reports" / "bench.db"))
    past = store.history(store.load_run(store.find_run("latest")).run)
    store.close()
    ids = list(dict.fromkeys(one.cell_id for one in past))
    chart = history(past, ids, {one: one for one in ids}, {one: Style("series-0", "o") for one in ids}, ACCURACY)
    assert "2 lasting changes over 24 runs" in chart.title
    assert "b54cda26..538453d7" in chart.svg
    assert "98.12 % to 97.13 %" in chart.note
