"""The index of a reports folder: every run once, what it found, links that lead somewhere, and no run read twice."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from factories import HOSTILE, cell, failed, result, seeded_run, trial

from bench.commands import index as command
from bench.commands.index import show_index, write_index_of
from bench.commands.workspace import Workspace
from bench.core.errors import BenchError
from bench.core.scores import SCORES
from bench.record.index import INDEX_FILE
from bench.record.runfile import RUN_FILE, write_run_file
from bench.results import Run


def write_run(reports, run, *, files=("report.html",)):
    folder = reports / "study" / run.run.run_id
    write_run_file(run, folder)
    for name in files:
        (folder / name).write_text("a page")
    return folder


@pytest.fixture
def reports(tmp_path):
    """Two runs of a suite and the link to the later one."""
    for number, accuracy in enumerate((0.95, 0.97)):
        run = seeded_run(f"run-{number}", {"a": [accuracy, accuracy + 0.002], "b": [0.9, 0.91]})
        started = f"2026-01-0{number + 1}T00:00:00+00:00"
        write_run(tmp_path, replace(run, run=replace(run.run, started_at=started)))
    (tmp_path / "study" / "latest").symlink_to("run-1", target_is_directory=True)
    return tmp_path


@pytest.fixture
def read(monkeypatch):
    """The folders whose run.json is read."""
    folders = []
    reader = command.read_run_file

    def noted(path):
        folders.append(path.name)
        return reader(path)

    monkeypatch.setattr(command, "read_run_file", noted)
    return folders


def rows(page):
    """The runs of a page in its order, each with the cells of its row as text."""
    found = {}
    for path, row in re.findall(r'<tr data-run="([^"]+)">(.*?)</tr>', page.read_text(), re.DOTALL):
        cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        found[path] = [re.sub(r"<[^>]+>", "", value).strip() for value in cells]
    return found


def test_every_run_is_listed_once_with_its_best_cell(reports):
    found = rows(write_index_of(Workspace(reports)))
    assert ["study/run-1", "study/run-0"] == list(found)
    newest = found["study/run-1"]
    assert "finished" in newest
    assert "4 of 4" in newest
    assert "97.10 %" in newest
    assert "a@mnist@cpu" in newest


def test_links_lead_to_files(reports):
    page = write_index_of(Workspace(reports))
    links = re.findall(r'href="([^"#]+)"', page.read_text())
    assert len(links) == 2
    assert all((reports / unquote(link)).is_file() for link in links)


def test_a_run_is_read_again_only_where_its_files_changed(reports, read):
    first = write_index_of(Workspace(reports)).read_bytes()
    assert ["run-0", "run-1"] == read
    read.clear()
    assert first == write_index_of(Workspace(reports)).read_bytes()
    assert [] == read
    (reports / "study" / "run-0" / "verdict.json").write_text("{}")
    write_index_of(Workspace(reports))
    assert ["run-0"] == read


def test_a_run_that_was_just_written_is_not_read(reports, read):
    run = seeded_run("run-2", {"a": [0.99, 0.98]})
    folder = write_run(reports, run)
    page = write_index_of(Workspace(reports), Run(run, folder))
    assert "run-2" not in read
    assert "98.50 %" in rows(page)["study/run-2"]


def test_a_damaged_cache_is_made_again(reports):
    first = write_index_of(Workspace(reports)).read_bytes()
    for damage in ("", "[]", '{"version": 1, "runs": {"study/run-0": {"stamp": []}}}', '{"version": 99}'):
        (reports / INDEX_FILE).write_text(damage)
        assert first == write_index_of(Workspace(reports)).read_bytes()


def test_a_run_that_cannot_be_read_is_named(reports):
    (reports / "study" / "run-0" / RUN_FILE).write_text("{")
    page = write_index_of(Workspace(reports))
    assert ["study/run-1"] == list(rows(page))
    assert "study/run-0" in page.read_text().partition("Runs that cannot be read")[2]


def test_the_best_cell_follows_the_direction_of_the_score(tmp_path):
    low, high = cell("low"), cell("high")
    errors = [(low, 0.1), (low, 0.3), (high, 5.0), (high, 6.0)]
    trials = [trial(of, seed) for seed, (of, _) in enumerate(errors)]
    measured = [
        replace(one, outcome=replace(one.outcome, metrics={"mean_absolute_error": error}))
        for one, (_, error) in zip(trials, errors, strict=True)
    ]
    write_run(tmp_path, result(*measured, failed(low, 9), score=SCORES["mean_absolute_error"]))
    (row,) = rows(write_index_of(Workspace(tmp_path))).values()
    assert "low@mnist@cpu" in row
    assert "4 of 5" in row


def test_hostile_names_stay_text(tmp_path):
    run = seeded_run("run", {"a": [0.9]}, suite_name=HOSTILE)
    write_run(tmp_path, run)
    text = write_index_of(Workspace(tmp_path)).read_text()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


@pytest.mark.parametrize("name", ["a b&c", "javascript:alert(1)", 'x" onclick="y', "#x?y=1", "<script>", "%2e%2e"])
def test_links_of_folders_with_odd_names_lead_to_their_files(tmp_path, name):
    run = seeded_run("run", {"a": [0.9]})
    folder = tmp_path / name / name
    write_run_file(run, folder)
    (folder / "report.html").write_text("a page")
    (link,) = re.findall(
        r'<th scope="row" class="name"><a href="([^"]+)"', write_index_of(Workspace(tmp_path)).read_text()
    )
    assert folder / "report.html" == tmp_path / unquote(link)
    assert re.fullmatch(r"[\w./%~-]+", link)


def test_an_empty_folder_says_what_to_type(tmp_path):
    assert "bench run digits" in write_index_of(Workspace(tmp_path)).read_text()


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(BenchError, match="There is no folder"):
        show_index(Workspace(tmp_path / "nowhere"))
