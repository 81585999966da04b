"""Trials on several GPUs at a time: real processes, on GPUs that are pretended."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from factories import cell

from bench.core.interrupts import Interrupts
from bench.core.score import ACCURACY
from bench.execute.events import Finished
from bench.execute.harness import launcher, workers
from bench.execute.harness.executor import LocalExecutor
from bench.execute.harness.gpus import SeenGpus
from bench.execute.harness.queue import AHEAD
from bench.execute.harness.servers import Servers
from bench.execute.harness.starting import RuntimeSignature
from bench.execute.messages import TrialTask
from bench.record.records import Doubt, Status, TrialRecord

TENSORFLOW = RuntimeSignature("tensorflow")


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch):
    """A server that imports no backend, and whose workers pretend to train."""
    start = subprocess.Popen

    def start_light(words, **options):
        if "bench.execute.server.main" in words:
            words = [
                words[0],
                "-c",
                "from bench.execute.server import main; main.PRELOADED = (); main.main()",
                *words[3:],
            ]
        return start(words, **options)

    monkeypatch.setattr(launcher.subprocess, "Popen", start_light)
    monkeypatch.setattr(workers, "GROUP", "jobs:pretend_group")
    servers = Servers(TENSORFLOW)
    yield servers
    servers.stop()


@dataclass(frozen=True)
class Used:
    """What a pretended trial used, and when."""

    device: str
    worker: str
    begun: float
    ended: float

    def overlaps(self, other: Used) -> bool:
        """Whether both were under way at a moment."""
        return self.begun < other.ended and other.begun < self.ended


class Tasks:
    """A source of tasks."""

    def __init__(self, tasks: list[TrialTask]) -> None:
        self.left = list(tasks)

    def take(self) -> TrialTask | None:
        """The next one."""
        return self.left.pop(0) if self.left else None


def task(number: int, device: str, shape: str = "shape") -> TrialTask:
    """A trial on a device."""
    return TrialTask(
        trial_id=f"run-{number:04d}", position=number, key=f"key-{number}", seed=number, shape=shape,
        cell=cell(device=device, engine="fit", isolation="group"), builder="none:none", data_path="", data_sha256="",
        facts=None, target=None, score=ACCURACY, search_path=(), log=f"logs/{number}.log",
    )  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """The records of tasks, in the order of the tasks, and how many were under way at a time, at most."""

    records: list[TrialRecord]
    most: int
    order: list[tuple[str, int]]


def trained(servers: Servers, folder: Path, tasks: list[TrialTask], jobs: int, gpus: int) -> Ran:
    """What came of tasks on a machine with some GPUs."""
    seen = {"tensorflow": SeenGpus(gpus, tuple(range(gpus)))}
    records, most, order = [], 0, []
    with Interrupts() as interrupts:
        executor = LocalExecutor(
            servers, run_id="run", folder=folder, interrupts=interrupts, surveys=None, jobs=jobs, gpus=seen
        )
        for event in executor.run(Tasks(tasks)):
            most = max(most, len(executor.running))
            order.append((type(event).__name__, event.task.position))
            if isinstance(event, Finished):
                records.append(event.record)
    assert [Status.OK] * len(tasks) == [record.status for record in records]
    return Ran(sorted(records, key=lambda record: record.trial_id), most, order)


def uses(records: list[TrialRecord]) -> list[Used]:
    """What each trial used."""
    said = [(record.outcome.device.name, *record.outcome.device.driver.split()) for record in records]
    return [Used(device, worker, float(begun), float(ended)) for device, worker, begun, ended in said]


def most_at_once(used: list[Used]) -> int:
    """Trials that were under way at a moment, at most."""
    return max(sum(one.begun <= moment.begun < one.ended for one in used) for moment in used)


def test_four_gpus_train_four_trials_at_a_time(servers: Servers, tmp_path: Path) -> None:
    """One on each, each in a group of its own; their times are marked."""
    ran = trained(servers, tmp_path, [task(number, "gpu") for number in range(12)], jobs=8, gpus=4)
    records, used = ran.records, uses(ran.records)
    by_gpu = defaultdict(list)
    for one in used:
        by_gpu[one.device].append(one)
    assert {"gpu:0", "gpu:1", "gpu:2", "gpu:3"} == set(by_gpu)
    assert 4 == ran.most
    assert 12 == sum(map(len, by_gpu.values()))
    for theirs in by_gpu.values():
        assert 1 == len({one.worker for one in theirs}), "a worker stays on its GPU"
        assert 1 == most_at_once(theirs)
    assert {(Doubt.JOBS,)} == {record.doubts for record in records}
    assert {"4 trials ran at a time (--jobs 4)"} == {record.contention for record in records}
    assert {"gpu"} == {record.cell.device for record in records}


def test_trials_on_the_processor_never_run_while_a_gpu_trains(servers: Servers, tmp_path: Path) -> None:
    """Though they take turns in the plan."""
    tasks = [task(number, "gpu" if number % 2 else "cpu", shape=str(number % 2)) for number in range(8)]
    used = uses(trained(servers, tmp_path, tasks, jobs=2, gpus=2).records)
    on_cpu, on_gpu = used[::2], used[1::2]
    assert {"cpu"} == {one.device for one in on_cpu}
    assert {"gpu:0", "gpu:1"} == {one.device for one in on_gpu}
    assert not any(one.overlaps(other) for one in on_cpu for other in on_gpu)


def test_no_more_trials_are_held_than_the_plan_needs(servers: Servers, tmp_path: Path) -> None:
    """They are claimed, so other runs leave them alone; none is under way and held at once."""
    tasks = [task(number, "cpu" if number % 4 else "gpu:0") for number in range(12)]
    seen, held = {"tensorflow": SeenGpus(1, (0,))}, [0]
    with Interrupts() as interrupts:
        executor = LocalExecutor(
            servers, run_id="run", folder=tmp_path, interrupts=interrupts, surveys=None, jobs=2, gpus=seen
        )
        for _ in executor.run(Tasks(tasks)):
            held.append(len(executor.held))
            assert not {one.trial_id for one in executor.held} & {one.trial_id for one in executor.running}
    assert 1 <= max(held) <= AHEAD * 2
    assert () == executor.held


def test_trials_keep_their_gpus_where_the_server_is_lost(servers: Servers, tmp_path: Path) -> None:
    """They are trained once more, each where it was."""
    tasks = [
        replace(task(number, "gpu"), builder="kills:server" if number == 2 else "none:none") for number in range(6)
    ]
    used = uses(trained(servers, tmp_path, tasks, jobs=3, gpus=3).records)
    by_gpu = [[one for one in used if one.device == f"gpu:{number}"] for number in range(3)]
    assert 6 == sum(map(len, by_gpu))
    assert [1, 1, 1] == [most_at_once(theirs) for theirs in by_gpu]


def test_a_named_gpu_is_waited_for(servers: Servers, tmp_path: Path) -> None:
    """It is never changed for a free one."""
    tasks = [task(0, "gpu:1"), task(1, "gpu:1"), task(2, "gpu"), task(3, "gpu:1")]
    ran = trained(servers, tmp_path, tasks, jobs=2, gpus=2)
    used = uses(ran.records)
    assert ["gpu:1", "gpu:1", "gpu:0", "gpu:1"] == [one.device for one in used]
    named = [used[0], used[1], used[3]]
    assert 1 == most_at_once(named)
    assert [("Started", 0), ("Started", 2)] == ran.order[:2], "what can go on goes on"


def test_without_jobs_all_trials_run_alone_on_one_card(servers: Servers, tmp_path: Path) -> None:
    """So that their times may be compared."""
    records = trained(servers, tmp_path, [task(number, "gpu") for number in range(3)], jobs=1, gpus=2).records
    assert {"gpu:0"} == {one.device for one in uses(records)}
    assert {()} == {record.doubts for record in records}


def test_one_gpu_has_one_trial_however_many_jobs(servers: Servers, tmp_path: Path) -> None:
    """Nothing disturbs it, so its time counts."""
    records = trained(servers, tmp_path, [task(number, "gpu") for number in range(3)], jobs=4, gpus=1).records
    assert 1 == most_at_once(uses(records))
    assert {((), "")} == {(record.doubts, record.contention) for record in records}
