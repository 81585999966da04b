"""A process that does a small network's arithmetic for as long as it is asked to: `capacity.py` runs several at once.

It reads seconds, a line each, and answers each with the rounds that it did per second; the first answer, 0, says that
it is ready. It ends with its input.
"""

from __future__ import annotations

import sys
import time

import numpy as np

IMAGES, PIXELS, HIDDEN, BATCH = 8192, 784, 128, 128
"""Data of 26 MB, more than a core's own cache: workers share the way to the memory as well as the cores."""


def main() -> None:
    """Answer until the input ends."""
    rng = np.random.default_rng(0)
    images = rng.random((IMAGES, PIXELS), dtype=np.float32)
    weights = rng.random((PIXELS, HIDDEN), dtype=np.float32)
    order = rng.permutation(IMAGES).reshape(-1, BATCH)
    _round(images, weights, order[0])
    print(0, flush=True)  # noqa: T201  the answer
    for line in sys.stdin:
        duration_s, rounds = float(line), 0
        begun = time.perf_counter()
        while (spent_s := time.perf_counter() - begun) < duration_s:
            _round(images, weights, order[rounds % len(order)])
            rounds += 1
        print(rounds / spent_s, flush=True)  # noqa: T201  the answer


def _round(images: np.ndarray, weights: np.ndarray, batch: np.ndarray) -> None:
    """A step of training: examples gathered, a product forward, one backward, weights changed."""
    examples = images[batch]
    outputs = np.maximum(examples @ weights, 0.0)
    weights -= 1e-6 * (examples.T @ outputs)


if __name__ == "__main__":
    main()
