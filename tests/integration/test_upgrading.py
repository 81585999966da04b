"""Files that 0.1.0 wrote are read by this version: nothing is lost, and what cannot be reused says why."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from commandline import bench
from factories import cell, run_record, trial

from bench.declare.grid import expand
from bench.declare.locate import load_suite
from bench.execute import environment
from bench.record.baseline import read_baseline
from bench.record.runfile import read_run_file
from bench.record.store import Store
from bench.record.verdictfile import read_verdict
from bench.record.verdicts import Verdict

FIXTURES = Path(__file__).parents[1] / "fixtures" / "0.1.0"
RUN = "20261127-065402-ae95e4734b021221"
EARLIER = "20261127-065334-a07f7612e7d6e31a"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project as 0.1.0 left it."""
    (tmp_path / "reports" / "baselines").mkdir(parents=True)
    shutil.copy(FIXTURES / "bench.toml", tmp_path)
    shutil.copy(FIXTURES / "bench.db", tmp_path / "reports")
    shutil.copy(FIXTURES / "baseline.json", tmp_path / "reports" / "baselines" / "small.json")
    return tmp_path


def test_the_fixtures_are_of_that_version() -> None:
    """Both runs say so."""
    with closing(Store(str(FIXTURES / "bench.db"), create=False)) as store:
        assert [(RUN, "0.1.0"), (EARLIER, "0.1.0")] == [
            (line.run.run_id, line.run.bench_version) for line in store.runs()
        ]


def test_a_store_keeps_everything(folder: Path) -> None:
    """Read, then written to, then read again: each run with its trials, epochs, predictions and labels."""
    path = str(folder / "reports" / "bench.db")
    with closing(Store(path, create=False)) as store:
        before = [store.load_run(run_id) for run_id in (EARLIER, RUN)]
        assert (2, 6, ()) == ((found := store.examine()).runs, found.trials, found.damage)
    with closing(Store(path)) as store:
        store.begin_run(run_record())
        store.commit_trial(trial(cell(epochs=1), 7), position=0)
        assert before == [store.load_run(run_id) for run_id in (EARLIER, RUN)]
        assert store.examine().sound
    assert before[1] == read_run_file(FIXTURES / "run.json")
    assert [2] * 6 == [len(one.outcome.epochs) for one in before[1].trials]
    assert all(one.outcome.predictions for one in before[1].trials)
    assert all(data.labels for data in before[1].run.datasets)


def test_a_suite_declares_the_same_cells(folder: Path) -> None:
    """Those that were trained."""
    cells = {one.id for one in expand(load_suite(str(folder / "bench.toml"))).cells}
    assert {cell_id for cell_id, _ in read_run_file(FIXTURES / "run.json").run.planned} == cells


def test_trials_are_reused_or_it_is_said_why(folder: Path) -> None:
    """On another machine, or after a change of the code, no key is the same: then every trial has a reason."""
    plan = json.loads(bench("plan", "--seeds", "3", "--json", cwd=folder).stdout)
    assert plan["to_train"] == sum(row["trials"] for row in plan["retrained"])
    assert {row["reason"] for row in plan["retrained"]} <= {"code", "environment"}


def test_a_change_of_a_setting_is_the_reason(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where code and environment are what they were, which is known here."""
    run = read_run_file(FIXTURES / "run.json").run
    monkeypatch.setattr(environment, "code_signature", lambda architecture: run.code[architecture.reference])
    monkeypatch.setattr(environment, "environment_signature", lambda *_, **__: run.fingerprint)
    words = ("plan", "--seeds", "3", "--set", "epochs=3")
    (row,) = json.loads(bench(*words, "--json", cwd=folder).stdout)["retrained"]
    assert ("settings", 6) == (row["reason"], row["trials"])
    assert "cannot be reused: settings that are not part of their names differ." in bench(*words, cwd=folder).stdout
    assert [] == json.loads(bench("plan", "--seeds", "3", "--json", cwd=folder).stdout)["retrained"]


def test_a_baseline_and_a_verdict_are_read(folder: Path) -> None:
    """The run passes by it as it did then, and is accepted again with its past."""
    baseline = read_baseline(FIXTURES / "baseline.json")
    assert ("ada", "the first baseline", 1) == (
        baseline.last.accepted_by, baseline.last.reason, len(baseline.acceptances),
    )  # fmt: skip
    was = read_verdict(FIXTURES)
    assert was is not None
    assert [Verdict.PASS] * 2 == [found.verdict for found in was.cells]
    now = json.loads(bench("check", "small", "--json", cwd=folder).stdout)
    assert [Verdict.PASS] * 2 == [found["verdict"] for found in now["cells"]]
    assert 2 == json.loads(bench("accept", "small", "--reason", "0.2.0", "--json", cwd=folder).stdout)["acceptances"]
