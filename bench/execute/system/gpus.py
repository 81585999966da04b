"""The GPUs of this machine as NVIDIA's own tool lists them: no backend is imported and CUDA is not started.

The tool counts by PCI bus; `CUDA_DEVICE_ORDER` of the warm servers has CUDA count the same way.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

QUERY = ("index", "uuid", "memory.total", "memory.used", "driver_version", "name")
"""What is asked of each GPU; the name comes last, as it may hold a comma."""

IDLE_BYTES = 2**30
"""A GPU of which more is taken is in use by another program."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU.

    Attributes:
        index: by PCI bus, from 0.
        uuid: begins with `GPU-`.
        name: of the product; GPUs of one name are of one kind.
        used_bytes: of its memory, by all programs.
    """

    index: int
    uuid: str
    name: str
    memory_bytes: int
    used_bytes: int
    driver: str

    @property
    def in_use(self) -> bool:
        """Whether another program works on it."""
        return self.used_bytes > IDLE_BYTES


def visible_gpus() -> tuple[Gpu, ...]:
    """The GPUs that a process with this environment sees, in CUDA's order; none without NVIDIA's tool."""
    return visible(_listed(), os.environ.get("CUDA_VISIBLE_DEVICES"))


def gpu_kind() -> str:
    """What `device = "gpu"` is here: the name of the first GPU; empty where no tool says it."""
    gpus = visible_gpus()
    return gpus[0].name if gpus else ""


def usable(gpus: Sequence[Gpu], names: Sequence[str]) -> tuple[int, ...]:
    """The GPUs that `device = "gpu"` may take: those of the first one's kind, and first those that nobody uses.

    Args:
        gpus: as NVIDIA's tool lists them; empty where there is none.
        names: what a backend calls each GPU that it sees, in its order.
    """
    taken = {number for number, gpu in enumerate(gpus) if gpu.in_use}
    alike = [number for number, name in enumerate(names) if name == names[0]]
    return tuple(sorted(alike, key=lambda number: (number in taken, number)))


def visible(gpus: Sequence[Gpu], variable: str | None) -> tuple[Gpu, ...]:
    """The GPUs that CUDA shows, in its order.

    Args:
        gpus: all of the machine.
        variable: CUDA_VISIBLE_DEVICES: numbers or the beginnings of UUIDs, of which the first that names none hides
            itself and all that follow (CUDA programming guide, environment variables); None shows all.
    """
    if variable is None:
        return tuple(gpus)
    visible: list[Gpu] = []
    for word in map(str.strip, variable.split(",")):
        matching = [
            gpu for gpu in gpus if word == str(gpu.index) or (word.startswith("GPU-") and gpu.uuid.startswith(word))
        ]
        if len(matching) != 1:
            break
        visible += matching
    return tuple(visible)


def parse(text: str) -> tuple[Gpu, ...]:
    """The GPUs in the tool's answer, a line each as `QUERY` asks for them; a line of another form is left out."""
    return tuple(gpu for line in text.splitlines() if (gpu := _parsed(line)) is not None)


def _parsed(line: str) -> Gpu | None:
    words = [word.strip() for word in line.split(",", len(QUERY) - 1)]
    try:
        index, uuid, total, used, driver, name = words
        return Gpu(
            index=int(index),
            uuid=uuid,
            name=name,
            memory_bytes=int(total) * 2**20,
            # a tool without the right to look answers [N/A]
            used_bytes=int(used) * 2**20 if used.isdecimal() else 0,
            driver=driver,
        )
    except ValueError:
        return None


@cache
def _listed() -> tuple[Gpu, ...]:
    words = ["nvidia-smi", f"--query-gpu={','.join(QUERY)}", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(words, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ()
    return parse(answer.stdout)
