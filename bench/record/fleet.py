"""The machines of a run that trained on many."""

from __future__ import annotations

from dataclasses import dataclass, field

# pydantic reads these annotations when it makes an adapter, so they are imported for real
from bench.record.environment import DeviceRecord, Environment  # noqa: TC001


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRecord:
    """A machine that trained, or was to.

    Attributes:
        node: its name in the run.
        kind: nodes of one kind train the same bits; see `bench.execute.cluster.kinds`.
        signatures: of environments, by what they are for: keys of trials hold them.
        machine: hash of what times depend on beyond that.
        harness: hash of the code of keras-bench.
        bench_version: of keras-bench.
        niceness: at which its processes run; above 0 whatever else runs there goes first, and times are in doubt.
        environment: the host and its versions.
        refused: why it was given nothing, as a clause; empty where it was not.
        lost_at: when it was lost, UTC in ISO 8601; empty where it was not.
        lost: why, as a clause.
        trained: trials of this run that ended on it.
    """

    node: str
    kind: str = ""
    signatures: dict[str, str] = field(default_factory=dict)
    machine: str = ""
    harness: str = ""
    bench_version: str = ""
    niceness: int = 0
    environment: Environment | None = None
    refused: str = ""
    lost_at: str = ""
    lost: str = ""
    trained: int = 0

    @property
    def devices(self) -> tuple[DeviceRecord, ...]:
        """Its devices, as far as they are known."""
        return self.environment.devices if self.environment else ()
