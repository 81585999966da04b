"""The nodes of a run in its report: a table, and a badge for each that was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import MISSING
from bench.render.context.values import Badge, Table
from bench.render.nodes import fate, gpus, processor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.record.records import RunRecord


def nodes_table(run: RunRecord) -> Table:
    """A row for each node: what it is, what it trained, and what became of it; no rows for a run of one machine."""
    return Table(
        columns=("node", "kind", "processor", "GPUs", "niceness", "outcome", "trials"),
        rows=tuple(
            (node.node, node.kind or MISSING, processor(node), gpus(node), str(node.niceness), fate(node),
             f"{node.trained:,}")
            for node in run.nodes
        ),
        names=6,
    )  # fmt: skip


def lost_badges(run: RunRecord) -> Iterator[Badge]:
    """That nodes were lost, by name."""
    for node in run.nodes:
        if node.lost_at:
            again = "Another node of its kind trained its trial again, or the trial has failed."
            yield Badge(label=f"node {node.node} lost", reason=f"{fate(node)}. {again}")
