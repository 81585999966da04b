"""Devices as every backend sees them. Runs in a worker process only."""

from __future__ import annotations

import gc
import os
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

import psutil

from bench.core.formatting import plural
from bench.execute.system.gpus import visible_gpus
from bench.execute.worker.runtimes import DeviceMissingError, current
from bench.record.records import DeviceRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.declare.device import DeviceSpec
    from bench.execute.system.gpus import Gpu

VISIBLE_GPUS = "CUDA_VISIBLE_DEVICES"
"""Set in a worker alone: the trial's key is settled by then, and depends on the user's own."""


def cpu_record() -> DeviceRecord:
    """The processor, with the machine's memory."""
    return DeviceRecord(name="cpu", memory_bytes=psutil.virtual_memory().total)


def gpu_records(names: Iterable[str]) -> tuple[DeviceRecord, ...]:
    """The GPUs that this process sees, with memory and driver where NVIDIA's own tool says them.

    Args:
        names: what the backend calls each, in its order.
    """
    gpus = visible_gpus()
    return tuple(_record(number, name, gpus) for number, name in enumerate(names))


def _record(number: int, name: str, gpus: Sequence[Gpu]) -> DeviceRecord:
    # the same place in both lists, or else one of the same kind: memory and driver are the same
    likely = [*gpus[number : number + 1], *gpus]
    listed = next((gpu for gpu in likely if gpu.name == name), None)
    return DeviceRecord(
        name=f"gpu:{number}",
        description=name,
        memory_bytes=listed.memory_bytes if listed else None,
        driver=likely[0].driver if likely else "",
    )


def only_gpu(names: Sequence[str], device: DeviceSpec) -> DeviceRecord:
    """The record of the one GPU that this process was left with.

    Args:
        names: what the backend calls it; the first counts.
        device: whose number it has among those that the harness sees.
    """
    return replace(gpu_records(names)[0], name=f"gpu:{device.number}")


def show_only(device: DeviceSpec) -> int:
    """Have CUDA show this process one GPU, before it starts; how many it would have shown, as far as that is known."""
    number = len(visible_gpus())
    os.environ[VISIBLE_GPUS] = nth_visible(os.environ.get(VISIBLE_GPUS), device.number)
    return 0 if device.number < number else number


def missing(device: DeviceSpec, backend: str, gpus: int) -> DeviceMissingError:
    """The error of a GPU that is not there.

    Args:
        device: as declared.
        backend: as people write it.
        gpus: how many it sees.
    """
    return DeviceMissingError(
        f"The device {device} does not exist: {backend} sees {plural(gpus, 'GPU')} on this machine."
    )


def free_memory() -> None:
    """Let go of models that nobody uses: they hold memory of a GPU until Python looks for circles of references."""
    gc.collect()


def synchronise() -> None:
    """Wait until every device has done what it was given: a GPU works on after a call has returned."""
    current().synchronise()


def usable_cores() -> int:
    """Processors this process may run on, which is how many threads a backend takes by default."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def nth_visible(visible: str | None, index: int) -> str:
    """What CUDA_VISIBLE_DEVICES has to be so that a process sees one GPU alone.

    Args:
        visible: what it is now: the GPUs that a process sees, in their order; None where it sees all.
        index: of the GPU among those that it sees.
    """
    if visible is None:
        return str(index)
    listed = list(takewhile(lambda name: name not in {"", "-1"}, map(str.strip, visible.split(","))))
    return listed[index] if index < len(listed) else "-1"
