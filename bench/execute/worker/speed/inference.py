"""Prediction: how long one example takes, and how many a second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from bench.core import trees
from bench.execute.worker.runtimes import current
from bench.record.records import Speed

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from bench.core.trees import Inputs

WARM_UP, FEWEST, MOST = 10, 50, 150
BUDGET_S = 0.1
"""Seconds each of the two measurements may take, as long as the fewest calls are made."""

BATCH = 1000


def measure_inference(model: keras.Model, x: Inputs) -> Speed:
    """Latency and throughput of a trained model's predictions.

    A call's time goes from the example in the program's memory to its probabilities back there, so that a GPU has
    finished when the clock is read.

    Args:
        model: built.
        x: (m, ...) scaled inputs; or several by name.

    Returns:
        `latency_s` (median) and `latency_p99_s` of single examples, `inference_images_per_s` in batches of a thousand.
    """
    predictor = current().predictor
    batch = trees.rows(x, slice(BATCH))
    singles = [trees.rows(x, slice(index, index + 1)) for index in range(min(trees.length(x), 100))]
    latencies = _times_s(predictor(model, singles[0]), singles, FEWEST, MOST)
    rounds = _times_s(predictor(model, batch), [batch], 3, 8)
    return Speed(
        latency_s=float(np.median(latencies)),
        latency_p99_s=float(np.percentile(latencies, 99)),
        inference_images_per_s=trees.length(batch) / float(np.median(rounds)),
    )


def _times_s(call: Callable[[Inputs], object], inputs: list[Inputs], fewest: int, most: int) -> list[float]:
    """Times of repeated calls; the first ones, which find their memory and threads, are left out."""
    for index in range(min(WARM_UP, fewest)):
        call(inputs[index % len(inputs)])
    taken: list[float] = []
    begun = time.perf_counter()
    while len(taken) < fewest or (len(taken) < most and time.perf_counter() - begun < BUDGET_S):
        example = inputs[len(taken) % len(inputs)]
        started = time.perf_counter()
        call(example)
        taken.append(time.perf_counter() - started)
    return taken
