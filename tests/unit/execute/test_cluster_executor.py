"""The executor of many machines, on nodes that are made up: what is lost is trained once more, and nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from fleets import Remembered, Virtual, executor, task

from bench.core.errors import ExecutionError
from bench.execute.cluster.executor import ClusterExecutor
from bench.execute.cluster.transport import WATCH_S
from bench.execute.events import Finished, Listed, NodeLost, Started
from bench.execute.messages import TrialTask
from bench.record.records import Status, TrialRecord


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data set, as far as anybody looks at it here."""
    file = tmp_path / "data.npz"
    file.write_bytes(b"numbers")
    return file


def trained(cluster: ClusterExecutor, tasks: list[TrialTask]) -> tuple[list[TrialRecord], list[str]]:
    """The records, in the order of the plan, and the nodes that were lost on the way."""
    records, lost = [], []
    for event in cluster.run(Listed(tasks)):
        if isinstance(event, Finished):
            records.append(event.record)
        elif isinstance(event, NodeLost):
            lost.append(event.node.node)
    assert len(records) == len({record.trial_id for record in records}), "each trial ends once"
    return sorted(records, key=lambda record: record.trial_id), lost


def test_every_trial_is_trained_once_and_says_where(data: Path, tmp_path: Path) -> None:
    """A file travels to a node once."""
    transport = Virtual(["a", "b", "c"])
    records, lost = trained(executor(transport, tmp_path), [task(number, data) for number in range(20)])
    assert ([Status.OK] * 20, []) == ([record.status for record in records], lost)
    assert {1} == set(transport.trained.values())
    assert {"a", "b", "c"} == {record.node for record in records}
    assert {("alike", 1)} == {(record.node_kind, record.attempt) for record in records}
    assert {1} == {len(files) for files in transport.taken.values()}
    assert 70 <= transport.clock <= 72, "three at a time"


def test_a_trial_whose_node_is_lost_is_trained_once_more(data: Path, tmp_path: Path) -> None:
    """By another node; the record names it and the attempt."""
    transport = Virtual(["a", "b"], dies={"a": 15.0})
    records, lost = trained(executor(transport, tmp_path), [task(number, data) for number in range(6)])
    assert ([Status.OK] * 6, ["a"]) == ([record.status for record in records], lost)
    (again,) = (record for record in records if record.attempt == 2)
    assert ("b", 2) == (again.node, transport.trained[again.trial_id])
    assert ["a"] == transport.ended


def test_what_a_frozen_node_says_late_is_not_heard(data: Path, tmp_path: Path) -> None:
    """It is given up after half a minute, and its trial is trained elsewhere, though it goes on in the end."""
    transport = Virtual(["a", "b"], freezes={"a": (5.0, 90.0)}, duration=lambda node, task: 25.0)
    records, lost = trained(executor(transport, tmp_path), [task(number, data) for number in range(6)])
    assert ([Status.OK] * 6, ["a"]) == ([record.status for record in records], lost)
    assert {"b"} == {record.node for record in records}
    assert transport.clock > 90.0, "the frozen node has said that it is done"
    assert [1, 2] == sorted(set(transport.trained.values()))


def test_a_node_that_is_slow_and_gives_signs_of_life_is_waited_for(data: Path, tmp_path: Path) -> None:
    """However long a trial takes."""
    transport = Virtual(["a"], duration=lambda node, task: 20 * WATCH_S)
    records, lost = trained(executor(transport, tmp_path), [task(0, data)])
    assert ([Status.OK], []) == ([record.status for record in records], lost)


def test_a_trial_that_fails_by_itself_is_not_repeated(data: Path, tmp_path: Path) -> None:
    """Its node did nothing wrong."""
    transport = Virtual(["a", "b"], fails=frozenset({"run-0001"}))
    records, _ = trained(executor(transport, tmp_path), [task(number, data) for number in range(3)])
    assert [Status.OK, Status.FAILED, Status.OK] == [record.status for record in records]
    assert {1} == set(transport.trained.values())


