"""How a builder of somebody's own is called, read from its source without running any of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = 2
"""What every builder is called with: the shape of an input and the number of classes."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a builder after the two that every one gets.

    Attributes:
        parameters: their names, in order.
        required: those without a default.
    """

    parameters: tuple[str, ...]
    required: tuple[str, ...]


class SignatureError(LookupError):
    """A module without such a function, or a function that no builder can be; with the functions that there are."""

    def __init__(self, allowed: str, functions: tuple[str, ...] = ()) -> None:
        super().__init__(allowed)
        self.allowed, self.functions = allowed, functions


def read_signature(module: str, name: str, source: Path | None) -> Signature | None:
    """The signature of a function of a module; None where the source does not tell.

    Args:
        module: its dotted name, for messages.
        name: of the function.
        source: the module's file.

    Raises:
        SignatureError: the module binds no such name, or the function does not take two arguments.
    """
    if source is None:
        return None
    try:
        body = ast.parse(source.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return None  # the import in the worker says what is wrong, with its line
    functions = {node.name: node for node in body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    if name not in functions:
        bound = _bound_names(ast.Module(body, []))
        if not bound & {name, "*", "__getattr__"}:
            raise SignatureError(f"a function that {module} defines; it has no {name!r}", tuple(functions))
        return None
    function = functions[name]
    return _signature(module, name, function.args, decorated=bool(function.decorator_list))


def _signature(module: str, name: str, arguments: ast.arguments, *, decorated: bool) -> Signature | None:
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    # a decorator may give it arguments of its own
    if len(positional) < GIVEN and arguments.vararg is None and not decorated:
        takes = ", ".join([*positional, *(argument.arg for argument in arguments.kwonlyargs)])
        raise SignatureError(
            f"a function that takes the shape of an input and the number of classes first, as in "
            f"{name}(input_shape, num_classes, ...); {module} defines {name}({takes})"
        )
    if arguments.kwarg is not None:
        return None
    optional = positional[len(positional) - len(arguments.defaults) :]
    only = [argument.arg for argument in arguments.kwonlyargs]
    further = positional[GIVEN:]
    required = [parameter for parameter in further if parameter not in optional]
    required += [name for name, default in zip(only, arguments.kw_defaults, strict=True) if default is None]
    return Signature((*further, *only), () if decorated else tuple(required))


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
