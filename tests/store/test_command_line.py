"""A run and its store, by the command line: no trial is lost with the store, and no password is shown."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from commandline import bench

from bench.commands import doctor
from bench.record.store import run_store

pytestmark = pytest.mark.soak

SECRET = "hunter2-s3cr3t"  # noqa: S105  made up
SUITE = """
[suite]
name = "short"
dataset = "digits"
seeds = 2
epochs = 1
engine = "epoch"
[[grid]]
architecture = "softmax"
"""


@pytest.fixture(autouse=True)
def suite(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two short trials; no waiting for a store that does not work."""
    (own_folder / "short.toml").write_text(SUITE)
    monkeypatch.setattr(run_store, "PATIENCE_S", 0.0)
    monkeypatch.setattr(run_store, "BUSY_TIMEOUT_S", 0.05)


def shown_secrets(*outputs: str) -> list[str]:
    """Where the password stands: in outputs, or in files of this folder."""
    places = [text for text in outputs if SECRET in text]
    return places + [str(path) for path in Path().rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_a_password_in_the_url_of_a_store_is_shown_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by a run, its report, files and judgement, nor by any command; GitHub's pages included."""
    url = f"sqlite:///file:{tmp_path}/bench.db?uri=true&mode=rwc&password={SECRET}"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    lines = [
        ("run", "short.toml"), ("list",), ("show", "absent"), ("plan", "short.toml"), ("report",), ("check",),
        ("export", "latest", "--to", "json"), ("import", "absent"),
    ]  # fmt: skip
    outputs = []
    for line in lines:
        ended = bench(*line, "--store", url)
        assert 70 != ended.returncode, ended.stderr
        outputs += [ended.stdout, ended.stderr]
    outputs += [finding.detail for finding in doctor._store(url)]
    assert any("bench.db" in text for text in outputs)
    assert [] == shown_secrets(*outputs)


def test_a_locked_store_costs_no_trial(tmp_path: Path) -> None:
    """What waits is named, the exit code says that it is not written, and the next command takes it in."""
    assert 0 == bench("run", "short.toml", "--seeds", "1").returncode
    with closing(sqlite3.connect("reports/bench.db", isolation_level=None)) as other:
        other.execute("create trigger full before insert on trials begin select raise(fail, 'no room'); end")
        ended = bench("run", "short.toml")
        other.execute("drop trigger full")
    assert 74 == ended.returncode, ended.stdout + ended.stderr
    assert "The next command that opens the store takes it in" in ended.stderr
    assert "Leaderboard" in ended.stdout
    assert 1 == len(list(Path("reports").glob("short/2*/pending")))
    listed = bench("list")
    assert "1 trial of an earlier run could not be stored then" in listed.stderr
    assert 2 == listed.stdout.count("FINISHED")
    again = bench("run", "short.toml")
    assert (0, 2) == (again.returncode, again.stdout.count("from the store"))
    assert [] == list(Path("reports").glob("short/*/pending"))


def test_a_store_that_is_deleted_meanwhile_is_made_again_from_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 74 names the command; after it, nothing is trained again."""
    commit = run_store.RunStore.commit_trial

    def delete_and_commit(self, trial, *, position):
        for file in Path("reports").glob("bench.db*"):
            os.unlink(file)  # noqa: PTH108  as another program would
        return commit(self, trial, position=position)

    with monkeypatch.context() as patch:
        patch.setattr(run_store.RunStore, "commit_trial", delete_and_commit)
        ended = bench("run", "short.toml")
    assert 74 == ended.returncode, ended.stderr
    hint = next(line for line in ended.stderr.splitlines() if "bench import" in line)
    folder = hint.split("bench import ")[1].split(" ")[0]
    assert 0 == bench("import", folder).returncode
    again = bench("run", "short.toml")
    assert (0, 2) == (again.returncode, again.stdout.count("from the store"))
