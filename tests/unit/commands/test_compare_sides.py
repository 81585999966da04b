"""What `bench compare` takes for a side, and what it says to anything else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from factories import seeded_run

from bench.analyse.gate.acceptance import Approval, accept
from bench.commands.compare import CompareRequest, compare_and_show
from bench.commands.workspace import Workspace
from bench.core.errors import BaselineError, BenchError, ExitCode, StoreError
from bench.record.baseline import write_baseline
from bench.record.runfile import write_run_file

VALUES = {"mlp": [0.96, 0.961, 0.959]}


def request(before: str, after: str, **changes) -> CompareRequest:
    values = {"to": None, "output": None, "workspace": Workspace(), **changes}
    return CompareRequest(before=before, after=after, **values)


@pytest.fixture
def sides(tmp_path) -> Path:
    """A run folder, another run's file and a baseline, in the current folder and without a store."""
    run = seeded_run("run-a", VALUES)
    write_run_file(run, tmp_path / "a")
    write_run_file(seeded_run("run-b", {"mlp": [0.9, 0.901, 0.899]}), tmp_path / "b")
    approval = Approval("2026-11-24T12:00:00+00:00", "Somebody", "good")
    write_baseline(accept(run, approval, None), tmp_path / "accepted.json")
    return tmp_path


@pytest.mark.parametrize("before", ["a", "a/run.json", "accepted.json"])
@pytest.mark.parametrize("after", ["b", "b/run.json"])
def test_a_side_is_a_folder_a_file_or_a_baseline(sides, capsys, before, after):
    """Told apart by what the file holds; the figures are the same."""
    assert ExitCode.OK is compare_and_show(request(before, after))
    printed = capsys.readouterr().out
    assert "mlp is worse (95 % interval below 0): 96.00 % -> 90.00 %, -6.00 points (" in printed
    assert "60 lost, 0 gained" in printed


def test_a_page_is_named_after_both_sides(sides, capsys):
    """In the current folder, with its path printed; a baseline by its suite."""
    compare_and_show(request("accepted.json", "b", to="html"))
    assert "compare-baseline-mnist-mlp-run-b.html\n" == capsys.readouterr().out
    assert (sides / "compare-baseline-mnist-mlp-run-b.html").read_text().rstrip().endswith("</html>")


def test_the_file_s_name_says_the_format(sides, capsys):
    """Markdown comes with its chart beside it; --format is heard before the name."""
    for name, start in (("x.html", "<!doctype html>"), ("out/x y.md", "# mlp is"), ("x.txt", "mlp is worse")):
        compare_and_show(request("a", "b", output=Path(name)))
        assert name == capsys.readouterr().out.strip()
        assert Path(name).read_text().startswith(start)
    assert Path("out/x y.svg").read_text().startswith("<?xml")
    assert "](x%20y.svg)" in Path("out/x y.md").read_text()
    compare_and_show(request("a", "b", output=Path("page.txt"), to="md"))
    assert Path("page.txt").read_text().startswith("# mlp is")
    with pytest.raises(BenchError, match="does not say whether") as caught:
        compare_and_show(request("a", "b", output=Path("x.pdf")))
    assert "-o x.html" in caught.value.hint


def test_markdown_goes_to_a_pipe(sides, capsys):
    """Without colours, wrapping or a chart."""
    compare_and_show(request("a", "b", to="md"))
    printed = capsys.readouterr().out
    assert printed.startswith("# mlp is worse")
    assert ".svg" not in printed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is neither a run nor a baseline"),
        ('{"schema_version": 1, "cells": []}', "is neither a run nor a baseline"),
        ('{"run_id": "x", "schema_version": 99}', "schema 99; this version reads up to schema"),
        ('{"run_id": "x", "schema_version": 2}', "cannot be read: suite_name"),
        ('{"acceptances": [], "schema_version": 99}', "schema 99; this version reads up to"),
        ('{"acceptances": [], "schema_version": 1}', "cannot be read: suite"),
    ],
)
def test_a_file_that_is_no_side_is_refused_in_a_sentence(sides, text, told):
    """Exit 2."""
    (sides / "c.json").write_text(text)
    with pytest.raises((StoreError, BaselineError), match=told) as caught:
        compare_and_show(request("a", "c.json"))
    assert ExitCode.USAGE is caught.value.exit_code


@pytest.mark.parametrize(
    ("before", "told"),
    [("nowhere", "There is no store at"), ("nowhere.json", "cannot be read: No such file")],
)
def test_a_side_that_is_not_there(sides, before, told):
    """The same words as for any other command."""
    with pytest.raises(StoreError, match=told):
        compare_and_show(request(before, "b"))


def test_a_baseline_that_was_edited_is_refused(sides):
    """It is not what was accepted."""
    content = json.loads((sides / "accepted.json").read_text())
    content["cells"][0]["seeds"][0]["score"] = 0.5
    (sides / "accepted.json").write_text(json.dumps(content))
    with pytest.raises(BaselineError, match="changed by hand"):
        compare_and_show(request("accepted.json", "b"))


def test_a_file_that_cannot_be_written(sides):
    """A folder is in the way."""
    Path("x.html").mkdir()
    with pytest.raises(BenchError, match=r"cannot be written: Is a directory"):
        compare_and_show(request("a", "b", output=Path("x.html")))


def test_names_make_no_paths(sides, capsys):
    """A run whose id was edited is refused before anything is called after it."""
    run = seeded_run("run-a", VALUES)
    write_run_file(replace(run, run=replace(run.run, run_id="../../etc/x y")), sides / "c")
    with pytest.raises(StoreError, match="is not the name of a run"):
        compare_and_show(request("c", "b", to="html"))
    assert "" == capsys.readouterr().out
