"""The GPUs of a run, as the backends of its cells see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.declare.device import parse_device
from bench.execute.harness.servers import runtime_signatures
from bench.execute.system.gpus import usable, visible_gpus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.declare.cell import Cell
    from bench.execute.harness.servers import Servers
    from bench.record.records import DeviceRecord

DEVICES, TIMEOUT_S = "bench.execute.worker.errands:devices", 120.0


@dataclass(frozen=True, slots=True)
class SeenGpus:
    """The GPUs that a backend sees.

    Attributes:
        number: of all.
        usable: those that `device = "gpu"` may take, the best first.
    """

    number: int = 0
    usable: tuple[int, ...] = ()


UNASKED = SeenGpus(1, (0,))
"""Of a backend that was not asked: the first GPU, and where it is missing the worker says so."""


def seen_gpus(servers: Servers, cells: Iterable[Cell]) -> Mapping[str, SeenGpus]:
    """By backend, its GPUs; only backends of which a cell is on a GPU are asked, each by a worker of its own.

    Raises:
        ExecutionError: a worker did not answer.
    """
    asking = [cell for cell in cells if parse_device(cell.device).kind == "gpu"]
    return {
        signature.backend: gpus_of(servers.call(DEVICES, None, timeout_s=TIMEOUT_S, signature=signature))
        for signature in runtime_signatures(asking)
    }


def gpus_of(devices: Iterable[DeviceRecord]) -> SeenGpus:
    """The GPUs among the devices that a backend lists."""
    names = [device.description for device in devices if device.name != "cpu"]
    return SeenGpus(len(names), usable(visible_gpus(), names))
