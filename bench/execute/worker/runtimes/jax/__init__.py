"""Keras on JAX. The only folder that imports it."""

from __future__ import annotations

from bench.execute.worker.runtimes.jax.runtime import JaxRuntime

__all__ = ["RUNTIME"]

RUNTIME = JaxRuntime()
