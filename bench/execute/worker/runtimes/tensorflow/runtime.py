"""What depends on TensorFlow.

GPU placement follows TensorFlow's guide "Use a GPU" (visible devices, memory growth). No GPU was available to measure
on; what can be tested without one is tested on logical CPU devices.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from bench.core import trees
from bench.execute.worker.devices import cpu_record, free_memory, gpu_records, missing, usable_cores
from bench.execute.worker.runtimes.runtime import Placement
from bench.execute.worker.runtimes.tensorflow.graph import first_uses
from bench.execute.worker.runtimes.tensorflow.products import training_flops
from bench.record.records import RateSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from bench.core.trees import Inputs
    from bench.declare.device import DeviceSpec
    from bench.execute.worker.engines.engine import Engine
    from bench.record.records import DeviceRecord


@dataclass(frozen=True, slots=True)
class TensorFlowPlacement(Placement):
    """Where a trial runs, by TensorFlow's name of the device."""

    def scope(self) -> AbstractContextManager[None]:
        """A context in which variables and operations are made on the device."""
        scope: AbstractContextManager[None] = tf.device(self.name)
        return scope

    def peak_bytes(self) -> int | None:
        """The most memory of a GPU that was held; None for a CPU."""
        if not self.name.startswith("/GPU"):
            return None
        return int(tf.config.experimental.get_memory_info(self.name.lstrip("/"))["peak"])

    def begin_trial(self) -> None:
        """Let go of earlier models, and count the memory anew."""
        if self.name.startswith("/GPU"):
            free_memory()
            tf.config.experimental.reset_memory_stats(self.name.lstrip("/"))


