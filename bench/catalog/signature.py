"""How a builder of somebody's own is called, read from its source without running any of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = 2
"""What every builder is called with: the shape of an input and the number of classes."""

KINDS = frozenset({"Boolean", "Choice", "Fixed", "Float", "Int"})
"""Methods of `keras_tuner.HyperParameters` that ask for a value by a name."""

TUNED_FORMS = "{name}(hp), or {name}(hp, input_shape, num_classes, ...)"
"""How a builder that is given hyperparameters is defined."""


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
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    if name not in functions:
        bound = _bound_names(ast.Module(body, []))
        if not bound & {name, "*", "__getattr__"}:
            raise SignatureError(f"a function that {module} defines; it has no {name!r}", tuple(functions))
        return None
    function = functions[name]
    if _is_tuned(function.args):
        return _tuned(module, function)
    return _signature(module, name, function.args, decorated=bool(function.decorator_list))


def is_hyperparameters(parameter: str, annotation: str) -> bool:
    """Whether a builder's first parameter stands for a `keras_tuner.HyperParameters`: by its annotation or its name.

    Args:
        parameter: its name.
        annotation: as text; empty for none.
    """
    if annotation:
        return annotation.strip("'\"").rpartition(".")[2] == "HyperParameters"
    return parameter == "hp"


def _is_tuned(arguments: ast.arguments) -> bool:
    positional = [*arguments.posonlyargs, *arguments.args]
    if not positional:
        return False
    annotation = positional[0].annotation
    return is_hyperparameters(positional[0].arg, "" if annotation is None else ast.unparse(annotation))


def _tuned(module: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Signature | None:
    """The signature of a builder that is given hyperparameters: those that it asks for by a plain name, and the rest.

    None where it asks in a way that no source tells: by a name that is made, in a scope of names, or in a function that
    it hands the hyperparameters on to.
    """
    arguments = function.args
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    if len(positional) == GIVEN and arguments.vararg is None:
        raise SignatureError(
            f"a function {TUNED_FORMS.format(name=function.name)}; {module} defines "
            f"{function.name}({', '.join(positional)})"
        )
    names = _hyperparameters(function, positional[0])
    # what comes after them is as in any other builder
    rest = ast.arguments(
        posonlyargs=[],
        args=[*arguments.posonlyargs, *arguments.args][1:],
        vararg=arguments.vararg or (ast.arg("rest") if len(positional) == 1 else None),
        kwonlyargs=arguments.kwonlyargs,
        kw_defaults=arguments.kw_defaults,
        kwarg=arguments.kwarg,
        defaults=arguments.defaults,
    )
    further = _signature(module, function.name, rest, decorated=bool(function.decorator_list))
    if names is None or further is None:
        return None
    return Signature((*dict.fromkeys((*further.parameters, *names)),), further.required)


def _hyperparameters(function: ast.FunctionDef | ast.AsyncFunctionDef, hp: str) -> tuple[str, ...] | None:
    """The names that a builder asks its hyperparameters for; None where they are not all in its source."""
    names: dict[str, None] = {}
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        if any(isinstance(part, ast.Name) and part.id == hp for part in _arguments(node)):
            return None
        match node.func:
            case ast.Attribute(value=ast.Name(id=owner), attr=kind) if owner == hp and kind in KINDS | {"name_scope"}:
                asked = next(iter(node.args), None) or next((k.value for k in node.keywords if k.arg == "name"), None)
                if kind == "name_scope" or not isinstance(asked, ast.Constant) or not isinstance(asked.value, str):
                    return None
                names[asked.value] = None
    return tuple(names)


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


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
