"""Which architectures there are, and what each one's parameters may be, without importing Keras.

A reference is a catalog name (`mlp`), a name that an installed package declares as an entry point in the group
`bench.architectures`, or `package.module:function`. What a reference cannot be checked for without running somebody's
code is left to the worker, which reports it as the trial's reason.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from bench.catalog.architectures import convolutional, dense, sequences
from bench.catalog.signature import SignatureError, read_signature

ENTRY_POINT_GROUP = "bench.architectures"

Conflict = Callable[[dict[str, object]], str | None]


def _no_conflict(_: dict[str, object]) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Architecture:
    """A recipe for a model.

    Attributes:
        reference: what a suite file calls it.
        target: `package.module:function`, what a worker imports.
        parameters: what may be set, by name, each with the adapter that checks it; None where only the worker can tell.
        source: the file it is defined in, part of the code signature; None where it cannot be found.
        conflict: what contradicts itself in a set of parameters, if anything.
        required: the parameters that a suite has to give a value.
    """

    reference: str
    target: str
    parameters: Mapping[str, TypeAdapter[Any]] | None
    source: Path | None
    conflict: Conflict = _no_conflict
    required: tuple[str, ...] = ()


class UnknownReferenceError(LookupError):
    """A reference that names nothing, with what there is instead."""

    def __init__(self, allowed: str, valid: Iterable[str] = ()) -> None:
        super().__init__(allowed)
        self.allowed = allowed
        self.valid = tuple(valid)


SHIPPED: dict[str, tuple[Callable[..., Any], Conflict]] = {
    "softmax": (dense.softmax, _no_conflict),
    "mlp": (dense.mlp, dense.conflict),
    "lenet5": (convolutional.lenet5, _no_conflict),
    "cnn": (convolutional.cnn, _no_conflict),
    "rnn": (sequences.rnn, _no_conflict),
    "conv1d": (sequences.conv1d, _no_conflict),
}


def architecture_names() -> tuple[str, ...]:
    """Every name that a suite may use: shipped ones first, then those of installed packages."""
    return (*SHIPPED, *(name for name in _entry_points() if name not in SHIPPED))


def find_architecture(reference: str, search_path: tuple[str, ...] = ()) -> Architecture:
    """The architecture a suite refers to.

    Args:
        reference: a catalog name or `package.module:function`.
        search_path: folders searched before `sys.path` (the suite file's own).

    Raises:
        UnknownReferenceError: nothing is known by that name, or the module has no such function.
    """
    if reference in SHIPPED:
        function, conflict = SHIPPED[reference]
        return Architecture(
            reference,
            f"{function.__module__}:{function.__name__}",
            _parameters_of(function),
            Path(inspect.getfile(function)),
            conflict,
        )
    target = _entry_points().get(reference, reference)
    module, colon, function_name = target.partition(":")
    if not (colon and all(part.isidentifier() for part in (*module.split("."), function_name))):
        raise UnknownReferenceError(
            "a catalog name, or package.module:function for a builder of your own", architecture_names()
        )
    source = find_module_source(module, search_path)
    try:
        signature = read_signature(module, function_name, source)
    except SignatureError as error:
        raise UnknownReferenceError(error.allowed, error.functions) from error
    if signature is None:
        return Architecture(reference, target, None, source)
    parameters = {name: TypeAdapter(Any) for name in signature.parameters}
    return Architecture(reference, target, parameters, source, required=signature.required)


def find_module_source(module: str, search_path: tuple[str, ...] = ()) -> Path | None:
    """The file a module would be imported from, found without running any of its code or its packages'.

    Raises:
        UnknownReferenceError: there is no such module.
    """
    path: list[str] | None = [*search_path, *sys.path]
    spec = None
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        name = ".".join(parts[:depth])
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None and depth == 1:  # an editable install may be found by an import hook only
            with suppress(ValueError):  # __main__, and modules that no import has made
                spec = importlib.util.find_spec(name)
        if spec is None:
            raise UnknownReferenceError(
                f"a module that can be imported; there is no {name!r} beside the suite file or in this environment"
            )
        path = list(spec.submodule_search_locations or [])
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


@cache
def _entry_points() -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=ENTRY_POINT_GROUP)}


@cache
def _parameters_of(function: Callable[..., Any]) -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(function, localns=_NO_KERAS, include_extras=True)
    keywords = (p.name for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY)
    return {name: TypeAdapter(hints[name]) for name in keywords}


class _NoKeras:
    """Stands in for the `keras` of a return annotation, which only a worker process may import."""

    Model = object


_NO_KERAS = {"keras": _NoKeras}
