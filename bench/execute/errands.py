"""What workers do besides training: look at devices, read data. Runs in a worker process only."""

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

    from bench.catalog.datasets import DatasetTable


def devices(_: None, send: Callable[[object], None]) -> None:
    """Send the `DeviceRecord`s of this machine."""
    send(list_devices())


def load_dataset(payload: tuple[str, DatasetTable | None, Path], send: Callable[[object], None]) -> None:
    """Read what a table declares, or run a user's loader, and keep it, so that every trial reads the same bytes.

    Args:
        payload: the reference, a loader `package.module:function` or the name of the table, which is None for a
            loader; and the folder of the suite, from which paths start and modules are imported. Data that a loader
            streams is looked at and not kept.
        send: takes a `datasets.Obtained` and the seconds that the loader took, or the `BenchError` that says why there
            is none.
    """
    reference, table, base = payload
    try:
        begun = time.perf_counter()
        if table is None:
            _draw_anew()
            result = datasets.called(reference, (str(base),))
            if is_stream(result):
                code = loader_signature(reference, (str(base),))
                send((keep(opened(result, reference), code), time.perf_counter() - begun))
                return
            read = datasets.Read(parts_of(result, reference).checked(), datasets.Preparation())
        else:
            read = _read(reference, table, base)
        load_time_s = time.perf_counter() - begun
        source = table.source if table is not None and table.loader is None else "custom loader"
        send((datasets.store_read(read, reference, source=source), load_time_s))
    except BenchError as error:
        send(error)


def load_again(payload: tuple[str, DatasetTable | None, Path, Path, str], send: Callable[[object], None]) -> None:
    """Run a user's loader once more and count the examples that it does not return a second time.

    Args:
        payload: as for `load_dataset`, and the file and SHA-256 of what the first call returned.
        send: takes the number of examples that differ, or the `BenchError` of the second call.
    """
    reference, table, base, path, sha256 = payload
    try:
        send(datasets.differing(datasets.load(path, sha256), _read(reference, table, base).arrays))
    except BenchError as error:
        send(error)


def _draw_anew() -> None:
    """Give a loader random numbers of its own.

    Workers are forked from one server and inherit the state of its random numbers: without new entropy, two calls of a
    loader that draws its split would draw the same one, which two runs would not.
    """
    random.seed()
    np.random.seed()  # noqa: NPY002  the global state is what users' loaders draw from


def _read(reference: str, table: DatasetTable | None, base: Path) -> datasets.Read:
    """What a table or a loader gives."""
    _draw_anew()
    if table is None:
        return datasets.Read(datasets.from_loader(reference, (str(base),)), datasets.Preparation())
    return datasets.from_table(table, base, (str(base),))
