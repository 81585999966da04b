"""What the commands do on agents of this machine beside a plain run: models come back, several slots, audit, verify."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from commandline import bench
from machines import Machines, Told, run, write_suite

from bench.commands.audit import AuditRequest, audit
from bench.commands.jobs import settle_jobs
from bench.commands.nodes import Nodes
from bench.commands.request import RunRequest
from bench.commands.verify import verify
from bench.commands.workspace import Workspace
from bench.core.errors import BenchError, ExitCode
from bench.core.files import sha256_of
from bench.declare.jobs import AUTO
from bench.record.records import Doubt, Status
from bench.results import Run

KEEP = 'keep_models = "best"'


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """A run of two nodes that keeps models, and its folder of reports."""
    place = tmp_path_factory.mktemp("kept")
    suite, reports = write_suite(place, seeds=3, further=KEEP), place / "reports"
    return run(suite, reports, Machines(one={}, two={})), reports


def test_models_come_back_from_nodes(kept: tuple[Run, Path]) -> None:
    """One of each cell is kept, whole, and nothing else is left."""
    made, _ = kept
    assert [Status.OK] * 3 == [trial.status for trial in made.result.trials]
    (model,) = made.result.run.models
    assert [model.file] == [file.name for file in (made.folder / "models").iterdir()]
    assert model.sha256 == sha256_of(made.folder / "models" / model.file)
    assert {""} == {trial.outcome.model.obstacle for trial in made.result.trials}


def test_a_model_of_nodes_is_exported(kept: tuple[Run, Path], tmp_path: Path) -> None:
    """As that of a run of one machine."""
    made, reports = kept
    to = ["--to", "keras", "-o", str(tmp_path / "net.keras")]
    done = bench("export", "net@digits@cpu", "--run", made.run_id, *to, "--reports", str(reports), cwd=tmp_path)
    assert 0 == done.returncode, done.stderr
    assert made.result.run.models[0].sha256 == sha256_of(tmp_path / "net.keras")


def test_a_node_with_two_slots_trains_two_trials_at_a_time(tmp_path: Path) -> None:
    """Their times are marked, and their results are those of one slot."""
    begun: dict[str, float] = {}
    told = Told(lambda name: begun.setdefault(name, time.monotonic()))
    suite = write_suite(tmp_path, "slow", seeds=4, engine="fit")
    made = run(suite, tmp_path / "reports", Machines(one={}), told, jobs=2)
    trials = made.result.trials
    assert ([Status.OK] * 4, 2) == ([trial.status for trial in trials], made.result.run.jobs)
    assert {(Doubt.JOBS,)} == {tuple(doubt for doubt in trial.doubts if doubt is Doubt.JOBS) for trial in trials}
    assert {True} == {"--jobs 2" in trial.contention for trial in trials}
    alone = run(suite, tmp_path / "alone", Machines(one={}))
    digests = [[trial.outcome.weights_digest for trial in one.result.trials] for one in (made, alone)]
    assert digests[0] == digests[1]
    assert not any(Doubt.JOBS in trial.doubts for trial in alone.result.trials)


def test_jobs_auto_is_refused_for_other_machines(tmp_path: Path) -> None:
    """It measures this one."""
    request = RunRequest(suite=str(write_suite(tmp_path)), jobs=AUTO, nodes=Nodes(reach=Machines(one={}).reach))
    with pytest.raises(BenchError, match="--jobs auto measures this machine"):
        settle_jobs(request)


def test_verify_trains_twice_on_nodes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And compares the bits, though the builder had to travel."""
    nodes = Nodes(reach=Machines(one={}, two={}).reach)
    request = RunRequest(suite=str(write_suite(tmp_path)), workspace=Workspace(tmp_path / "reports"), nodes=nodes)
    assert ExitCode.OK == verify(request)
    assert "net@digits@cpu" in capsys.readouterr().out


def test_audit_plants_faults_on_nodes(kept: tuple[Run, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """And says what the gate catches."""
    made, reports = kept
    request = AuditRequest(
        run=made.run_id, faults=("last-bias",), expression=None, jobs=2, workspace=Workspace(reports),
        nodes=Nodes(reach=Machines(one={}, two={}).reach),
    )  # fmt: skip
    assert ExitCode.OK == audit(request)
    assert "1 fault" in capsys.readouterr().out
