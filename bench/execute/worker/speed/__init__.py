"""What a trained model costs on its device, measured after the training in the same process."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.execute.system.stability import StabilityWatch, doubts
from bench.execute.worker.runtimes import current
from bench.execute.worker.speed.inference import measure_inference

if TYPE_CHECKING:
    import keras

    from bench.core.trees import Inputs
    from bench.record.records import Speed

__all__ = ["measure_speed"]


def measure_speed(model: keras.Model, x: Inputs, *, batch_size: int) -> Speed:
    """Inference, what others took meanwhile, and the arithmetic of a training step.

    Args:
        model: trained.
        x: (m, ...) scaled inputs; or several by name.
        batch_size: of the training.
    """
    watch, begun = StabilityWatch(), time.perf_counter()
    watch.begin()
    speed = measure_inference(model, x)
    watch.lap()
    stability = watch.stop(time.perf_counter() - begun)
    flops = current().training_flops(model, x, batch_size)
    return replace(
        speed,
        flops_per_image=None if flops is None else flops / batch_size,
        stability=stability,
        doubts=doubts(stability),
    )
