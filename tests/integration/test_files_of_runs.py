"""Where the files of a run cannot be written, its results are kept, and one command writes the files."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from commandline import bench

from bench.core import files
from bench.core.errors import TemplateError
from bench.render import report

SUITE = """
[suite]
name = "short"
dataset = "digits"
seeds = 1
epochs = 1
engine = "epoch"
[[grid]]
architecture = "softmax"
"""
WRITTEN = ["report.html", "report.md", "results.csv", "run.json"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store has the only trial of its suite."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "short.toml").write_text(SUITE)
    assert 0 == bench("run", "short.toml", cwd=folder).returncode
    return folder


def written_again(folder: Path, stderr: str) -> None:
    """The command that the hint names makes the folder of the run whole."""
    words = stderr.split("bench report ")[1].split(" writes the report", maxsplit=1)[0].split()
    assert 0 == bench("report", *words, cwd=folder).returncode
    run = next((folder / "reports" / "short").glob(words[0]))
    assert WRITTEN == sorted(path.name for path in run.iterdir() if path.is_file())
    assert list((run / "charts").glob("*.svg"))
    assert f'href="short/{run.name}/report.html"' in (folder / "reports" / "index.html").read_text()


@pytest.mark.parametrize("name", ["run.json", ".svg"])
def test_a_full_disk_at_the_end_costs_no_result(folder, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 74 after the leaderboard, with where the results are; only files that are there are named."""
    replace = files._replace

    def full(target: Path, content: bytes, **options: bool) -> None:
        if target.name.endswith(name):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(target, content, **options)

    with monkeypatch.context() as patch:
        patch.setattr(files, "_replace", full)
        ended = bench("run", "short.toml", cwd=folder)
    assert 74 == ended.returncode, ended.stderr
    assert "cannot be written: No space left on device. All results are kept in the store" in ended.stderr
    shown = ended.stdout.partition("Leaderboard")[2]
    assert (False, name == ".svg") == ("report.html" in shown, "results.csv" in shown)
    written_again(folder, ended.stderr)


def test_a_template_that_fails_costs_no_result(folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither does one of an installation that is not whole."""
    with monkeypatch.context() as patch:
        patch.setattr(report, "page", lambda *_, **__: (_ for _ in ()).throw(TemplateError("There is no template.")))
        ended = bench("run", "short.toml", cwd=folder)
    assert 74 == ended.returncode, ended.stderr
    assert "Error: There is no template. All results are kept in the store" in ended.stderr
    written_again(folder, ended.stderr)


def test_a_bug_in_the_report_stays_one_and_the_results_are_kept(folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 70, and the same way out."""
    with monkeypatch.context() as patch:
        patch.setattr(report, "report_context", lambda *_: 1 // 0)
        ended = bench("run", "short.toml", "--reports", "elsewhere", "--store", "reports/bench.db", cwd=folder)
    assert 70 == ended.returncode
    assert "This is a bug in keras-bench" in ended.stderr
    assert "All results are kept in the store reports/bench.db. bench report 20" in ended.stdout + ended.stderr
    assert "--reports elsewhere, with the same --store, writes the report" in " ".join(ended.stdout.split())
    Path(ended.stderr.split("is written to ")[1].split(".log")[0] + ".log").unlink()


def test_a_folder_that_was_removed_is_written_again(folder) -> None:
    """From the store, with everything that a run leaves."""
    ended = bench("run", "short.toml", cwd=folder)
    run_id = next(line for line in ended.stdout.splitlines() if line.startswith("Report")).split("/")[-2]
    run = folder / "reports" / "short" / run_id
    before = (run / "run.json").read_bytes()
    for path in sorted(run.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    run.rmdir()
    written_again(folder, f"bench report {run_id} writes the report")
    assert before == (run / "run.json").read_bytes()


def test_a_folder_in_which_no_run_can_write_ends_the_run(folder) -> None:
    """In a sentence, before anything is trained; the store does not say that it goes on."""
    (folder / "other").mkdir()
    (folder / "other" / "short").write_text("a file where the folder of the suite should be")
    ended = bench("run", "short.toml", "--reports", "other", cwd=folder)
    assert (2, True) == (ended.returncode, "cannot be used: Not a directory" in ended.stderr), ended.stderr
    listed = bench("list", "--reports", "other", cwd=folder)
    assert (True, False) == ("INTERRUPTED" in listed.stdout, "RUNNING" in listed.stdout)
