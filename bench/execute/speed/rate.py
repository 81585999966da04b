"""How long a device takes for matrix products and nothing else: what a training step could take at best.

On a processor NumPy's BLAS is timed, since on several threads nothing at hand multiplies faster and a call costs next
to nothing; on a GPU, and in half precision, which BLAS lacks, TensorFlow's own product.
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

BUDGET_S = 0.02
"""Seconds of repetitions per product, as long as the fewest calls are made."""

WARM_UP, FEWEST = 3, 5


def product_time_s(products: Iterable[tuple[Product, int]], dtype: str, threads: int, *, on_cpu: bool) -> float:
    """Seconds that the products take one after another, each the median of repeated calls.

    Args:
        products: of a training step, and how often each occurs.
        dtype: of their elements, such as `float32`.
        threads: that a product may use on a processor.
        on_cpu: whether the current device is the processor.
    """
    make = _blas if on_cpu and dtype == "float32" else _kernel
    with threadpool_limits(threads):
        return sum(_median_s(make(product, dtype)) * times for product, times in products)


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
