"""How long a device takes for matrix products and nothing else: what a training step could take at best.

On a processor NumPy's BLAS is timed, since on several threads nothing at hand multiplies faster and a call costs next
to nothing; on a GPU, and in half precision, which BLAS lacks, TensorFlow's own product. Each product is timed on one
thread and on all that the trial has, and the better time counts: two threads of a virtual machine that wait for one
another can take forty times as long as one.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from threadpoolctl import threadpool_limits

from bench.execute.devices import synchronise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bench.execute.speed.products import Product

BUDGET_S = 0.01
"""Seconds of repetitions per product, as long as the fewest calls are made."""

WARM_UP, FEWEST = 3, 5


def product_time_s(products: Iterable[tuple[Product, int]], dtype: str, threads: int, *, on_cpu: bool) -> float:
    """Seconds that the products take one after another, each the median of calls on its best number of threads.

    Args:
        products: of a training step, and how often each occurs.
        dtype: of their elements, such as `float32`.
        threads: that a product may use on a processor.
        on_cpu: whether the current device is the processor.
    """
    make = _blas if on_cpu and dtype == "float32" else _kernel
    counts = sorted({1, threads}) if make is _blas else [threads]
    total = 0.0
    for product, times in products:
        call = make(product, dtype)
        taken = []
        for count in counts:
            with threadpool_limits(count):
                taken.append(_median_s(call))
        total += times * min(taken)
    return total


def _blas(product: Product, dtype: str) -> Callable[[], object]:
    rng = np.random.default_rng(0)
    left = rng.standard_normal((product.k, product.m) if product.left else (product.m, product.k)).astype(dtype)
    right = rng.standard_normal((product.n, product.k) if product.right else (product.k, product.n)).astype(dtype)
    out = np.empty((product.m, product.n), dtype)
    one, other = left.T if product.left else left, right.T if product.right else right
    return lambda: np.matmul(one, other, out=out)


def _kernel(product: Product, dtype: str) -> Callable[[], object]:
    left = tf.cast(tf.random.normal((product.k, product.m) if product.left else (product.m, product.k)), dtype)
    right = tf.cast(tf.random.normal((product.n, product.k) if product.right else (product.k, product.n)), dtype)

    def call() -> Any:  # noqa: ANN401  a tensor
        out = tf.raw_ops.MatMul(a=left, b=right, transpose_a=product.left, transpose_b=product.right)
        synchronise()
        return out

    return call


def _median_s(call: Callable[[], object]) -> float:
    for _ in range(WARM_UP):
        call()
    taken: list[float] = []
    begun = time.perf_counter()
    while len(taken) < FEWEST or time.perf_counter() - begun < BUDGET_S:
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)
