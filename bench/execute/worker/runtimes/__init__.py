"""Runtimes: what Keras computes with, and all that depends on it. In worker processes only.

Each backend has a folder, which alone imports it; everything else asks `current()`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

import keras

from bench.execute.worker.runtimes.runtime import DeviceMissingError, Placement, Runtime

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["DeviceMissingError", "Placement", "Runtime", "current"]


def current() -> Runtime:
    """The runtime of Keras's backend; no other backend is imported."""
    runtime: Runtime = _module(keras.backend.backend()).RUNTIME
    return runtime


@cache
def _module(backend: str) -> ModuleType:
    return import_module(f"bench.execute.worker.runtimes.{backend}")
