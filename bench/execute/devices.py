"""Placing a trial on its device. Runs in a worker process only, before TensorFlow has run anything.

GPU placement follows TensorFlow's guide "Use a GPU" (visible devices, memory growth). No GPU was available to measure
on; what can be tested without one is tested on logical CPU devices.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tensorflow as tf

from bench.core.formatting import plural
from bench.record.records import DeviceRecord

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from bench.declare.device import DeviceSpec


class DeviceMissingError(Exception):
    """A declared device that this machine does not have; the trial is skipped, never moved."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a trial runs.

    Attributes:
        name: TensorFlow's name of the device.
        threads: threads an operation may use on the CPU.
    """

    name: str
    threads: int

    def scope(self) -> AbstractContextManager[None]:
        """A context in which variables and operations are made on the device."""
        scope: AbstractContextManager[None] = tf.device(self.name)
        return scope


def place(device: DeviceSpec) -> Placement:
    """Make `device` the only one that TensorFlow sees, and set its threads.

    Raises:
        DeviceMissingError: there is no such device.
    """
    if device.threads:
        tf.config.threading.set_intra_op_parallelism_threads(device.threads)
    gpus = tf.config.list_physical_devices("GPU")
    if device.kind == "gpu":
        if device.index >= len(gpus):
            raise DeviceMissingError(
                f"The device {device} is not there: TensorFlow sees {plural(len(gpus), 'GPU')} on this machine."
            )
        tf.config.set_visible_devices(gpus[device.index], "GPU")
        # without it TensorFlow claims all memory of the GPU, and peak memory says nothing
        tf.config.experimental.set_memory_growth(gpus[device.index], enable=True)
        return Placement("/GPU:0", device.threads or usable_cores())
    if gpus:
        tf.config.set_visible_devices([], "GPU")
    return Placement("/CPU:0", device.threads or usable_cores())


def list_devices() -> tuple[DeviceRecord, ...]:
    """Every device that a suite could name on this machine."""
    found = [DeviceRecord(name="cpu")]
    for index, gpu in enumerate(tf.config.list_physical_devices("GPU")):
        details = tf.config.experimental.get_device_details(gpu)
        found.append(DeviceRecord(name=f"gpu:{index}", description=details.get("device_name", "")))
    return tuple(found)


def usable_cores() -> int:
    """Processors this process may run on, which is how many threads TensorFlow takes by default."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
