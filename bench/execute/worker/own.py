"""What a suite names by reference, `package.module:name`: imported where its builders are. In a worker process only."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bench.core.names import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping


class ModelError(Exception):
    """Something of the user's own that cannot be trained or called; the sentence says what."""


def called(reference: str, kind: str, *values: Any, **options: Any) -> Any:  # noqa: ANN401  whatever it makes
    """What a reference names, called.

    Args:
        reference: `package.module:name`.
        kind: of what it makes, for the message.
        *values: what it is called with.
        **options: likewise, by name.

    Raises:
        ModelError: it cannot be imported, or raises.
    """
    make = imported(reference)
    try:
        return make(*values, **options)
    except Exception as error:
        raise ModelError(f"The {kind} {reference} could not be made: {type(error).__name__}: {error}.") from error


def takes_pair(function: Any, options: Mapping[str, Any] | None = None) -> bool:  # noqa: ANN401  whatever it is
    """Whether a function can be called with true values, predictions and some options; False for one that makes it."""
    try:
        inspect.signature(function).bind(None, None, **(options or {}))
    except TypeError:
        return False
    except ValueError:  # a function that is not written in Python may have no signature
        return not options
    return True


def imported(reference: str) -> Any:  # noqa: ANN401  whatever the name is bound to
    """What a reference names.

    Args:
        reference: `package.module:name`; the folder of the suite is among those that are searched.

    Raises:
        ModelError: there is no such module or name.
    """
    module_name, _, name = reference.partition(":")
    try:
        module = import_module(module_name)
    except Exception as error:
        way_out = missing_extra(error)
        raise ModelError(
            f"{reference} cannot be imported: {type(error).__name__}: {error}. {way_out}".rstrip()
        ) from error
    if not hasattr(module, name):
        guess = nearest(name, [other for other in dir(module) if not other.startswith("_")])
        raise ModelError(
            f"{reference} cannot be imported: {module_name} has no {name!r}"
            + (f"; did you mean {guess!r}?" if guess else ".")
        )
    return getattr(module, name)


EXTRAS = {"keras_tuner": "tuner"}
"""Packages that a user's own code may need, and the extra of ours that brings each."""


def missing_extra(error: Exception) -> str:
    """What to type where a package is missing that an extra of ours brings; empty for any other error."""
    name = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    return f"Type: python3 -m pip install 'keras-bench[{EXTRAS[name]}]'" if name in EXTRAS else ""
