"""Runs on agents that are processes of this machine: as on one machine, and nothing is lost with an agent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
from machines import MARK, Machines, Told, marked, run, write_suite

from bench.execute.cluster import crew
from bench.record.records import Status
from bench.results import Run

DRIVER = Path(__file__).parents[1] / "machines.py"
GONE_S = 5.0


def rows(made: Run) -> list[tuple[object, ...]]:
    """What a run says of its trials that does not depend on where they were trained."""
    return [
        (one.cell.id, one.seed, one.key, one.status, one.outcome.accuracy, one.outcome.weights_digest)
        for one in made.result.trials
    ]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of this machine."""
    place = tmp_path_factory.mktemp("local")
    return run(write_suite(place), place / "reports")


def test_a_run_on_nodes_is_that_of_one_machine(local: Run, tmp_path: Path) -> None:
    """With its keys, scores and weights, though the builder and what it imports had to travel; logs come back."""
    made = run(write_suite(tmp_path), tmp_path / "reports", Machines(one={}, two={}))
    assert rows(local) == rows(made)
    assert {"one", "two"} == {trial.node for trial in made.result.trials}
    nodes = made.result.run.nodes
    assert [("one", 1, ""), ("two", 1, "")] == [(node.node, node.trained, node.lost) for node in nodes]
    assert 1 == len({node.kind for node in nodes})
    for trial in made.result.trials:
        assert (made.folder / trial.log).is_file()
    assert local.result.run.machine == made.result.run.machine


def test_kinds_have_rows_and_keys_of_their_own(local: Run, tmp_path: Path) -> None:
    """One kind's keys are those of this machine, which is of that kind; the weights are the same here."""
    machines = Machines(one={}, two={"NVIDIA_TF32_OVERRIDE": "0"})
    made = run(write_suite(tmp_path), tmp_path / "reports", machines)
    first, second = (node.kind for node in made.result.run.nodes)
    assert first != second
    by_kind = {kind: [trial for trial in made.result.trials if trial.node_kind == kind] for kind in (first, second)}
    keys = {kind: {trial.key for trial in theirs} for kind, theirs in by_kind.items()}
    assert not keys[first] & keys[second]
    assert {trial.key for trial in local.result.trials} == keys[first]
    for kind, theirs in by_kind.items():
        assert {f"net@digits@cpu@{kind}"} == {trial.cell.id for trial in theirs}
        assert [trial.outcome.weights_digest for trial in local.result.trials] == [
            trial.outcome.weights_digest for trial in theirs
        ]


def test_a_killed_agent_costs_no_trial(tmp_path: Path) -> None:
    """The trial that it was at is trained by the other; the run names the lost node."""
    machines, killed = Machines(one={}, two={}), []

    def kill(name: str) -> None:
        if name.endswith("on one") and not killed:
            killed.append(name)
            os.kill(machines.transport.process_ids["one"], signal.SIGKILL)

    told = Told(kill)
    made = run(write_suite(tmp_path, "slow", seeds=4, engine="fit"), tmp_path / "reports", machines, told)
    trials = made.result.trials
    assert [Status.OK] * 4 == [trial.status for trial in trials]
    assert [1, 1, 1, 2] == sorted(trial.attempt for trial in trials)
    assert {"two"} == {trial.node for trial in trials}
    lost = {node.node: node.lost for node in made.result.run.nodes}
    assert ("its agent was ended by signal SIGKILL", "") == (lost["one"], lost["two"])
    assert any(text.startswith("Node one was lost: its agent was ended by signal SIGKILL") for text in told.warnings)


def test_a_frozen_agent_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says nothing any more; the time after which that is noticed is shorter here."""
    monkeypatch.setattr(crew, "WATCH_S", 8.0)
    machines, frozen = Machines(one={}, two={}), []

    def freeze(name: str) -> None:
        if name.endswith("on one") and not frozen:
            frozen.append(name)
            os.kill(machines.transport.process_ids["one"], signal.SIGSTOP)

    suite = write_suite(tmp_path, "slow", seeds=4, engine="fit")
    made = run(suite, tmp_path / "reports", machines, Told(freeze))
    assert [Status.OK] * 4 == [trial.status for trial in made.result.trials]
    assert {"two"} == {trial.node for trial in made.result.trials}
    assert ["it said nothing for 30 seconds", ""] == [node.lost for node in made.result.run.nodes]


def test_a_killed_worker_is_a_trial_that_failed(tmp_path: Path) -> None:
    """Its node goes on, and nothing is repeated."""
    made = run(write_suite(tmp_path, "killed", engine="fit"), tmp_path / "reports", Machines(one={}))
    first = made.result.trials[0]
    assert (Status.FAILED, 1) == (first.status, first.attempt)
    assert "The worker was ended by signal SIGKILL" in first.reason
    assert not made.result.run.nodes[0].lost


def test_nothing_outlives_a_driver_that_is_killed(tmp_path: Path) -> None:
    """No agent, no server, no worker."""
    mark = uuid4().hex
    with subprocess.Popen(
        [sys.executable, str(DRIVER), str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, MARK: mark},
    ) as driver:  # fmt: skip
        said = []
        while not (said and said[-1].startswith("started")):
            said.append(driver.stdout.readline())
            assert said[-1], "".join(said)
        assert 4 <= len(marked(mark)), "a driver, two agents, a server or two, a worker"
        driver.kill()
        driver.wait()
    until = time.monotonic() + GONE_S
    while (left := marked(mark)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not left, [process.cmdline() for process in left]
