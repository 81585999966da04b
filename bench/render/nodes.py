"""What is said of a node, in a report and by `bench nodes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import MISSING, plural
from bench.render.moments import moment
from bench.render.plan import new_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table as RichTable

    from bench.record.fleet import NodeRecord


def fate(node: NodeRecord) -> str:
    """What became of a node, as a clause."""
    if node.refused:
        return f"not used: {node.refused}"
    return f"lost at {moment(node.lost_at)}: {node.lost}" if node.lost_at else "stayed to the end"


def processor(node: NodeRecord) -> str:
    """Its processor and cores."""
    host = node.environment
    return MISSING if host is None else f"{host.cpu_model}, {plural(host.usable_cores, 'core')}"


def gpus(node: NodeRecord) -> str:
    """Its GPUs by name."""
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
            node.node, node.kind or MISSING, processor(node), gpus(node), str(node.niceness),
            host.python if host else MISSING, *versions, f"no: {node.refused}" if node.refused else "yes",
        )  # fmt: skip
    return table
