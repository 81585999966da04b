"""More nodes than anybody here has: a fleet that is made up, whose nodes are lost one after another.

Of the size that the page of many machines gives its figures for with `--fleet-trials 100000`.
"""

from __future__ import annotations

import random
import resource
import time
from collections import Counter
from pathlib import Path

import pytest
from fleets import Counted, Remembered, Virtual, executor, task

from bench.execute.events import Finished, NodeLost
from bench.execute.messages import TrialTask
from bench.record.records import Status

TRIALS_PER_NODE = 100
EVERY_S = 60.0
"""Seconds from one lost node to the next."""

MOST_BYTES = 2 * 2**30
MOST_IDLE = 0.05


def test_a_large_fleet_trains_every_trial_once(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Nodes are seldom idle, the driver stays small, and what is lost with a node is trained by another."""
    trials = request.config.getoption("--fleet-trials")
    names = [f"node-{number}" for number in range(trials // TRIALS_PER_NODE)]
    noise = random.Random(17)  # noqa: S311  durations, and nobody's secret
    lasting = [noise.uniform(20.0, 40.0) for _ in range(997)]
    # one node less every minute
    dies = {name: EVERY_S * (1 + place) for place, name in enumerate(noise.sample(names, len(names) // 20))}
    data = tmp_path / "data.npz"
    data.write_bytes(b"numbers")
    shapes = [task(0, data, engine="auto", shape=f"shape {shape}", architecture=f"model-{shape}") for shape in range(8)]

    def tasks():
        for number in range(trials):
            like = shapes[number // 4 % len(shapes)]
            yield TrialTask(**{
                **{name: getattr(like, name) for name in TrialTask.__dataclass_fields__},
                "trial_id": f"run-{number:06d}", "position": number, "seed": number,
            })  # fmt: skip

    transport = Virtual(names, duration=lambda _, one: lasting[one.position % len(lasting)], dies=dies)
    surveys = Remembered()
    cluster, ended, lost = executor(transport, tmp_path, surveys=surveys), Counter[str](), 0
    begun = time.process_time()
    last = 0.0
    for event in cluster.run(Counted(tasks())):
        if isinstance(event, Finished):
            assert event.record.status is Status.OK, event.record.reason
            ended[event.record.trial_id] += 1
            last = transport.clock
        lost += isinstance(event, NodeLost)
    spent = time.process_time() - begun
    there = sum(min(dies.get(name, last), last) for name in names)
    idle = 1 - sum(transport.busy_s.values()) / there
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    again = sum(transport.trained.values()) - trials
    print(
        f"{len(names):,} nodes, {trials:,} trials, {lost} nodes lost, {again} trials begun again, "
        f"{last:,.0f} s on the fleet's clock, {spent:.1f} s of a core, {held / 2**20:,.0f} MiB, {idle:.2%} idle"
    )
    assert (trials, {1}) == (len(ended), set(ended.values()))
    assert sum(moment < last for moment in dies.values()) == lost
    assert 0 < again <= lost
    assert sorted(surveys.kept) == sorted(one.shape for one in shapes), "the engines are measured once for each shape"
    assert held < MOST_BYTES
    assert idle < MOST_IDLE
