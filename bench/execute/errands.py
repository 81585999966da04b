"""What workers do beside training: look at devices, run a user's data loader. Runs in a worker process only."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import numpy as np

from bench.catalog import datasets
from bench.catalog.datasets.parts import parts_of
from bench.catalog.datasets.stream import is_stream, keep, opened
from bench.core.errors import BenchError
from bench.execute.devices import list_devices
from bench.execute.environment import loader_signature

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def devices(_: None, send: Callable[[object], None]) -> None:
    """Send the `DeviceRecord`s of this machine."""
    send(list_devices())


def load_dataset(payload: tuple[str, tuple[str, ...]], send: Callable[[object], None]) -> None:
    """Run a user's loader and keep what it returns, so that every trial reads the same bytes.

    Args:
        payload: the reference `package.module:function` and the folders it may be imported from. Data that it streams
            is looked at and not kept.
        send: takes a `datasets.Obtained` and the seconds that the loader took, or the `BenchError` that says why there
            is none.
    """
    reference, search_path = payload
    try:
        begun = time.perf_counter()
        _draw_anew()
        result = datasets.called(reference, search_path)
        if is_stream(result):
            code = loader_signature(reference, search_path)
            send((keep(opened(result, reference), code), time.perf_counter() - begun))
            return
        arrays = parts_of(result, reference).checked()
        load_time_s = time.perf_counter() - begun
        send((datasets.store(arrays, reference), load_time_s))
    except BenchError as error:
        send(error)


def load_again(payload: tuple[str, tuple[str, ...], Path, str], send: Callable[[object], None]) -> None:
    """Run a user's loader once more and count the examples that it does not return a second time.

    Args:
        payload: the reference, the folders, and the file and SHA-256 of what the first call returned.
        send: takes the number of examples that differ, or the `BenchError` of the second call.
    """
    reference, search_path, path, sha256 = payload
    try:
        _draw_anew()
        send(datasets.differing(datasets.load(path, sha256), datasets.from_loader(reference, search_path)))
    except BenchError as error:
        send(error)


def _draw_anew() -> None:
    """Give a loader random numbers of its own.

    Workers are forked from one server and inherit the state of its random numbers: without new entropy, two calls of a
    loader that draws its split would draw the same one, which two runs would not.
    """
    random.seed()
    np.random.seed()  # noqa: NPY002  the global state is what users' loaders draw from