class TensorFlowRuntime:
    """See `Runtime`."""

    name = "tensorflow"

    def seed(self, seed: int) -> None:
        """Set every random seed; see `Runtime.seed`."""
        keras.utils.set_random_seed(seed)

    def list_devices(self) -> tuple[DeviceRecord, ...]:
        """The CPU and every GPU."""
        gpus = tf.config.list_physical_devices("GPU")
        names = [tf.config.experimental.get_device_details(gpu).get("device_name", "") for gpu in gpus]
        return (cpu_record(), *gpu_records(names))

    def place(self, device: DeviceSpec, *, deterministic: bool = False) -> Placement:  # noqa: ARG002
        """Make a device the only visible one; see `Runtime.place`."""
        if device.threads:
            tf.config.threading.set_intra_op_parallelism_threads(device.threads)
        gpus = tf.config.list_physical_devices("GPU")
        if device.kind == "gpu":
            if device.number >= len(gpus):
                raise missing(device, "TensorFlow", len(gpus))
            tf.config.set_visible_devices(gpus[device.number], "GPU")
            # without it TensorFlow claims all memory of the GPU, and peak memory says nothing
            tf.config.experimental.set_memory_growth(gpus[device.number], enable=True)
            record = self.list_devices()[1 + device.number]
            return TensorFlowPlacement("/GPU:0", device.threads or usable_cores(), record)
        if gpus:
            tf.config.set_visible_devices([], "GPU")
        return TensorFlowPlacement("/CPU:0", device.threads or usable_cores(), cpu_record())

    def without_accelerators(self) -> AbstractContextManager[None]:
        """Hide every GPU."""
        tf.config.set_visible_devices([], "GPU")
        return nullcontext()

    def synchronise(self) -> None:
        """Wait for every GPU."""
        if tf.config.list_logical_devices("GPU"):
            tf.test.experimental.sync_devices()

    def sync(self, model: keras.Model) -> None:
        """Nothing is to be done: variables are trained in place."""

    def settings(self) -> dict[str, object]:
        """What `tf.config` holds; see `Runtime.settings`."""
        optimizer, experimental = tf.config.optimizer, tf.config.experimental
        return {
            "TensorFlow's optimizer": (
                str(optimizer.get_jit()),
                str(sorted(optimizer.get_experimental_options().items())),
            ),
            "TensorFlow's functions": tf.config.functions_run_eagerly(),
            "TensorFloat-32": experimental.tensor_float_32_execution_enabled(),
            "soft placement": tf.config.get_soft_device_placement(),
        }

    def make_deterministic(self, threads: int) -> dict[str, Any]:
        """Set what bits depend on, before anything has run.

        Constant folding is off because it orders a program's constants differently inside a loop and outside: without
        it the epoch program and `fit` agree for batch normalisation as well. The number of threads decides how sums
        are split, so it is fixed even where it is the default. Source: TensorFlow's pages on `enable_op_determinism`
        and on `tf.config.threading`.

        Args:
            threads: that an operation may use.

        Returns:
            Every setting that matters, as it now is.
        """
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.experimental.enable_op_determinism()
        tf.config.optimizer.set_experimental_options({"constant_folding": False})
        return {
            "backend": "tensorflow",
            "op_determinism": True,
            "constant_folding": False,
            "intra_op_threads": tf.config.threading.get_intra_op_parallelism_threads(),
            "inter_op_threads": tf.config.threading.get_inter_op_parallelism_threads(),
            "tensor_float_32": tf.config.experimental.tensor_float_32_execution_enabled(),
        }

    def ran_out_of_memory(self, error: BaseException) -> bool:
        """Whether TensorFlow could not allocate a tensor."""
        return isinstance(error, tf.errors.ResourceExhaustedError)

    def engines(self) -> Mapping[str, Engine]:
        """`fit`, `epoch` and `epoch-xla`."""
        from bench.execute.worker.engines.epoch import EpochEngine  # noqa: PLC0415  engines ask for the current runtime
        from bench.execute.worker.engines.fit import FitEngine  # noqa: PLC0415

        return {"fit": FitEngine(shares=True), "epoch": EpochEngine(xla=False), "epoch-xla": EpochEngine(xla=True)}

    def first_uses(self, model: keras.Model, input_shape: tuple[int, ...], beyond: float) -> tuple[str, bool]:
        """Look at the graph; see `Runtime.first_uses`."""
        return first_uses(model, input_shape, beyond)

    def predictor(self, model: keras.Model, example: Inputs) -> Callable[[Inputs], NDArray[np.float32]]:
        """The traced program for one shape; see `Runtime.predictor`."""
        predict = tf.function(lambda inputs: model(inputs, training=False), reduce_retracing=True)
        program = predict.get_concrete_function(
            trees.each(lambda array: tf.TensorSpec(array.shape, array.dtype), example)
        )

        def call(x: Inputs) -> NDArray[np.float32]:
            outputs: NDArray[np.float32] = tf.nest.flatten(program(trees.each(tf.constant, x)))[0].numpy()
            return outputs

        return call

    def predicts_alike(self, model: keras.Model) -> bool:
        """Where Keras does not have XLA compile its `predict`; see `Runtime.predicts_alike`."""
        return not model.jit_compile

    def training_flops(self, model: keras.Model, x: Inputs, batch_size: int) -> int | None:
        """Of the products in the traced graph; see `Runtime.training_flops`."""
        return training_flops(model, x, batch_size)

    def rate_sources(self) -> tuple[RateSource, ...]:
        """TensorFlow's own kernel, and XLA's."""
        return RateSource.TENSORFLOW, RateSource.XLA

    def product_call(
        self, source: RateSource, left: NDArray[np.float32], right: NDArray[np.float32], dtype: str
    ) -> Callable[[], object]:
        """A traced product; see `Runtime.product_call`."""
        on_device = tf.cast(left, dtype), tf.cast(right, dtype)
        program = tf.function(tf.linalg.matmul, autograph=False, jit_compile=source is RateSource.XLA)
        traced = program.get_concrete_function(*on_device)

        def call() -> object:
            product = traced(*on_device)
            self.synchronise()
            return product

        return call
