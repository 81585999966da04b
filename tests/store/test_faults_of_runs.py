"""A call of the database fails in the middle of `bench run`: real trainings, real exit codes."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from commandline import bench
from faulty_store import ERRORS, Faults, install

from bench.record.store import run_store
from bench.record.store.claims import Heartbeat

pytestmark = pytest.mark.soak

SUITE = """
[suite]
name = "short"
dataset = "digits"
seeds = 3
epochs = 1
engine = "epoch"
[[grid]]
architecture = "softmax"
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No waiting, and a temporary folder of the test's own."""
    monkeypatch.setattr(run_store, "PATIENCE_S", 0.0)
    monkeypatch.setattr(run_store, "RETRY_S", 0.0)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def folders() -> set[Path]:
    """The folders for temporary files that commands have made and not removed."""
    return set(Path(tempfile.gettempdir()).glob("keras-bench*"))


@pytest.mark.parametrize("often", [1, 10**6])
def test_a_call_of_a_whole_run_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, often: int, counted
) -> None:
    """At random calls: exit 0 or, for good, 74; all trials are trained, and the same command trains nothing again."""
    (tmp_path / "short.toml").write_text(SUITE)
    # how often it beats depends on how busy the machine is: every run is to make the same calls
    monkeypatch.setattr(Heartbeat, "start", lambda self: None)
    runs, what = request.config.getoption("--store-faults"), "once" if often == 1 else "for good"
    calls = Faults()
    with monkeypatch.context() as patch:
        install(patch, calls)
        assert 0 == bench("run", "short.toml", "--reports", "counted").returncode
    kept = folders()  # of the warm server that the commands of a process share, if this test was the first to need it
    opened = next(number for number, text in enumerate(calls.texts) if text.startswith("INSERT INTO runs"))
    chance, lost, doubled, codes = random.Random(often), 0, 0, []  # noqa: S311  no secret
    for number in range(runs):
        reports = f"reports-{number}"
        faults = Faults(chance.choice(list(ERRORS)), first=chance.randrange(opened, calls.calls))
        faults.last = faults.first + often - 1
        with monkeypatch.context() as patch:
            install(patch, faults)
            ended = bench("run", "short.toml", "--reports", reports)
        codes.append(ended.returncode)
        where = f"{faults.kind} at {faults.texts[faults.first]}: {ended.stdout}{ended.stderr}"
        trained = ended.stdout.count("] OK ")
        assert ended.returncode == (0 if often == 1 else 74), where
        assert 3 == trained, where
        again = bench("run", "short.toml", "--reports", reports)
        assert 0 == again.returncode, where + again.stdout + again.stderr
        lost += trained - again.stdout.count("from the store")
        with closing(sqlite3.connect(f"{reports}/bench.db")) as database:
            rows = database.execute("select count(*) from trials where status = 'OK' group by key").fetchall()
        lost += 3 - len(rows)
        doubled += sum(count > 1 for (count,) in rows)
        assert (0, 0) == (lost, doubled), where
        assert [] == list(Path(reports).glob("*/*/pending"))
        assert kept == folders()
    exits = ", ".join(f"{codes.count(code)} x exit {code}" for code in sorted(set(codes)))
    counted(f"a call of a whole run fails {what}", runs, lost=lost, doubled=doubled, note=exits)
