"""What a Ray cluster costs a trial: the same stub trials by the executor of this machine and by a node of Ray."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from bench.commands.nodes import Nodes
from bench.commands.plan import declare
from bench.commands.prepare import inspected, prepare
from bench.commands.request import RunRequest
from bench.commands.site import Terms, site_for
from bench.core.interrupts import Interrupts
from bench.execute.events import Finished, Listed, Started
from bench.record.records import Status

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Figures
    from pytest_benchmark.fixture import BenchmarkFixture

ray = pytest.importorskip("bench.execute.cluster.transports.ray")

TRIALS, ROUNDS = 30, 3

STUB = f"""
[suite]
name = "stub"
dataset = "digits"
seeds = {TRIALS}
epochs = 1
batch_size = 512
engine = "epoch"
[architectures.stub]
builder = "softmax"
"""


def per_trial_s(suite: Path, folder: Path, nodes: Nodes | None) -> float:
    """Seconds from the start of the first trial to the end of the last, over the trials; all in one group."""
    declared = declare(RunRequest(suite=str(suite), nodes=nodes))
    cells = declared.cells
    with site_for(cells, nodes, print) as site, Interrupts() as interrupts:
        work = prepare(declared, declared.suite.keys.seeds, site, print)
        site.warm_up(cells, declared.suite.base, print)
        executor = site.executor(Terms(run_id="stub", folder=folder, interrupts=interrupts))
        make_task = inspected(work.task_maker("stub"), work.positions, executor, folder)
        begun = ended = 0.0
        for event in executor.run(Listed(map(make_task, work.positions))):
            if isinstance(event, Started) and not begun:
                begun = time.perf_counter()
            elif isinstance(event, Finished):
                assert event.record.status is Status.OK, event.record.reason
                ended = time.perf_counter()
    return (ended - begun) / TRIALS


def test_a_stub_trial_over_ray(benchmark: BenchmarkFixture, figures: Figures, tmp_path: Path) -> None:
    """What a node of a Ray of our own adds to a trial that does next to nothing; both sides in each round."""
    suite = tmp_path / "stub.toml"
    suite.write_text(STUB)
    here_s: list[float] = []
    added_s: list[float] = []

    def once() -> None:
        here_s.append(per_trial_s(suite, tmp_path, None))
        added_s.append(per_trial_s(suite, tmp_path, Nodes(reach=lambda: ray.reach(None))) - here_s[-1])

    benchmark.pedantic(once, rounds=ROUNDS)
    figures.add("a stub trial on this machine", [1000 * taken for taken in here_s], form="{:.0f} ms")
    name = "a stub trial on a node of Ray: more than on this machine"
    figures.add(name, [1000 * taken for taken in added_s], target=100.0, at_most=True, form="{:.0f} ms")
