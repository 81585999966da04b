"""Data sets that are made by somebody's own function, `package.module:function`."""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from bench.catalog.datasets.catalog import DATASETS
from bench.catalog.datasets.reference import is_loader
from bench.catalog.datasets.streamed import StreamedError, is_stream
from bench.core.errors import DataError
from bench.core.names import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from bench.catalog.datasets.arrays import Arrays

GROUP = "bench.datasets"
RESULT = "((x_train, y_train), (x_test, y_test))"
"""What a loader returns."""


def entry_point_datasets() -> dict[str, str]:
    """The data sets that installed packages offer: name -> `package.module:function`, none of them imported.

    A name of our own catalog cannot be taken over: it stands for one hash.
    """
    offered = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return {point.name: f"{point.module}:{point.attr}" for point in offered if point.name not in DATASETS}


def from_loader(reference: str, sys_path: Sequence[str] = ()) -> Arrays:
    """Imports and calls a loader. Worker process only: the function may import Keras, and may do anything else.

    Args:
        reference: `package.module:function`; called without arguments, it returns
            `((x_train, y_train), (x_test, y_test))`, or triples with a weight per example.
        sys_path: folders searched before the installed packages, as long as the call lasts.

    Raises:
        DataError: it cannot be imported, raises, or returns something else.
    """
    from bench.catalog.datasets.parts import parts_of  # noqa: PLC0415  pandas takes a while to import

    return parts_of(called(reference, sys_path), reference).checked()


def called(reference: str, sys_path: Sequence[str] = ()) -> object:
    """What a loader returns, as it is. Worker process only.

    Raises:
        StreamedError: it is read in batches, and is no arrays.
        DataError: it cannot be imported, or raises.
    """
    result = returned(reference, sys_path)
    if is_stream(result):
        raise StreamedError(result, reference)
    return result


def returned(reference: str, sys_path: Sequence[str] = ()) -> object:
    """What a loader returns, streams included. Worker process only.

    Raises:
        DataError: it cannot be imported, or raises.
    """
    if not is_loader(reference):
        raise DataError(f"{reference!r} is not a loader.", hint='Write "package.module:function".')
    module_name, _, attributes = reference.partition(":")
    with _searched_first(sys_path):
        function = _function(_module(module_name, reference), attributes, reference)
        try:
            return function()
        except (Exception, SystemExit) as error:
            raise DataError(
                f"The loader {reference} raised {worded(error)}.",
                hint=f"Call it by hand: python -c 'import {module_name} as m; m.{attributes}()'.",
            ) from error


@contextmanager
def _searched_first(folders: Sequence[str]) -> Iterator[None]:
    before = list(sys.path)
    sys.path[:0] = [folder for folder in folders if folder not in before]
    importlib.invalidate_caches()  # a module written a moment ago would not be found otherwise
    try:
        yield
    finally:
        sys.path[:] = before


def _module(name: str, reference: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise DataError(
            f"The loader {reference} cannot be imported: {worded(error)}.",
            hint="Modules are looked for beside the suite file and among the installed packages.",
        ) from error


def _function(module: ModuleType, attributes: str, reference: str) -> Callable[[], object]:
    loader: object = module
    for name in attributes.split("."):
        if not hasattr(loader, name):
            near = nearest(name, [public for public in dir(loader) if not public.startswith("_")])
            raise DataError(
                f"The loader {reference} cannot be called: {module.__name__} has no {name!r}.",
                hint=f"Did you mean {near!r}?" if near else "Check the name of the function.",
            )
        loader = getattr(loader, name)
    if not callable(loader):
        raise DataError(
            f"The loader {reference} cannot be called: it is of type {type(loader).__name__}.",
            hint=f"Name a function without arguments that returns {RESULT}.",
        )
    return loader


def worded(error: BaseException) -> str:
    """An error's type and message."""
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
