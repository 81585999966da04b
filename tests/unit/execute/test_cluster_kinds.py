"""Kinds of nodes: which of them train what, and who is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories import cell, environment

from bench.core.errors import ExecutionError
from bench.declare.plan import plan
from bench.execute.cluster.describe import cleaned, describe, harness_digest
from bench.execute.cluster.kinds import chosen, interleaved, kind_name, placed, refusal, signature_name
from bench.execute.environment import environment_signature
from bench.record.environment import DeviceRecord
from bench.record.fleet import NodeRecord

GPU = DeviceRecord(name="gpu:0", description="NVIDIA H100")


def node(name: str = "one", *, gpus: int = 0, **changes: object) -> NodeRecord:
    """A node with some GPUs."""
    devices = (DeviceRecord(name="cpu"), *(replace(GPU, name=f"gpu:{number}") for number in range(gpus)))
    known = replace(environment(), devices=devices, python="3.12.1", packages={"keras": "3.12", "numpy": "2.2"})
    return NodeRecord(**{
        "node": name, "kind": "k", "harness": "same", "bench_version": "1", "environment": known, **changes,
    })  # fmt: skip


def test_a_node_with_other_files_of_the_harness_is_refused_in_a_sentence() -> None:
    """What two processes say to each other has to mean the same to both."""
    assert "" == refusal(node(), node(), ["keras"])
    other = refusal(node(harness="another"), node(), ["keras"])
    assert "its files of keras-bench are not those of this machine, though the version is the same" == other


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bench_version": "2"}, "it has keras-bench 2, and this machine 1"),
        ({"python": "3.11.9"}, "it has Python 3.11.9, and this machine 3.12.1"),
        ({"packages": {"keras": "3.11", "numpy": "2.2"}}, "it has keras 3.11, and this machine 3.12"),
        ({"packages": {"numpy": "2.2"}}, "keras is not installed there"),
    ],
)
def test_versions_have_to_be_those_of_the_driver(changes: dict[str, object], reason: str) -> None:
    """But for the last part of Python's."""
    there = node()
    own = {name: value for name, value in changes.items() if name in NodeRecord.__dataclass_fields__}
    rest = {name: value for name, value in changes.items() if name not in own}
    assert reason == refusal(replace(there, environment=replace(there.environment, **rest), **own), node(), ["keras"])
    later = replace(there, environment=replace(there.environment, python="3.12.9"))
    assert "" == refusal(later, node(), ["keras"])


def test_a_pretended_gpu_changes_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a scheduler sets for its processes is taken out of an agent's environment; what the user set is kept."""
    forced = {"CUDA_VISIBLE_DEVICES": "0", "OMP_NUM_THREADS": "1", "RAY_JOB_ID": "7", "KERAS_HOME": "/k"}
    assert {"KERAS_HOME": "/k"} == cleaned(forced)
    assert {"KERAS_HOME": "/k", "OMP_NUM_THREADS": "4"} == cleaned(forced, {"OMP_NUM_THREADS": "4"})
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    free = environment_signature("tensorflow")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert free != environment_signature("tensorflow"), "it would have"


def test_kinds_differ_by_environment_and_gpus() -> None:
    """And by nothing that two machines of a kind may differ in."""
    cpu = DeviceRecord(name="cpu", memory_bytes=1)
    assert kind_name("e", [cpu]) == kind_name("e", [replace(cpu, memory_bytes=2)])
    assert 3 == len({kind_name("e", [cpu]), kind_name("f", [cpu]), kind_name("e", [cpu, GPU])})


def test_cells_are_placed_where_their_device_is() -> None:
    """On the processor of every kind, on a GPU where there is one, and on the first kind where there is none."""
    cells = [cell(device=device) for device in ("cpu", "gpu:0", "gpu", "gpu:3")]
    kinds = {"plain": [node()], "cards": [node(gpus=1)]}
    found = {kind: [one.device for one in theirs] for kind, theirs in placed(cells, kinds).items()}
    assert {"plain": ["cpu", "gpu:3"], "cards": ["cpu", "gpu:0", "gpu"]} == found


def test_two_kinds_have_ids_and_keys_of_their_own() -> None:
    """The name of the kind is in the id alone, and the keys differ by the environment."""
    one = cell()
    kinds = [replace(one, node_kind=kind) for kind in ("a", "b")]
    assert ["model-2@mnist@cpu@a", "model-2@mnist@cpu@b"] == [cell.id for cell in kinds]
    assert 1 == len({cell.fingerprint() for cell in (one, *kinds)})
    plans = [plan([cell], range(3), lambda _, kind=cell.node_kind: f"environment {kind}") for cell in kinds]
    both = interleaved(plans)
    assert 6 == len({trial.key for trial in both})
    assert ["a", "b"] * 3 == [trial.cell.node_kind for trial in both]
    assert [trial.key for trial in plan([one], range(3), lambda _: "environment a")] == [t.key for t in plans[0]]


def test_a_kind_is_chosen_by_the_beginning_of_its_name() -> None:
    """A wrong one is answered with those that there are; so are nodes that are all refused."""
    nodes = [node("one", kind="abc"), node("two", kind="xyz"), node("three", kind="abc", refused="it is old")]
    assert {"abc": ["one"], "xyz": ["two"]} == {k: [n.node for n in v] for k, v in chosen(nodes, "").items()}
    assert ["xyz"] == list(chosen(nodes, "x"))
    with pytest.raises(ExecutionError, match=r"No node is of kind 'q'.") as error:
        chosen(nodes, "q")
    assert "Write --nodes with one of: abc, xyz." == error.value.hint
    with pytest.raises(ExecutionError, match=r"No node can train: three: it is old."):
        chosen(nodes[2:], "")


def test_a_node_describes_itself() -> None:
    """With the signatures that keys are made with, and the files that it works by."""
    found = describe("here", [(("tensorflow",), False)])
    name = signature_name(["tensorflow"], any_gpu=False)
    assert environment_signature("tensorflow") == found.signatures[name]
    assert ("here", harness_digest()) == (found.node, found.harness)
    assert "" == refusal(found, describe("", ()), ["keras"])
