"""What a trained model costs on its device, measured after the training in the same process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from bench.execute.speed.inference import measure_inference
from bench.execute.speed.products import flops, training_products
from bench.execute.speed.rate import product_time_s
from bench.record.records import Speed

if TYPE_CHECKING:
    from bench.core.trees import Inputs
    from bench.execute.devices import Placement

__all__ = ["measure_speed"]


def measure_speed(model: keras.Model, x: Inputs, placement: Placement, *, batch_size: int, step_time_s: float) -> Speed:
    """Inference, arithmetic of a training step, and how much of the device's rate the training reached.

    Args:
        model: trained, on the TensorFlow backend; on any other nothing is measured.
        x: (m, ...) scaled inputs; or several by name.
        placement: where the training ran, and the current device is.
        batch_size: of the training.
        step_time_s: of a training step.
    """
    if keras.backend.backend() != "tensorflow":
        return Speed()
    inference = measure_inference(model, x)
    products = training_products(model, x, batch_size)
    if not products:
        return Speed(**inference)
    dtype = keras.config.dtype_policy().compute_dtype
    alone_s = product_time_s(products, dtype, placement.threads, on_cpu=placement.device.name == "cpu")
    return Speed(
        **inference,
        flops_per_image=flops(products) / batch_size,
        product_time_s=alone_s,
        # achieved FLOP/s over measured FLOP/s, and the FLOPs cancel out
        utilisation=alone_s / step_time_s if step_time_s > 0 else None,
    )
