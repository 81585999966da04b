"""The devices a suite may name: `cpu`, `cpu[threads=1]`, `gpu`, `gpu:0`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_PATTERN = re.compile(r"cpu(?::0)?(?:\[threads=(?P<threads>[1-9]\d*)\])?|(?P<gpu>gpu)(?::(?P<index>\d+))?")
ALLOWED = "cpu, cpu[threads=N], gpu or gpu:N"


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """Where a trial is to run.

    Attributes:
        kind: cpu or gpu.
        index: which GPU, from 0; None for any that is free, and for the CPU.
        threads: threads per operation on the CPU; None leaves the number to the backend.
    """

    kind: Literal["cpu", "gpu"]
    index: int | None = None
    threads: int | None = None

    def __str__(self) -> str:
        place = self.kind if self.index is None else f"{self.kind}:{self.index}"
        return f"{place}[threads={self.threads}]" if self.threads else place

    @property
    def any_gpu(self) -> bool:
        """Whether every GPU of a kind will do."""
        return self.kind == "gpu" and self.index is None

    @property
    def number(self) -> int:
        """The GPU's number: the first where any will do and nobody has chosen."""
        return self.index or 0


@lru_cache(maxsize=256)
def parse_device(text: str) -> DeviceSpec:
    """The device that `text` names.

    Raises:
        ValueError: it names none; the message says what is allowed.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(ALLOWED)
    threads = int(match["threads"]) if match["threads"] else None
    index = int(match["index"]) if match["index"] else None
    return DeviceSpec("gpu" if match["gpu"] else "cpu", index, threads)
