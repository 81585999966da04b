"""Prediction: how long one image takes, and how many a second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

WARM_UP, FEWEST, MOST = 10, 50, 150
BUDGET_S = 0.1
"""Seconds each of the two measurements may take, as long as the fewest calls are made."""

BATCH = 1000


def measure_inference(model: keras.Model, x: NDArray[Any]) -> dict[str, float]:
    """Latency and throughput of a trained model's predictions.

    A call's time goes from the image in the program's memory to its probabilities back there, so that a GPU has
    finished when the clock is read.

    Args:
        model: built.
        x: (m, h, w, c) float32, scaled images.

    Returns:
        `latency_s` (median) and `latency_p99_s` of single images, `inference_images_per_s` in batches of a thousand.
    """
    predict = tf.function(lambda images: model(images, training=False), reduce_retracing=True)
    single, batch = tf.TensorSpec((1, *x.shape[1:]), tf.float32), x[:BATCH]
    one = predict.get_concrete_function(single)
    many = predict.get_concrete_function(tf.TensorSpec(batch.shape, tf.float32))
    latencies = _times_s(one, [x[index : index + 1] for index in range(min(len(x), 100))], FEWEST, MOST)
    rounds = _times_s(many, [batch], 3, 8)
    return {
        "latency_s": float(np.median(latencies)),
        "latency_p99_s": float(np.percentile(latencies, 99)),
        "inference_images_per_s": len(batch) / float(np.median(rounds)),
    }


def _times_s(call: Any, inputs: list[NDArray[Any]], fewest: int, most: int) -> list[float]:  # noqa: ANN401
    """Times of repeated calls; the first ones, which find their memory and threads, are left out."""
    for index in range(min(WARM_UP, fewest)):
        call(tf.constant(inputs[index % len(inputs)])).numpy()
    taken: list[float] = []
    begun = time.perf_counter()
    while len(taken) < fewest or (len(taken) < most and time.perf_counter() - begun < BUDGET_S):
        image = inputs[len(taken) % len(inputs)]
        started = time.perf_counter()
        call(tf.constant(image)).numpy()
        taken.append(time.perf_counter() - started)
    return taken
