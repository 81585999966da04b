"""What a node is: its environment, its signatures, its devices, and what its processes are held back by."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bench.execute.backends import BACKENDS
from bench.execute.cluster.kinds import kind_name, signature_name
from bench.execute.environment import environment_signature, read_environment
from bench.execute.system.gpus import visible_gpus
from bench.execute.system.machine import machine_signature
from bench.record.environment import DeviceRecord
from bench.record.fleet import NodeRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORCED = ("OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
"""Variables that a scheduler sets for its own processes, and that decide signatures and times."""

OF_SCHEDULERS = ("RAY_", "SLURM_", "PMI", "OMPI_")
"""How variables begin that mean something to a scheduler's own processes only."""


def describe(node: str, environments: Iterable[tuple[tuple[str, ...], bool]]) -> NodeRecord:
    """This machine, as a node.

    Args:
        node: its name.
        environments: for which signatures are wanted: names of backends, and whether any GPU will do.
    """
    installed = tuple(name for name, backend in BACKENDS.items() if backend.installed)
    memory = psutil.virtual_memory().total
    devices = (
        DeviceRecord(name="cpu", memory_bytes=memory),
        *(
            DeviceRecord(name=f"gpu:{number}", description=gpu.name, memory_bytes=gpu.memory_bytes, driver=gpu.driver)
            for number, gpu in enumerate(visible_gpus())
        ),
    )
    return NodeRecord(
        node=node,
        kind=kind_name(environment_signature(*installed), devices),
        signatures={
            signature_name(backends, any_gpu=any_gpu): environment_signature(*backends, any_gpu=any_gpu)
            for backends, any_gpu in environments
        },
        machine=machine_signature(),
        harness=harness_digest(),
        bench_version=version("keras-bench"),
        niceness=os.getpriority(os.PRIO_PROCESS, 0),
        environment=read_environment(devices, Path.cwd(), installed),
    )


@cache
def harness_digest() -> str:
    """SHA-256 (hex) of all code of keras-bench: messages must mean the same to driver and agent."""
    root = Path(str(files("bench")))
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def cleaned(variables: Mapping[str, str], original: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of an agent: the user's own, without what a scheduler has set for its processes.

    Args:
        variables: of the process that starts the agent.
        original: of the process that started it, before the scheduler changed anything; None where that is not known,
            and what it may have changed is left out.
    """
    kept = {name: value for name, value in variables.items() if not name.startswith(OF_SCHEDULERS)}
    for name in FORCED:
        kept.pop(name, None)
        if original is not None and name in original:
            kept[name] = original[name]
    return kept
