"""Keras on PyTorch. The only folder that imports it."""

from __future__ import annotations

from bench.execute.worker.runtimes.torch.runtime import TorchRuntime

__all__ = ["RUNTIME"]

RUNTIME = TorchRuntime()
