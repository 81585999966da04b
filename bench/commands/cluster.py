"""Many machines as the place where a run trains."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.commands.plan import signatures
from bench.commands.site import Warm, local_site
from bench.core.formatting import plural
from bench.core.temporary import temporary_folder
from bench.declare.device import parse_device
from bench.declare.plan import plan
from bench.execute.backends import BACKENDS
from bench.execute.cluster.executor import ClusterExecutor, Needs
from bench.execute.cluster.fleet import Fleet, described
from bench.execute.cluster.kinds import environments_of, interleaved, placed, signature_name
from bench.execute.cluster.messages import Stop
from bench.execute.cluster.parcels import Parcels
from bench.execute.environment import read_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bench.catalog.datasets import Obtained
    from bench.commands.nodes import Nodes
    from bench.commands.site import Terms
    from bench.declare.cell import Cell
    from bench.declare.plan import PlannedTrial
    from bench.declare.suite import Suite
    from bench.execute.harness.servers import Servers
    from bench.record.fleet import NodeRecord


class ClusterSite:
    """Machines with an agent each, and this one for errands.

    Args:
        servers: of this machine.
        fleet: of nodes.
        parcels: of what travels there.
    """

    def __init__(self, servers: Servers, fleet: Fleet, parcels: Parcels) -> None:
        self.servers = servers
        self._fleet, self._parcels = fleet, parcels
        self._needs = Needs(backends=())

    @property
    def nodes(self) -> tuple[NodeRecord, ...]:
        """The machines, and what became of them."""
        return self._fleet.records

    def placed(self, cells: Sequence[Cell]) -> tuple[Cell, ...]:
        """Every cell once for each kind of node that has its device."""
        if len(self._fleet.kinds) == 1:
            return tuple(cells)
        by_kind = placed(cells, self._fleet.kinds)
        return tuple(replace(cell, node_kind=kind) for kind, theirs in by_kind.items() for cell in theirs)

    def plan(
        self, suite: Suite, cells: Sequence[Cell], seeds: Sequence[int], data: Mapping[str, Obtained]
    ) -> tuple[PlannedTrial, ...]:
        """The trials of cells, each with the key that it has on its kind of node; see `Site.plan`."""
        self._needs = _needs(cells)
        hashes = {name: obtained.sha256 for name, obtained in data.items()}
        plans = []
        for kind, nodes in self._fleet.kinds.items():
            theirs = [cell for cell in cells if cell.node_kind in {"", kind}]
            plans.append(plan(theirs, seeds, signatures(suite, hashes, _signed_by(nodes[0]))))
        return interleaved(plans)

    def fingerprint(self, cells: Sequence[Cell]) -> str:
        """What the bits of cells depend on, of all kinds together."""
        backends = sorted({cell.backend for cell in cells})
        signed = [_signed_by(nodes[0])(*backends) for nodes in self._fleet.kinds.values()]
        return signed[0] if len(signed) == 1 else hashlib.sha256("".join(signed).encode()).hexdigest()

    @property
    def machine(self) -> str:
        """What times depend on, of the first node; `RunRecord.machine_for` has that of each kind."""
        return next(iter(self._fleet.kinds.values()))[0].machine

    def warm_up(self, cells: Sequence[Cell], base: Path, working: Callable[[str], None]) -> Warm:
        """Nothing is waited for: nodes that are ready begin."""
        working("")
        here = read_environment((), base, {cell.backend for cell in cells})
        there = next(iter(self._fleet.kinds.values()))[0].environment
        if there is None:
            return Warm()
        return Warm(environment=replace(there, git_revision=here.git_revision, git_dirty=here.git_dirty))

    def executor(self, terms: Terms) -> ClusterExecutor:
        """What trains there, so many trials at a time on each node."""
        return ClusterExecutor(
            self._fleet,
            self._parcels,
            self._needs,
            run_id=terms.run_id,
            folder=terms.folder,
            interrupts=terms.interrupts,
            surveys=terms.surveys,
            slots=terms.jobs,
            yardsticks=terms.yardsticks,
        )

    def dismiss(self) -> None:
        """Have all agents end."""
        for member in self._fleet.alive:
            self._fleet.transport.send(member.name, Stop())


@contextmanager
def cluster_site(cells: Sequence[Cell], nodes: Nodes, say: Callable[[str], None]) -> Iterator[ClusterSite]:
    """Many machines, for as long as the context lasts.

    Args:
        cells: to be trained.
        nodes: that are asked for.
        say: told of nodes that cannot train, and of the kinds that are used.

    Raises:
        ExecutionError: no node can train.
    """
    needs = _needs(cells)
    packages = [package for backend in needs.backends for package in BACKENDS[backend].packages]
    backends = tuple(sorted({cell.backend for cell in cells}))
    wanted = (*environments_of(cells), (backends, False))
    with local_site(cells, now=False) as here, temporary_folder() as folder, nodes.reach() as transport:
        records = described(transport, wanted, ["keras", "numpy", *packages])
        for record in records:
            if record.refused:
                say(f"Node {record.node} is not used: {record.refused}.")
        fleet = Fleet(transport, records, nodes.kind)
        for kind, theirs in fleet.kinds.items():
            niceness = max(node.niceness for node in theirs)
            held_back = f"; times do not count, as processes run there at niceness {niceness}" if niceness > 0 else ""
            say(f"{plural(len(theirs), 'node')} of kind {kind}{held_back}")
        yield ClusterSite(here.servers, fleet, Parcels(folder))


def _needs(cells: Sequence[Cell]) -> Needs:
    named = [name for cell in cells for name in (cell.backend, cell.follows) if name]
    on_gpu = [cell.backend for cell in cells if parse_device(cell.device).kind == "gpu"]
    return Needs(backends=tuple(dict.fromkeys(named)), on_gpu=tuple(dict.fromkeys(on_gpu)))


def _signed_by(node: NodeRecord) -> Callable[..., str]:
    """The signatures of environments as a node gave them."""

    def signed(*backends: str, any_gpu: bool = False) -> str:
        return node.signatures[signature_name(backends, any_gpu=any_gpu)]

    return signed
