"""Which architectures there are, and what each one's parameters may be, without importing Keras.

A reference is a catalog name (`mlp`), a name that an installed package declares as an entry point in the group
`bench.architectures`, or `package.module:function`. What a reference cannot be checked for without running somebody's
code is left to the worker, which reports it as the trial's reason.
"""

from __future__ import annotations

import ast
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

from bench.catalog.architectures import convolutional, dense

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
    """

    reference: str
    target: str
    parameters: Mapping[str, TypeAdapter[Any]] | None
    source: Path | None
    conflict: Conflict = _no_conflict


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
    return Architecture(reference, target, _declared_parameters(module, function_name, source), source)


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


def _declared_parameters(module: str, name: str, source: Path | None) -> dict[str, TypeAdapter[Any]] | None:
    """The parameters that somebody's builder names, read from its source; None where the source does not tell."""
    if source is None:
        return None
    try:
        body = ast.parse(source.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return None  # the import in the worker says what is wrong, with its line
    functions = {node.name: node for node in body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    if name in functions:
        arguments = functions[name].args
        if arguments.kwarg is not None:
            return None
        positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        keywords = [*positional[2:], *(argument.arg for argument in arguments.kwonlyargs)]
        return {keyword: TypeAdapter(Any) for keyword in keywords}
    bound = _bound_names(ast.Module(body, []))
    if not bound & {name, "*", "__getattr__"}:
        raise UnknownReferenceError(f"a function that {module} defines; it has no {name!r}", functions)
    return None


def _bound_names(module: ast.Module) -> set[str]:
    """Every name that the module may bind: by assignment, import, or a definition below an `if`, `try` or class."""
    names: set[str] = set()
    for node in ast.walk(module):
        match node:
            case ast.Name(id=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name):
                names.add(name)
            case ast.alias(name=name, asname=asname):
                names.add(asname or name)
    return names
