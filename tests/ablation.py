"""Where an epoch's time goes: the `epoch` program built up part by part. Called in a worker process."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = Callable[[Any, Any], Any]
    """From a batch's number and the divisor of the images to whatever it computes."""

IMAGES, ROUNDS = 60_000, 5


def ablation(payload: tuple[tuple[int, ...], int], send: Callable[[object], None]) -> None:
    """Time an epoch of a multilayer perceptron with ever more of its training step in it.

    Args:
        payload: nodes of the hidden layers, and the batch size.
        send: takes the seconds of each part, by name: those of a program that ends with it, less those of the one
            before; then those of the step's matrix products alone.
    """
    import keras  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    from bench.catalog.architectures.dense import mlp  # noqa: PLC0415
    from bench.execute.worker.runtimes.tensorflow.products import training_products  # noqa: PLC0415
    from bench.execute.worker.speed.yardstick import best_time_s, product_call  # noqa: PLC0415
    from bench.record.records import RateSource  # noqa: PLC0415

    hidden, batch = payload
    model = mlp((28, 28, 1), 10, hidden=list(hidden))
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="categorical_crossentropy", metrics=["accuracy"])
    found, before = {}, 0.0
    for name, step in _parts(model, batch).items():
        until = _epoch_time_s(step, IMAGES // batch)
        found[name], before = until - before, until
    products = training_products(model, np.zeros((1, 28, 28, 1), np.float32), batch)
    sources = {"NumPy's BLAS": RateSource.NUMPY, "TensorFlow's": RateSource.TENSORFLOW}
    for whose, source in sources.items():
        calls = [(times, product_call(source, (one.m, one.k, one.n), "float32")) for one, times in products]
        step_s = sum(times * best_time_s(call) for times, call in calls)
        found[f"products alone, {whose}"] = step_s * IMAGES / batch
    send(found)


def _parts(model: Any, batch: int) -> dict[str, Step]:
    """Training steps, each with one part more than the one before."""
    import numpy as np  # noqa: PLC0415
    import tensorflow as tf  # noqa: PLC0415

    rng = np.random.default_rng(0)
    x = tf.constant(rng.integers(0, 256, (IMAGES, 28, 28, 1), dtype=np.uint8))
    y = tf.constant(np.eye(10, dtype=np.float32)[rng.integers(0, 10, IMAGES)])
    model.train_on_batch(tf.cast(x[:batch], tf.float32), y[:batch])  # makes all variables

    def read(index: Any, divisor: Any) -> Any:
        start = index * batch
        return tf.cast(x[start : start + batch], tf.float32) / divisor, y[start : start + batch]

    def backward(index: Any, divisor: Any) -> Any:
        images, targets = read(index, divisor)
        with tf.GradientTape() as tape:
            outputs = model(images, training=True)
            loss = model.compute_loss(x=images, y=targets, y_pred=outputs, training=True)
        return tape.gradient(loss, [weight.value for weight in model.trainable_weights])

    def update(index: Any, divisor: Any) -> Any:
        model.optimizer.apply(backward(index, divisor), model.trainable_weights)
        return tf.constant(0)

    return {
        "images sliced, cast, scaled": read,
        "forward": lambda index, divisor: model(read(index, divisor)[0], training=True),
        "loss and gradients": backward,
        "weights updated": update,
        "loss and accuracy counted": lambda index, divisor: model.train_step(read(index, divisor)),
    }


def _epoch_time_s(step: Step, steps: int) -> float:
    import tensorflow as tf  # noqa: PLC0415

    @tf.function
    def program(steps: Any, divisor: Any) -> Any:
        seen = tf.constant(0.0)
        for index in tf.range(steps):
            # what nothing reads is cut out of the program: an element of everything that the step leaves is read
            for left in tf.nest.flatten(step(index, divisor)):
                seen += tf.cast(tf.reshape(left, [-1])[0], tf.float32)
        return seen

    taken = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        program(tf.constant(steps), tf.constant(255.0)).numpy()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken[1:])
