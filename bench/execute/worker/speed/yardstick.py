"""The yardstick of utilisation: the fastest matrix product that can be had on a device. Runs in a worker process only.

Whose product is the fastest differs from machine to machine, and with the environment: `OPENBLAS_CORETYPE` can halve
NumPy's. So NumPy's BLAS and every kernel that the backend has are asked, at several shapes of which one is large, and
the best time of several calls counts: whatever disturbs a call makes it longer.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import keras
import numpy as np
from threadpoolctl import threadpool_limits

from bench.execute.system.machine import bending_variables
from bench.execute.system.stability import StabilityWatch, doubts
from bench.execute.worker.runtimes import current
from bench.execute.worker.setup import take_seat
from bench.record.records import RateSource, Yardstick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.execute.messages import TrialTask
    from bench.execute.worker.runtimes import Placement

    Shape = tuple[int, int, int]

SHAPES: dict[str, tuple[int, ...]] = {"cpu": (512, 1024), "gpu": (1024, 4096, 8192)}
"""Rows, columns and inner length of square products, the smallest first. On a processor the largest leaves the caches
of a core; on a GPU it takes about a millisecond, as its peak rate needs."""

BUDGET_S, FEWEST = 0.02, 3
"""Seconds of calls per product, as long as the fewest are made."""

SLOW_S = 0.2
"""No larger product is tried where a call takes longer than this."""


def yardstick(task: TrialTask, send: Callable[[object], None]) -> None:
    """Send the `Yardstick` of the process that a task's trial will have: its device, threads and precision."""
    seat = take_seat(task)
    with seat.placement.scope():
        send(fastest_product(seat.placement, keras.config.dtype_policy().compute_dtype))


def fastest_product(placement: Placement, dtype: str) -> Yardstick:
    """The highest rate of all products that were tried.

    Args:
        placement: where the current device is.
        dtype: of the elements, such as `float32`.
    """
    kind = placement.device.name.partition(":")[0]
    watch, begun = StabilityWatch(), time.perf_counter()
    watch.begin()
    rate, source, shape, threads = max(_rates(kind, dtype, placement.threads))
    watch.lap()
    stability = watch.stop(time.perf_counter() - begun)
    return Yardstick(
        flops_per_s=rate,
        source=source,
        shape=shape,
        dtype=dtype,
        threads=threads,
        variables=bending_variables(),
        stability=stability,
        doubts=doubts(stability),
    )


def _rates(kind: str, dtype: str, threads: int) -> Iterator[tuple[float, RateSource, Shape, int]]:
    """The rate of every product, with what gave it: FLOP/s, a multiplication and an addition for each m * k * n."""
    for source, count in _sources(kind, dtype, threads):
        for length in SHAPES[kind]:
            shape = (length, length, length)
            try:
                with threadpool_limits(count):
                    taken_s = best_time_s(product_call(source, shape, dtype))
            except Exception as error:
                if current().ran_out_of_memory(error):
                    break
                raise
            yield 2.0 * length**3 / taken_s, source, shape, count
            if taken_s > SLOW_S:
                break


def _sources(kind: str, dtype: str, threads: int) -> Iterator[tuple[RateSource, int]]:
    """Who multiplies, and on how many threads. BLAS knows no GPU and no half precision.

    Two threads of a virtual machine that wait for one another can take forty times as long as one, so BLAS is asked on
    one thread as well.
    """
    if kind == "cpu" and dtype == "float32":
        yield from ((RateSource.NUMPY, count) for count in sorted({1, threads}))
    yield from ((source, threads) for source in current().rate_sources())


def product_call(source: RateSource, shape: Shape, dtype: str) -> Callable[[], object]:
    """A function that multiplies an (m, k) and a (k, n) matrix of random numbers, and returns when it is done.

    Args:
        source: whose product.
        shape: m, k and n.
        dtype: of the elements; NumPy multiplies float32 only.
    """
    m, k, n = shape
    rng = np.random.default_rng(0)
    left, right = rng.random((m, k), dtype=np.float32), rng.random((k, n), dtype=np.float32)
    if source is RateSource.NUMPY:
        out = np.empty((m, n), np.float32)
        return lambda: np.matmul(left, right, out=out)
    return current().product_call(source, left, right, dtype)


def best_time_s(call: Callable[[], object]) -> float:
    """Seconds of the fastest call; the first one, which finds its memory and may compile, is not counted."""
    call()
    taken: list[float] = []
    begun = time.perf_counter()
    while len(taken) < FEWEST or time.perf_counter() - begun < BUDGET_S:
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return min(taken)
