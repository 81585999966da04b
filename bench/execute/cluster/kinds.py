"""Kinds of nodes, and which of them a run uses. Pure.

Nodes of one kind have equal signatures of their environment and equal GPUs: each would train the same results.
Keys are computed for a kind, with its signature; times of two kinds are never pooled.
"""

from __future__ import annotations

import hashlib
import json
from itertools import zip_longest
from typing import TYPE_CHECKING

from bench.core.errors import ExecutionError
from bench.declare.device import parse_device

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bench.declare.cell import Cell
    from bench.declare.plan import PlannedTrial
    from bench.record.environment import DeviceRecord
    from bench.record.fleet import NodeRecord

KIND_LENGTH = 8
"""Characters of a kind's name."""


def kind_name(signature: str, devices: Iterable[DeviceRecord]) -> str:
    """The name of a kind: equal for nodes that train the same bits.

    Args:
        signature: of the environment, over all backends that are installed.
        devices: of the node.
    """
    gpus = [device.description for device in devices if device.name != "cpu"]
    return hashlib.sha256(json.dumps([signature, gpus]).encode()).hexdigest()[:KIND_LENGTH]


def signature_name(backends: Sequence[str], *, any_gpu: bool) -> str:
    """What a node's signature for an environment is known by."""
    return "+".join(sorted(set(backends))) + (" on any GPU" if any_gpu else "")


def environments_of(cells: Iterable[Cell]) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """The environments whose signatures the keys of cells need: backends, and whether any GPU will do."""
    return tuple(
        dict.fromkeys(
            ((cell.backend, *filter(None, (cell.follows,))), parse_device(cell.device).any_gpu) for cell in cells
        )
    )


def refusal(node: NodeRecord, driver: NodeRecord, packages: Iterable[str]) -> str:
    """Why a node cannot train what is planned here, as a clause; empty where it can.

    Args:
        node: as it describes itself.
        driver: the machine that plans.
        packages: that have to be installed.
    """
    return next(_refusals(node, driver, packages), "")


def _refusals(node: NodeRecord, driver: NodeRecord, packages: Iterable[str]) -> Iterator[str]:
    there, here = node.environment, driver.environment
    if there is None or here is None:
        yield "it did not describe itself"
        return
    if node.bench_version != driver.bench_version:
        yield f"it has keras-bench {node.bench_version}, and this machine {driver.bench_version}"
    if node.harness != driver.harness:
        yield "its files of keras-bench are not those of this machine, though the version is the same"
    if _minor(there.python) != _minor(here.python):
        yield f"it has Python {there.python}, and this machine {here.python}"
    yield from (f"{package} is not installed there" for package in packages if package not in there.packages)
    for package, version in here.packages.items():
        other = there.packages.get(package)
        if other is not None and other != version:
            yield f"it has {package} {other}, and this machine {version}"


def chosen(nodes: Iterable[NodeRecord], wanted: str) -> dict[str, list[NodeRecord]]:
    """The usable nodes, by kind, in the order of the nodes.

    Args:
        nodes: refused nodes are left out.
        wanted: the beginning of a kind's name; empty for all kinds.

    Raises:
        ExecutionError: no node can train, or none is of the kind that was asked for.
    """
    nodes = list(nodes)
    kinds: dict[str, list[NodeRecord]] = {}
    for node in nodes:
        if not node.refused:
            kinds.setdefault(node.kind, []).append(node)
    if not kinds:
        why = "; ".join(f"{node.node}: {node.refused}" for node in nodes) or "there are none"
        raise ExecutionError(
            f"No node can train: {why}.", hint="`bench nodes` shows the versions of all; install the same everywhere."
        )
    matching = {kind: theirs for kind, theirs in kinds.items() if kind.startswith(wanted)}
    if not matching:
        raise ExecutionError(f"No node is of kind {wanted!r}.", hint=f"Write --nodes with one of: {', '.join(kinds)}.")
    return matching


def placed(cells: Sequence[Cell], kinds: Mapping[str, Sequence[NodeRecord]]) -> dict[str, list[Cell]]:
    """The cells of each kind: every kind gets the CPU cells, and a kind that has the GPU of a cell gets that cell.

    If no kind has the device of a cell, the first kind gets it, and its node reports the missing device.
    """
    cells_by_kind: dict[str, list[Cell]] = {kind: [] for kind in kinds}
    first = next(iter(kinds))
    for cell in cells:
        device = parse_device(cell.device)
        needed = 0 if device.kind == "cpu" else device.number + 1
        able = [kind for kind, nodes in kinds.items() if _gpus(nodes[0]) >= needed]
        for kind in able or [first]:
            cells_by_kind[kind].append(cell)
    return cells_by_kind


def interleaved(plans: Iterable[Sequence[PlannedTrial]]) -> tuple[PlannedTrial, ...]:
    """Plans of several kinds as one, taking turns, so that every kind has something to do from the beginning."""
    return tuple(trial for turn in zip_longest(*plans) for trial in turn if trial is not None)


def _gpus(node: NodeRecord) -> int:
    return sum(device.name != "cpu" for device in node.devices)


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]
