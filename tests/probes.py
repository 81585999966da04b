"""Functions for a worker process to call: parts of the harness that need TensorFlow, tried where they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Send = Callable[[object], None]


def products(payload: tuple[str, dict[str, Any], tuple[int, ...], int], send: Send) -> None:
    """Send the matrix products of an architecture's training step."""
    import numpy as np  # noqa: PLC0415

    from bench.catalog.registry import find_architecture  # noqa: PLC0415
    from bench.execute.worker.runtimes.tensorflow.products import training_products  # noqa: PLC0415

    name, parameters, input_shape, batch_size = payload
    module, _, function = find_architecture(name).target.partition(":")
    builder = getattr(__import__(module, fromlist=[function]), function)
    model = builder(input_shape, 10, **parameters)
    found = training_products(model, np.zeros((1, *input_shape), np.float32), batch_size)
    send([((product.m, product.k, product.n), times) for product, times in found])


def rate(payload: tuple[str, int, dict[str, str]], send: Send) -> None:
    """Send the yardstick of a dtype and a number of threads, under some more variables of the environment."""
    import os  # noqa: PLC0415

    from bench.declare.device import parse_device  # noqa: PLC0415
    from bench.execute.worker.runtimes import current  # noqa: PLC0415
    from bench.execute.worker.speed.yardstick import fastest_product  # noqa: PLC0415

    dtype, threads, variables = payload
    os.environ.update(variables)
    send(fastest_product(current().place(parse_device(f"cpu[threads={threads}]")), dtype))


def product_times(payload: tuple[str, tuple[int, ...]], send: Send) -> None:
    """Send the best seconds of a source's square products of these lengths, BLAS on one thread."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    from bench.execute.worker.speed.yardstick import best_time_s, product_call  # noqa: PLC0415
    from bench.record.records import RateSource  # noqa: PLC0415

    source, lengths = payload
    with threadpool_limits(1):
        send([best_time_s(product_call(RateSource(source), (length,) * 3, "float32")) for length in lengths])


def digits() -> Any:
    """The embedded digits, ready for training."""
    from pathlib import Path  # noqa: PLC0415

    from bench.catalog import datasets  # noqa: PLC0415
    from bench.declare.settings import TrainingSettings  # noqa: PLC0415
    from bench.execute.worker.data import prepare  # noqa: PLC0415

    found = datasets.obtain("digits", base=Path.cwd())
    return prepare(datasets.load(found.path, found.sha256), found.facts, TrainingSettings(), found.target)


def logical_devices(engine: str, send: Send) -> None:
    """Split the processor into two logical devices and train on each; send where the variables are, and the digests."""
    import keras  # noqa: PLC0415
    import tensorflow as tf  # noqa: PLC0415

    from bench.catalog.architectures.dense import mlp  # noqa: PLC0415
    from bench.execute.worker.engines import ENGINES, Course, Made  # noqa: PLC0415
    from bench.execute.worker.runtimes.tensorflow.runtime import TensorFlowPlacement  # noqa: PLC0415
    from bench.execute.worker.weights import weights_digest  # noqa: PLC0415
    from bench.record.records import DeviceRecord  # noqa: PLC0415

    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], halves)
    data = digits()
    found = []
    for name in ("/CPU:0", "/CPU:1"):
        keras.utils.set_random_seed(0)
        with TensorFlowPlacement(name, 2, DeviceRecord(name="cpu")).scope():
            model = mlp((8, 8, 1), 10)
            model.compile(optimizer=keras.optimizers.SGD(0.1), loss="categorical_crossentropy", metrics=["accuracy"])
            course = Course(epochs=2, batch_size=100, on_epoch=lambda record: record.loss is not None)
            ENGINES[engine].train(Made(model, data, ""), course)
        variables = [*model.variables, *model.optimizer.variables]
        places = {variable.value.device.rpartition("/")[2] for variable in variables}
        found.append((sorted(places), weights_digest(model)))
    send(found)


def too_large(memory_bytes: int, send: Send) -> None:
    """Send what keeps each engine from ten million images; none of them exists, they are one, repeated."""
    from dataclasses import replace  # noqa: PLC0415

    import numpy as np  # noqa: PLC0415

    from bench.catalog.architectures.dense import softmax  # noqa: PLC0415
    from bench.execute.worker.data import Part  # noqa: PLC0415
    from bench.execute.worker.engines import ENGINES  # noqa: PLC0415
    from bench.record.treatment import CompileRecord  # noqa: PLC0415

    many = 10_000_000
    x = np.broadcast_to(np.zeros((1, 28, 28, 1), np.uint8), (many, 28, 28, 1))
    y = np.broadcast_to(np.zeros((1, 10), np.float32), (many, 10))
    data = replace(digits(), train=Part(x, y))
    model = softmax((28, 28, 1), 10)
    compiled = CompileRecord(optimizer="SGD", learning_rate="0.1", loss="categorical_crossentropy")
    send({name: engine.obstacle(model, compiled, data, memory_bytes) for name, engine in ENGINES.items()})
