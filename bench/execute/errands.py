"""What workers do beside training: look at devices, run a user's data loader. Runs in a worker process only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.catalog import datasets
from bench.core.errors import BenchError
from bench.execute.devices import list_devices

if TYPE_CHECKING:
    from collections.abc import Callable


def devices(_: None, send: Callable[[object], None]) -> None:
    """Send the `DeviceRecord`s of this machine."""
    send(list_devices())


def load_dataset(payload: tuple[str, tuple[str, ...]], send: Callable[[object], None]) -> None:
    """Run a user's loader once and keep what it returns, so that every trial reads the same bytes.

    Args:
        payload: the reference `package.module:function` and the folders it may be imported from.
        send: takes a `datasets.Obtained`, or the `BenchError` that says why there is none.
    """
    reference, search_path = payload
    try:
        send(datasets.store(datasets.from_loader(reference, search_path), reference))
    except BenchError as error:
        send(error)
