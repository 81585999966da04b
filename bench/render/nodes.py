"""The nodes of a run, for its report and for `bench nodes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import MISSING, plural
from bench.render.context.values import Badge, Table
from bench.render.plan import new_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table as RichTable

    from bench.record.fleet import NodeRecord
    from bench.record.records import RunRecord


def nodes_table(run: RunRecord) -> Table:
    """A row for each node: what it is, what it trained, and what became of it; no rows for a run of one machine."""
    return Table(
        columns=("node", "kind", "processor", "GPUs", "niceness", "what became of it", "trials"),
        rows=tuple(
            (node.node, node.kind or MISSING, _processor(node), _gpus(node), str(node.niceness), fate(node),
             f"{node.trained:,}")
            for node in run.nodes
        ),
        names=6,
    )  # fmt: skip


def lost_badges(run: RunRecord) -> Iterator[Badge]:
    """That nodes were lost, by name."""
    for node in run.nodes:
        if node.lost_at:
            again = "What it was at was trained by another node of its kind, or has failed."
            yield Badge(label=f"node {node.node} lost", reason=f"{fate(node)}. {again}")


def fate(node: NodeRecord) -> str:
    """What became of a node, as a clause."""
    if node.refused:
        return f"given nothing: {node.refused}"
    return f"lost at {node.lost_at}: {node.lost}" if node.lost_at else "there to the end"


def _processor(node: NodeRecord) -> str:
    host = node.environment
    return MISSING if host is None else f"{host.cpu_model}, {plural(host.usable_cores, 'core')}"


def _gpus(node: NodeRecord) -> str:
    return ", ".join(device.description or device.name for device in node.devices if device.name != "cpu") or MISSING


def described_table(nodes: Sequence[NodeRecord]) -> RichTable:
    """Nodes as a terminal shows them: kinds, versions, and why some cannot train."""
    packages = sorted({package for node in nodes if node.environment for package in node.environment.packages})
    table = new_table(
        None, ("node", False), ("kind", False), ("processor", False), ("GPUs", False), ("niceness", True),
        ("Python", False), *((package, False) for package in packages), ("can train", False),
    )  # fmt: skip
    for node in nodes:
        host = node.environment
        versions = [host.packages.get(package, MISSING) if host else MISSING for package in packages]
        table.add_row(
            node.node, node.kind or MISSING, _processor(node), _gpus(node), str(node.niceness),
            host.python if host else MISSING, *versions, f"no: {node.refused}" if node.refused else "yes",
        )  # fmt: skip
    return table
