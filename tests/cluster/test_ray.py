"""Runs on a real Ray cluster of one machine: a head without processors, and two nodes of one each."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from commandline import bench
from machines import MARK, Told, marked, run, write_suite

from bench import load
from bench.execute.cluster import crew
from bench.execute.cluster.transports.ray import OWN, RayTransport
from bench.record.records import Doubt, Status
from bench.results import Run

ray = pytest.importorskip("ray")

LOOPBACK = "127.0.0.2"
"""Ray takes 127.0.0.1 for a word for the address that others reach."""

STORE_BYTES = 100 * 2**20
GONE_S = 5.0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A cluster that only this machine reaches, with a folder and an address file of its own."""
    from ray.cluster_utils import Cluster  # noqa: PLC0415

    folder = Path(tempfile.gettempdir()) / f"ray-{uuid4().hex[:6]}"  # sockets need a short path
    (folder / "ray").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**OWN, "RAY_TMPDIR": str(folder)}.items():
            patch.setenv(name, value)
        patch.setenv("BENCH_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        options = {"node_ip_address": LOOPBACK, "include_dashboard": False, "object_store_memory": STORE_BYTES}
        made = Cluster(initialize_head=True, head_node_args={**options, "num_cpus": 0, "temp_dir": str(folder / "ray")})
        made.workers = [made.add_node(num_cpus=1, **options) for _ in range(2)]
        made.wait_for_nodes()
        ray.init(address=made.address, log_to_driver=False)
        yield made
        ray.shutdown()
        made.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


class Joined:
    """The nodes of a cluster that this process has joined."""

    def __init__(self) -> None:
        self.transport: RayTransport | None = None

    @contextmanager
    def reach(self) -> Iterator[RayTransport]:
        """Agents there."""
        self.transport = RayTransport()
        try:
            yield self.transport
        finally:
            self.transport.close()


def rows(made: Run) -> list[tuple[object, ...]]:
    """What a run says of its trials that does not depend on where they were trained."""
    return [
        (one.cell.id, one.seed, one.key, one.status, one.outcome.accuracy, one.outcome.weights_digest)
        for one in made.result.trials
    ]


def test_a_run_on_ray_is_that_of_one_machine(cluster, tmp_path: Path) -> None:
    """With its keys, scores and weights: what Ray sets for its own processes reaches no training."""
    there = run(write_suite(tmp_path / "there"), tmp_path / "reports", Joined())
    here = run(write_suite(tmp_path / "here"), tmp_path / "here" / "reports")
    assert rows(here) == rows(there)
    assert 2 == len({trial.node for trial in there.result.trials})
    nodes = there.result.run.nodes
    assert [1, 1] == [node.trained for node in nodes]
    assert {here.result.run.machine} == {node.machine for node in nodes}
    assert {""} == {node.refused for node in nodes}
    for node in nodes:
        assert not {name for name in node.environment.variables if name.startswith(("OMP_", "CUDA_"))}
    held_back = any(Doubt.NICENESS in trial.doubts for trial in there.result.trials)
    assert held_back == (os.nice(0) > 0), "at the niceness of whoever started Ray"


def test_a_killed_actor_costs_no_trial(cluster, tmp_path: Path) -> None:
    """Ray repeats nothing; the other node trains what was lost."""
    joined, killed = Joined(), []

    def kill(name: str) -> None:
        if not killed:
            killed.append(name.rpartition(" on ")[2])
            ray.kill(joined.transport._actors[killed[0]])

    suite = write_suite(tmp_path, "slow", seeds=4, engine="fit")
    made = run(suite, tmp_path / "reports", joined, Told(kill))
    assert [Status.OK] * 4 == [trial.status for trial in made.result.trials]
    assert [1, 1, 1, 2] == sorted(trial.attempt for trial in made.result.trials)
    lost = [node for node in made.result.run.nodes if node.lost]
    assert killed == [node.node for node in lost]
    assert killed[0] in (made.folder / "report.html").read_text(encoding="utf-8")


def processes_of(node: str) -> list[psutil.Process]:
    """The relay and the agent of a node, and all that the agent has started."""
    agents = [one for one in psutil.process_iter(["cmdline"]) if "agent_process" in " ".join(one.info["cmdline"] or ())]
    (agent,) = (one for one in agents if one.info["cmdline"][-1] == node)
    return [agent.parent(), agent, *agent.children(recursive=True)]


def test_a_killed_agent_costs_no_trial(cluster, tmp_path: Path) -> None:
    """Its actor lives on and says so."""
    joined, killed = Joined(), []

    def kill(name: str) -> None:
        if not killed:
            killed.append(name.rpartition(" on ")[2])
            processes_of(killed[0])[1].kill()

    suite = write_suite(tmp_path, "slow", seeds=4, engine="fit")
    made = run(suite, tmp_path / "reports", joined, Told(kill))
    assert [Status.OK] * 4 == [trial.status for trial in made.result.trials]
    assert [1, 1, 1, 2] == sorted(trial.attempt for trial in made.result.trials)
    (lost,) = (node for node in made.result.run.nodes if node.lost)
    assert (killed[0], "its agent was ended by signal SIGKILL") == (lost.node, lost.lost)


def test_a_killed_worker_is_a_trial_that_failed(cluster, tmp_path: Path) -> None:
    """Nothing is repeated."""
    # agents of one machine have working folders of their own: each kills the worker of its first trial
    made = run(write_suite(tmp_path, "killed", engine="fit"), tmp_path / "reports", Joined())
    failed = [trial for trial in made.result.trials if trial.status is Status.FAILED]
    assert failed
    assert {1} == {trial.attempt for trial in made.result.trials}
    assert all("The worker was ended by signal SIGKILL" in trial.reason for trial in failed)
    assert not any(node.lost for node in made.result.run.nodes)


def test_what_a_frozen_node_says_late_is_not_heard(cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up and goes on then; each trial has one row, by the other node, and the frozen one ends."""
    monkeypatch.setattr(crew, "WATCH_S", 8.0)
    frozen: dict[str, list[psutil.Process]] = {}

    class Freezing(Told):
        def started(self, trial_id: str, name: str, epochs: int) -> None:
            node = name.rpartition(" on ")[2]
            if not frozen:
                frozen[node] = processes_of(node)
                for process in frozen[node]:
                    process.suspend()

        def warn(self, text: str) -> None:
            super().warn(text)
            if "was lost" in text:
                for process in next(iter(frozen.values())):
                    with suppress(psutil.NoSuchProcess):
                        process.resume()

    told = Freezing()
    suite = write_suite(tmp_path, "slow", seeds=6, engine="fit")
    made = run(suite, tmp_path / "reports", Joined(), told)
    assert [Status.OK] * 6 == [trial.status for trial in made.result.trials]
    assert [1, 1, 1, 1, 1, 2] == sorted(trial.attempt for trial in made.result.trials)
    assert not frozen.keys() & {trial.node for trial in made.result.trials}
    assert list(frozen) == [node.node for node in made.result.run.nodes if node.lost]
    _, left = psutil.wait_procs([one for theirs in frozen.values() for one in theirs], timeout=GONE_S)
    assert not left


def test_the_nodes_are_listed(cluster, tmp_path: Path) -> None:
    """By `bench nodes`, with versions, and that all can train."""
    done = bench("nodes", "--address", cluster.address, cwd=tmp_path)
    assert 0 == done.returncode, done.stderr
    assert 2 == sum(line.rstrip().endswith("yes") for line in done.stdout.splitlines())
    assert "keras" in done.stdout


def test_a_lost_machine_costs_no_trial(cluster, tmp_path: Path) -> None:
    """Its raylet is killed, and with it all that Ray had there; this is the last test of this cluster."""
    joined, killed = Joined(), []

    def kill(name: str) -> None:
        node = name.rpartition(" on ")[2]
        if not killed:
            killed.append(node)
            lost = next(one for one in cluster.workers if one.unique_id and node.endswith(_number(one, cluster)))
            cluster.remove_node(lost, allow_graceful=False)

    made = run(write_suite(tmp_path, "slow", seeds=4, engine="fit"), tmp_path / "reports", joined, Told(kill))
    assert [Status.OK] * 4 == [trial.status for trial in made.result.trials]
    assert killed == [node.node for node in made.result.run.nodes if node.lost]
    assert 2 == max(trial.attempt for trial in made.result.trials)


def _number(node: object, cluster: object) -> str:
    """The part of a node's id that its name ends with."""
    found = next(one for one in ray.nodes() if one["ObjectStoreSocketName"] == node.plasma_store_socket_name)
    return found["NodeID"][:6]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_a_driver_with_a_ray_of_its_own(number: signal.Signals, tmp_path: Path) -> None:
    """No agent, no server, no worker, nothing of Ray's."""
    mark = uuid4().hex
    suite = write_suite(tmp_path, "slow", seeds=20, engine="fit")
    words = [sys.executable, "-u", "-m", "bench", "run", str(suite), "--executor", "ray", "--reports", str(tmp_path)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path,
        env={**os.environ, MARK: mark},
    ) as driver:  # fmt: skip
        said = [""]
        while not said[-1].startswith("[1/20] OK"):
            said.append(driver.stdout.readline())
            assert said[-1], "".join(said)
        assert any("agent_process" in " ".join(process.cmdline()) for process in marked(mark))
        driver.send_signal(number)
        driver.wait(60)
    until = time.monotonic() + GONE_S
    while (left := marked(mark)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not left, [process.cmdline() for process in left]
    if number == signal.SIGINT:
        assert 130 == driver.returncode
        made = load(next((tmp_path / "many").glob("2*")))
        assert {Status.OK, Status.INTERRUPTED} == {trial.status for trial in made.result.trials}
