"""Which GPU a trial gets, and which trials may run at the same time. Pure.

A GPU has one trial at a time. Trials on the CPU and trials on GPUs never run at the same time: a trial on a GPU needs
the processor too. A named GPU is never changed for another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bench.declare.device import DeviceSpec

NO_USES: Mapping[int, int] = {}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trial runs.

    Attributes:
        gpu: its number; None for the CPU, and for a GPU where there is none, of which the worker then says so.
    """

    gpu: int | None = None


def place_for(
    device: DeviceSpec,
    *,
    gpus: Sequence[int],
    busy: Collection[Place],
    jobs: int,
    warm: Collection[int] = (),
    given: Mapping[int, int] = NO_USES,
) -> Place | None:
    """The place of a trial; None where it has to wait. Where nothing runs, every trial has a place.

    Args:
        device: as its cell declares it.
        gpus: that `gpu` may take, the best first.
        busy: places of the trials that run.
        jobs: trials at a time.
        warm: GPUs on which a worker waits that has trained the trial's shape.
        given: how many trials each GPU has had.
    """
    if len(busy) >= jobs:
        return None
    taken = {place.gpu for place in busy}
    if device.kind == "cpu" or (device.any_gpu and not gpus):
        return Place() if taken <= {None} else None
    wanted = gpus if device.index is None else (device.index,)
    free = [] if None in taken else [gpu for gpu in wanted if gpu not in taken]
    # with one job times count, and are to be of one card: two of a kind differ by some percent
    best = free if jobs == 1 else sorted(free, key=lambda gpu: (gpu not in warm, given.get(gpu, 0), wanted.index(gpu)))
    return Place(best[0]) if best else None
