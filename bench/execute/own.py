"""What a suite names by reference, `package.module:name`: imported where its builders are. In a worker process only."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bench.core.names import nearest


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
        raise ModelError(f"{reference} cannot be imported: {type(error).__name__}: {error}.") from error
    if not hasattr(module, name):
        guess = nearest(name, [other for other in dir(module) if not other.startswith("_")])
        raise ModelError(
            f"{reference} cannot be imported: {module_name} has no {name!r}"
            + (f"; did you mean {guess!r}?" if guess else ".")
        )
    return getattr(module, name)
