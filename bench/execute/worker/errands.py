"""What workers do besides training: look at devices, read data. Runs in a worker process only."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import numpy as np

from bench.catalog import datasets
from bench.catalog.datasets.stream import keep, opened
from bench.catalog.datasets.streamed import StreamedError
from bench.core.errors import BenchError, DataError
from bench.execute.environment import loader_signature
from bench.execute.worker.runtimes import current

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.catalog.datasets import DatasetTable


def devices(_: None, send: Callable[[object], None]) -> None:
    """Send the `DeviceRecord`s of this machine."""
    send(current().list_devices())


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
        read = _read(reference, table, base)
        load_time_s = time.perf_counter() - begun
        source = table.source if table is not None and table.loader is None else "custom loader"
        send((datasets.store_read(read, reference, source=source), load_time_s))
    except StreamedError as streamed:
        try:
            send((_streamed(streamed, reference, table, base), time.perf_counter() - begun))
        except BenchError as error:
            send(error)
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


def _streamed(streamed: StreamedError, reference: str, table: DatasetTable | None, base: Path) -> datasets.Obtained:
    """What is known of data that a loader streams.

    Raises:
        DataError: it cannot be trained, or the table says something of it, which the loader does itself.
    """
    if table is not None and (further := sorted(table.model_fields_set - {"loader"})):
        raise DataError(
            f"The loader {streamed.reference} streams its data, and {further[0]} is about data that is read whole.",
            hint=f"Leave {further[0]} out; the loader says what it streams.",
        )
    code = loader_signature(streamed.reference, (str(base),))
    return keep(opened(streamed.result, streamed.reference), reference, code)


def _read(reference: str, table: DatasetTable | None, base: Path) -> datasets.Read:
    """What a table or a loader gives, with random numbers of its own.

    Workers are forked from one server and inherit the state of its random numbers: without new entropy, two calls of a
    loader that draws its split would draw the same one, which two runs would not.
    """
    random.seed()
    np.random.seed()  # noqa: NPY002  the global state is what users' loaders draw from
    if table is None:
        return datasets.Read(datasets.from_loader(reference, (str(base),)), datasets.Preparation(inferred=True))
    return datasets.from_table(table, base, (str(base),))
