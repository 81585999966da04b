"""What somebody types who has not read the documents: each is a sentence with a way out, and none is a surprise."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest
from commandline import bench
from factories import cell, result, trial

from bench.record.runfile import write_run_file
from bench.record.store import Store

RUN = "20250101-000000-aaaa"
SUITE = '[suite]\nname = "mine"\ndataset = "digits"\n[[grid]]\narchitecture = "softmax"\n'


@pytest.fixture(autouse=True)
def place(own_folder: Path) -> Path:
    """A suite, a store with a run, and the run's folder."""
    (own_folder / "mine.toml").write_text(SUITE)
    run = result(*(trial(cell(epochs=1), seed, run_id=RUN) for seed in (1, 2, 3)), run_id=RUN)
    with closing(Store("reports/bench.db")) as store:
        store.import_run(run)
    write_run_file(run, own_folder / "reports" / "mnist-mlp" / RUN)
    (own_folder / "file").write_text("text")
    (own_folder / "folder").mkdir()
    return own_folder


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("plan", ""), 2, "The name of the suite is empty."),
        (("plan", "mine.toml", "--set", "epochs"), 2, "--set 'epochs' gives epochs no value."),
        (("show", ""), 2, "The name of the run is empty."),
        (("show", "./folder"), 2, "folder is not a run: it is neither a folder with a run.json nor such a file."),
        (("show", f"reports/mnist-mlp/{RUN}/../file"), 2, "There is no run"),
        (("compare", "latest", "./file"), 2, "file is not a run"),
        (("power", "latest", "--margin", "nan"), 2, "'nan' is not a finite number"),
        (("power", "latest", "--power", "NaN"), 2, "'NaN' is not a finite number"),
        (("report", "latest", "-o", "file/a.html"), 74, "file/a.html cannot be written: Not a directory."),
        (("export", "latest", "--to", "csv", "-o", "file/a.csv"), 74, "file/a.csv cannot be written: Not a directory."),
        (("export", "latest", "--to", "csv", "-o", "x" * 300), 2, "cannot be used: File name too long."),
        (("init", "file/a.toml"), 74, "cannot be written: Not a directory."),
        (("run", "mine.toml", "--store", "file/a.db"), 2, "The store file/a.db cannot be opened: Not a directory."),
        (("show", RUN, "--reports", "file"), 2, "'file' is a file"),
        (("list", "--store", "file"), 2, "The store file cannot be used: file is not a database."),
    ],
)
def test_a_slip_is_a_sentence(words: tuple[str, ...], code: int, message: str) -> None:
    """With the exit code of a mistake, or of what cannot be written."""
    ended = bench(*words)
    assert (code, True) == (ended.returncode, message in " ".join(ended.stderr.split())), ended.stderr


def test_a_file_of_an_editor_that_marks_utf_8_is_read(place: Path) -> None:
    """A suite, and a run.json that somebody opened and saved."""
    (place / "marked.toml").write_text(SUITE, encoding="utf-8-sig")
    assert 0 == bench("plan", "marked.toml").returncode
    file = place / "reports" / "mnist-mlp" / RUN / "run.json"
    file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert 0 == bench("show", str(file)).returncode


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: Path(path).symlink_to("gone"), os.mkdir])
def test_a_folder_whose_run_cannot_be_read_is_meant(make, place: Path) -> None:
    """The store is not asked for a run of its name."""
    make(place / "folder" / "run.json")
    ended = bench("show", "folder")
    assert (2, True) == (ended.returncode, "folder/run.json cannot be read: " in ended.stderr), ended.stderr


def test_a_page_of_github_that_cannot_be_written_hides_no_answer(place: Path) -> None:
    """A check that cannot be made stays one."""
    ended = bench("check", "latest", GITHUB_STEP_SUMMARY=str(place / "folder"))
    assert (4, True) == (ended.returncode, "There is no baseline" in ended.stderr)


def test_a_bug_where_no_file_can_be_written_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no other place for what happened."""

    def none(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("tempfile.NamedTemporaryFile", none)
    monkeypatch.setattr("bench.commands.show.show_runs", lambda *_, **__: 1 // 0)
    ended = bench("list")
    assert (70, True) == (ended.returncode, "ZeroDivisionError" in ended.stderr)
