"""Devices as every backend sees them. Runs in a worker process only."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from bench.core.formatting import plural
from bench.execute.worker.runtimes import DeviceMissingError, current
from bench.record.records import DeviceRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.declare.device import DeviceSpec


def cpu_record() -> DeviceRecord:
    """The processor, with the machine's memory."""
    return DeviceRecord(name="cpu", memory_bytes=psutil.virtual_memory().total)


def gpu_records(names: Iterable[str]) -> tuple[DeviceRecord, ...]:
    """The GPUs of this machine, with memory and driver where NVIDIA's own tool says them.

    Args:
        names: what the backend calls each, in its order.
    """
    by_driver = _by_driver()
    return tuple(
        DeviceRecord(
            name=f"gpu:{index}",
            description=name,
            memory_bytes=by_driver.get(index, (None, ""))[0],
            driver=by_driver.get(index, (None, ""))[1],
        )
        for index, name in enumerate(names)
    )


def missing(device: DeviceSpec, backend: str, gpus: int) -> DeviceMissingError:
    """The error of a GPU that is not there.

    Args:
        device: as declared.
        backend: as people write it.
        gpus: how many it sees.
    """
    return DeviceMissingError(
        f"The device {device} is not there: {backend} sees {plural(gpus, 'GPU')} on this machine."
    )


def synchronise() -> None:
    """Wait until every device has done what it was given: a GPU works on after a call has returned."""
    current().synchronise()


def usable_cores() -> int:
    """Processors this process may run on, which is how many threads a backend takes by default."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _by_driver() -> dict[int, tuple[int, str]]:
    """Per GPU, its memory in bytes and its driver's version, as NVIDIA's own tool lists them; empty without it."""
    query = ["nvidia-smi", "--query-gpu=index,memory.total,driver_version", "--format=csv,noheader,nounits"]
    listed = {}
    with suppress(OSError, subprocess.SubprocessError, ValueError):
        answer = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
        for line in answer.stdout.splitlines():
            index, mebibytes, driver = (part.strip() for part in line.split(","))
            listed[int(index)] = (int(mebibytes) * 2**20, driver)
    return listed


def nth_visible(visible: str | None, index: int) -> str:
    """What CUDA_VISIBLE_DEVICES has to be so that a process sees one GPU alone.

    Args:
        visible: what it is now: the GPUs that a process sees, in their order; None where it sees all.
        index: of the GPU among those that it sees.
    """
    if visible is None:
        return str(index)
    listed = [name.strip() for name in visible.split(",") if name.strip()]
    return listed[index] if index < len(listed) else "-1"
