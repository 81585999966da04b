"""Where a run trains: what a command asks of a place, whichever it is, and this machine as such a place."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from bench.commands.plan import signatures
from bench.declare.plan import plan
from bench.execute.backends import BACKENDS
from bench.execute.environment import environment_signature, read_environment
from bench.execute.harness.executor import LocalExecutor
from bench.execute.harness.gpus import DEVICES, TIMEOUT_S, seen_gpus
from bench.execute.harness.servers import runtime_signatures, warm_servers
from bench.execute.system.machine import machine_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bench.catalog.datasets import Obtained
    from bench.commands.nodes import Nodes
    from bench.core.interrupts import Interrupts
    from bench.declare.cell import Cell
    from bench.declare.plan import PlannedTrial
    from bench.declare.suite import Suite
    from bench.execute.events import Executor
    from bench.execute.harness.gpus import SeenGpus
    from bench.execute.harness.servers import Servers
    from bench.execute.harness.starting import ServerProcess
    from bench.execute.harness.surveys import Surveys
    from bench.execute.harness.yardsticks import Yardsticks
    from bench.record.fleet import NodeRecord
    from bench.record.records import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an executor is told of what it trains.

    Attributes:
        run_id: of the run that the trials belong to.
        folder: of the run, which logs are relative to.
        interrupts: let in while there is nothing to do but wait.
        surveys: what engines take, for cells that leave the choice open; None where nothing is trained.
        jobs: trials at a time on a machine.
        yardsticks: the rates of devices; None where trials are only trained.
    """

    run_id: str
    folder: Path
    interrupts: Interrupts
    surveys: Surveys | None = None
    jobs: int = 1
    yardsticks: Yardsticks | None = None


@dataclass(frozen=True, slots=True)
class Warm:
    """A place that is ready to train.

    Attributes:
        import_times_s: seconds the imports took, by backend.
        environment: of what trains.
    """

    import_times_s: dict[str, float] = field(default_factory=dict)
    environment: Environment | None = None


class Site(Protocol):
    """Where a run trains."""

    @property
    def servers(self) -> Servers:
        """Of this machine, for whatever is no trial: a loader of the user's own, a recipe."""
        ...

    @property
    def nodes(self) -> tuple[NodeRecord, ...]:
        """The machines, where they are not this one; with what became of them."""
        ...

    @property
    def machine(self) -> str:
        """SHA-256 (hex) of what times depend on beyond the bits."""
        ...

    def placed(self, cells: Sequence[Cell]) -> tuple[Cell, ...]:
        """Cells as they are trained here: where there are several kinds of node, each once for every kind."""
        ...

    def plan(
        self, suite: Suite, cells: Sequence[Cell], seeds: Sequence[int], data: Mapping[str, Obtained]
    ) -> tuple[PlannedTrial, ...]:
        """The trials of cells, in the order they are to run, with the keys that they have here.

        Args:
            suite: whose folder builders may be imported from.
            cells: of `placed`.
            seeds: the same for every cell.
            data: by the cells' reference.
        """
        ...

    def fingerprint(self, cells: Sequence[Cell]) -> str:
        """SHA-256 (hex) of what the bits of cells depend on outside the code."""
        ...

    def warm_up(self, cells: Sequence[Cell], base: Path, working: Callable[[str], None]) -> Warm:
        """Wait until cells can be trained.

        Args:
            cells: to be trained.
            base: the folder of the suite, whose revision is recorded.
            working: told what is waited for; of nothing at the end.

        Raises:
            ExecutionError: they cannot.
        """
        ...

    def executor(self, terms: Terms) -> Executor:
        """What trains here."""
        ...

    def dismiss(self) -> None:
        """Nothing more is trained: let go of what that needs, without waiting."""
        ...


class LocalSite:
    """This machine.

    Args:
        servers: warm, or getting there.
    """

    nodes: tuple[NodeRecord, ...] = ()

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self._gpus: Mapping[str, SeenGpus] = {}

    @property
    def machine(self) -> str:
        """What times depend on here."""
        return machine_signature()

    def placed(self, cells: Sequence[Cell]) -> tuple[Cell, ...]:
        """The same cells."""
        return tuple(cells)

    def plan(
        self, suite: Suite, cells: Sequence[Cell], seeds: Sequence[int], data: Mapping[str, Obtained]
    ) -> tuple[PlannedTrial, ...]:
        """The trials of cells; see `Site.plan`."""
        hashes = {name: obtained.sha256 for name, obtained in data.items()}
        return plan(cells, seeds, signatures(suite, hashes))

    def fingerprint(self, cells: Sequence[Cell]) -> str:
        """What the bits of cells depend on here."""
        return environment_signature(*(cell.backend for cell in cells))

    def warm_up(self, cells: Sequence[Cell], base: Path, working: Callable[[str], None]) -> Warm:
        """Wait for the imports, which went on while data was looked for."""
        titles = " and ".join(BACKENDS[backend].title for backend in dict.fromkeys(cell.backend for cell in cells))
        working(f"Warming up: importing Keras on {titles} once for all trials")
        for signature in runtime_signatures(cells):
            self.servers.start(signature)
        # the server is at it on a core of its own; what the report needs is imported here in the meantime
        import_module("bench.commands.finish")
        import_times_s = self.servers.ready()
        devices = self.servers.call(DEVICES, None, timeout_s=TIMEOUT_S)
        working("")
        environment = read_environment(devices, base, {cell.backend for cell in cells})
        self._gpus = seen_gpus(self.servers, cells)
        return Warm(import_times_s, environment)

    def executor(self, terms: Terms) -> LocalExecutor:
        """What trains here."""
        return LocalExecutor(
            self.servers,
            run_id=terms.run_id,
            folder=terms.folder,
            interrupts=terms.interrupts,
            surveys=terms.surveys,
            jobs=terms.jobs,
            yardsticks=terms.yardsticks,
            gpus=self._gpus,
        )

    def dismiss(self) -> None:
        """Have the servers end."""
        self.servers.dismiss()


@contextmanager
def local_site(
    cells: Sequence[Cell], *, keep: bool = False, now: bool = True, started: ServerProcess | None = None
) -> Iterator[LocalSite]:
    """This machine, for as long as the context lasts.

    Args:
        cells: to be trained.
        keep: leave the warm servers to the next run of this process.
        now: start the servers at once. Otherwise each starts when it is first asked for.
        started: a warm server's process that was started already.

    Raises:
        ExecutionError: a backend is not installed.
    """
    with warm_servers(runtime_signatures(cells), keep=keep, now=now, started=started) as servers:
        yield LocalSite(servers)


@contextmanager
def site_for(
    cells: Sequence[Cell],
    nodes: Nodes | None,
    say: Callable[[str], None],
    *,
    keep: bool = False,
    now: bool = True,
    started: ServerProcess | None = None,
) -> Iterator[Site]:
    """The place that a user asks for, for as long as the context lasts.

    Args:
        cells: to be trained.
        nodes: the machines; None for this one.
        say: told what is to be known of them.
        keep: as for `local_site`.
        now: as for `local_site`.
        started: as for `local_site`.

    Raises:
        ExecutionError: nothing can be trained there.
    """
    if nodes is None:
        with local_site(cells, keep=keep, now=now, started=started) as here:
            yield here
        return
    from bench.commands.cluster import cluster_site  # noqa: PLC0415  nobody waits for it who has one machine

    with cluster_site(cells, nodes, say) as there:
        yield there