def test_a_trial_under_which_two_nodes_are_lost_has_failed(data: Path, tmp_path: Path) -> None:
    """It may be what ends them."""
    transport = Virtual(["a", "b", "c"], dies={"a": 5.0, "b": 25.0}, duration=lambda node, task: 18.0)
    records, lost = trained(executor(transport, tmp_path), [task(number, data) for number in range(4)])
    assert ["a", "b"] == lost
    (failed,) = (record for record in records if record.status is Status.FAILED)
    assert "The node b was lost while this trial was training, the second one: it is gone." == failed.reason
    assert 2 == transport.trained[failed.trial_id]


def test_where_all_nodes_are_lost_the_rest_is_left(data: Path, tmp_path: Path) -> None:
    """What was at work and what waited can be accounted for."""
    transport = Virtual(["a"], dies={"a": 15.0})
    cluster, source = executor(transport, tmp_path), Listed([task(number, data) for number in range(4)])
    with pytest.raises(ExecutionError, match=r"All nodes were lost: a \(it is gone\)"):
        list(cluster.run(source))
    left = [*cluster.running, *cluster.held, source.take(), source.take()]
    assert ["run-0001", "run-0002", "run-0003"] == sorted(one.trial_id for one in left)


def test_one_node_measures_the_engines_of_a_shape(data: Path, tmp_path: Path) -> None:
    """All others go by what it found, those that wait for it included."""
    transport, surveys = Virtual(["a", "b", "c", "d"]), Remembered()
    tasks = [task(number, data, engine="auto", shape=f"shape {number % 2}") for number in range(12)]
    records, _ = trained(executor(transport, tmp_path, surveys=surveys), tasks)
    assert [Status.OK] * 12 == [record.status for record in records]
    assert [1, 1] == list(transport.surveyed.values())
    assert ["shape 0", "shape 1"] == sorted(surveys.kept)


def test_a_survey_that_is_lost_with_its_node_is_made_by_another(data: Path, tmp_path: Path) -> None:
    """Nobody waits for it for ever."""
    transport, surveys = Virtual(["a", "b"], dies={"a": 2.0}), Remembered()
    tasks = [task(number, data, engine="auto") for number in range(4)]
    records, lost = trained(executor(transport, tmp_path, surveys=surveys), tasks)
    assert ([Status.OK] * 4, ["a"]) == ([record.status for record in records], lost)
    assert {"shape on a": 1, "shape on b": 1} == dict(transport.surveyed)


def test_trials_of_a_kind_are_trained_on_its_nodes(data: Path, tmp_path: Path) -> None:
    """However long those of another kind have nothing to do; where its last node is lost, its trials fail."""
    kinds = {"a": "slow", "b": "quick", "c": "quick"}
    transport = Virtual(["a", "b", "c"], dies={"a": 15.0})
    tasks = [task(number, data, node_kind="slow" if number % 2 else "quick") for number in range(12)]
    records, lost = trained(executor(transport, tmp_path, kinds), tasks)
    assert ["a"] == lost
    slow, quick = ([record for record in records if record.cell.node_kind == kind] for kind in ("slow", "quick"))
    assert ({"quick"}, {Status.OK}) == ({record.node_kind for record in quick}, {record.status for record in quick})
    assert [Status.OK, *[Status.FAILED] * 5] == [record.status for record in slow]
    assert {"All nodes of kind slow were lost before this trial could be trained."} == {
        record.reason for record in slow[1:]
    }


def test_models_are_looked_at_by_all_nodes_of_their_kind(data: Path, tmp_path: Path) -> None:
    """A node that is lost meanwhile leaves its share to another; the run hears of it."""
    transport = Virtual(["a", "b", "c"], dies={"b": 0.5})
    cluster = executor(transport, tmp_path)
    tasks = [task(number, data, architecture=f"model-{number}") for number in range(9)]
    assert {one.cell.id: None for one in tasks} == cluster.look(tasks)
    events = list(cluster.run(Listed(tasks[:1])))
    assert [NodeLost, Started, Finished] == [type(event) for event in events]
