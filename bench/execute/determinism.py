"""Holding TensorFlow to a fixed order of operations, so that the same training gives the same bits again."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def make_deterministic(threads: int) -> dict[str, Any]:
    """Set what bits depend on, before anything has run.

    Constant folding is off because it orders a program's constants differently inside a loop and outside: without it
    the epoch program and `fit` agree for batch normalisation as well. The number of threads decides how sums are
    split, so it is fixed even where it is the default. Source: TensorFlow's pages on `enable_op_determinism` and on
    `tf.config.threading`.

    Args:
        threads: that an operation may use.

    Returns:
        Every setting that matters, as it now is.
    """
    if keras.backend.backend() != "tensorflow":
        return {"backend": keras.backend.backend(), "threads": threads}
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
