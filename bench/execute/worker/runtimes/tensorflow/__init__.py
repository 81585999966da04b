"""Keras on TensorFlow. The only folder, beside the `epoch` engine, that imports it."""

from __future__ import annotations

from bench.execute.worker.runtimes.tensorflow.runtime import TensorFlowRuntime

__all__ = ["RUNTIME"]

RUNTIME = TensorFlowRuntime()
