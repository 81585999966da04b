"""Data sets that are made by somebody's own function, `package.module:function`."""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import numpy as np

from bench.catalog.datasets.arrays import AnyArray, Arrays, checked
from bench.catalog.datasets.catalog import DATASETS
from bench.catalog.datasets.reference import is_loader
from bench.core.errors import DataError
from bench.core.names import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

GROUP = "bench.datasets"
_RESULT = "((x_train, y_train), (x_test, y_test))"


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
            `((x_train, y_train), (x_test, y_test))`.
        sys_path: folders searched before the installed packages, as long as the call lasts.

    Raises:
        DataError: it cannot be imported, raises, or returns something else.
    """
    if not is_loader(reference):
        raise DataError(f"{reference!r} is not a loader.", hint='Write "package.module:function".')
    module_name, _, attributes = reference.partition(":")
    with _searched_first(sys_path):
        function = _function(_module(module_name, reference), attributes, reference)
        try:
            result = function()
        except (Exception, SystemExit) as error:
            raise DataError(
                f"The loader {reference} raised {_worded(error)}.",
                hint=f"Call it by hand: python -c 'import {module_name} as m; m.{attributes}()'.",
            ) from error
    return checked(*_unpacked(result, reference), where=reference)


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
            f"The loader {reference} cannot be imported: {_worded(error)}.",
            hint="Modules are looked for beside the suite file and among the installed packages.",
        ) from error


def _function(module: ModuleType, attributes: str, reference: str) -> Callable[[], object]:
    found: object = module
    for name in attributes.split("."):
        if not hasattr(found, name):
            near = nearest(name, [public for public in dir(found) if not public.startswith("_")])
            raise DataError(
                f"The loader {reference} cannot be called: {module.__name__} has no {name!r}.",
                hint=f"Did you mean {near!r}?" if near else "Check the name of the function.",
            )
        found = getattr(found, name)
    if not callable(found):
        raise DataError(
            f"The loader {reference} cannot be called: it is of type {type(found).__name__}.",
            hint=f"Name a function without arguments that returns {_RESULT}.",
        )
    return found


def _unpacked(result: object, reference: str) -> tuple[AnyArray, AnyArray, AnyArray, AnyArray]:
    parts = _pair(result, reference, "the training part and the test part")
    if all(hasattr(part, "shape") for part in parts):  # arrays, tables, tensors
        raise DataError(
            f"The loader {reference} returned two arrays, which is one part; a data set has a training part and a test "
            "part.",
            hint=f"Split them in the loader, by one rule that gives the same parts each time, and return {_RESULT}.",
        )
    arrays: list[AnyArray] = []
    for name, part in zip(("train", "test"), parts, strict=True):
        x, y = _pair(part, reference, f"x_{name} and y_{name}")
        arrays += [_array(x, f"x_{name}", reference), _array(y, f"y_{name}", reference)]
    x_train, y_train, x_test, y_test = arrays
    return x_train, y_train, x_test, y_test


def _pair(value: object, reference: str, wanted: str) -> tuple[object, object]:
    # An array of length two would unpack as well, so only real pairs count.
    if isinstance(value, tuple | list) and len(value) == 2:  # noqa: PLR2004  a pair
        return value[0], value[1]
    if isinstance(value, tuple | list) and len(value) == 3 and wanted.startswith("x_"):  # noqa: PLR2004  with weights
        raise DataError(
            f"The loader {reference} returned three arrays for a part; a part is {wanted}. Sample weights are not read "
            "in this version.",
            hint=f"Leave the weights out where the scores may do without them, and return {_RESULT}.",
        )
    if isinstance(value, dict) and {"data", "target"} <= value.keys():
        raise DataError(
            f"The loader {reference} returned a {type(value).__name__}, as scikit-learn's loaders do: one table that "
            "is not split. A loader returns a training part and a test part.",
            hint=f"Write a function of your own that calls it, splits what it gives, and returns {_RESULT}.",
        )
    got = f"a {type(value).__name__}" + (f" of {len(value)}" if isinstance(value, tuple | list) else "")
    raise DataError(
        f"The loader {reference} returned {got} where a pair belongs: {wanted}.",
        hint=f"Return NumPy arrays as {_RESULT}.",
    )


def _array(value: object, name: str, reference: str) -> AnyArray:
    """What a loader returned as an array; what holds lists of different lengths becomes one of objects."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        hidden = int(np.ma.getmaskarray(value).sum())
        raise DataError(
            f"{reference}: {name} is a masked array that hides {hidden:,} values; models see every value.",
            hint="Leave the examples with hidden values out of both arrays, or fill them with x.filled(VALUE).",
        )
    try:
        return np.asarray(value)
    except Exception as error:
        if isinstance(error, ValueError) and isinstance(value, list | tuple):
            objects = np.empty(len(value), dtype=object)
            for index, entry in enumerate(value):
                objects[index] = entry
            return objects
        raise DataError(
            f"The loader {reference} returned a {type(value).__name__} that is no array: {_worded(error)}.",
            hint=f"Return NumPy arrays as {_RESULT}.",
        ) from error


def _worded(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
