"""Placing a trial on its device. Runs in a worker process only, before TensorFlow or JAX has run anything.

GPU placement follows TensorFlow's guide "Use a GPU" (visible devices, memory growth) and JAX's page "GPU memory
allocation". No GPU was available to measure on; what can be tested without one is tested on logical CPU devices.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import psutil
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
        name: TensorFlow's name of the device; empty where the backend has but one to run on.
        threads: threads an operation may use on the CPU.
        device: as found.
    """

    name: str
    threads: int
    device: DeviceRecord

    def scope(self) -> AbstractContextManager[None]:
        """A context in which variables and operations are made on the device."""
        scope: AbstractContextManager[None] = tf.device(self.name) if self.name else nullcontext()
        return scope

    def peak_bytes(self) -> int | None:
        """The most memory of a GPU that was held; None for a CPU, whose memory is the process's."""
        if not self.name.startswith("/GPU"):
            return None
        return int(tf.config.experimental.get_memory_info(self.name.lstrip("/"))["peak"])


def synchronise() -> None:
    """Wait until every device has done what it was given: a GPU works on after a call has returned."""
    if tf.config.list_logical_devices("GPU"):
        tf.test.experimental.sync_devices()


def place(device: DeviceSpec) -> Placement:
    """Make `device` the only one that the backend sees, and set its threads.

    Raises:
        DeviceMissingError: there is no such device.
    """
    if keras.backend.backend() == "jax":
        return _place_jax(device)
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
        return Placement("/GPU:0", device.threads or usable_cores(), list_devices()[1 + device.index])
    if gpus:
        tf.config.set_visible_devices([], "GPU")
    return Placement("/CPU:0", device.threads or usable_cores(), _cpu())


def list_devices() -> tuple[DeviceRecord, ...]:
    """Every device that a suite could name on this machine."""
    found, told = [_cpu()], _told_by_driver()
    for index, gpu in enumerate(tf.config.list_physical_devices("GPU")):
        details = tf.config.experimental.get_device_details(gpu)
        memory_bytes, driver = told.get(index, (None, ""))
        name = details.get("device_name", "")
        found.append(DeviceRecord(name=f"gpu:{index}", description=name, memory_bytes=memory_bytes, driver=driver))
    return tuple(found)


def _cpu() -> DeviceRecord:
    return DeviceRecord(name="cpu", memory_bytes=psutil.virtual_memory().total)


def _told_by_driver() -> dict[int, tuple[int, str]]:
    """Per GPU, its memory in bytes and its driver's version, as NVIDIA's own tool lists them; empty without it."""
    query = ["nvidia-smi", "--query-gpu=index,memory.total,driver_version", "--format=csv,noheader,nounits"]
    told = {}
    with suppress(OSError, subprocess.SubprocessError, ValueError):
        answer = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
        for line in answer.stdout.splitlines():
            index, mebibytes, driver = (part.strip() for part in line.split(","))
            told[int(index)] = (int(mebibytes) * 2**20, driver)
    return told


def _place_jax(device: DeviceSpec) -> Placement:
    """JAX takes its devices from the environment, and its threads from the processors it may run on."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if device.kind == "gpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = str(device.index)
        os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
        import jax  # noqa: PLC0415  an extra; only a worker of its own signature has it

        with suppress(RuntimeError):
            if jax.devices("gpu"):
                return Placement("", device.threads or usable_cores(), DeviceRecord(name=str(device)))
        raise DeviceMissingError(f"The device {device} is not there: JAX sees no such GPU on this machine.")
    os.environ["JAX_PLATFORMS"] = "cpu"
    if device.threads and cores:
        os.sched_setaffinity(0, cores[: device.threads])
    return Placement("", device.threads or usable_cores(), _cpu())


def usable_cores() -> int:
    """Processors this process may run on, which is how many threads TensorFlow takes by default."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
