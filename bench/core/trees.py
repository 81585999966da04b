"""Inputs of examples: one array, or several by name. What is done to one is done to all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Inputs: TypeAlias = NDArray[Any] | dict[str, NDArray[Any]]
"""(n, ...), or by name an array (n, ...) each."""

Shape: TypeAlias = tuple[int, ...]
Shapes: TypeAlias = Shape | dict[str, Shape]
"""Of one example, without the axis of the examples."""


def leaves(x: Inputs) -> Iterator[tuple[str, NDArray[Any]]]:
    """Each array with its name, which is empty for the only one."""
    yield from x.items() if isinstance(x, dict) else (("", x),)


def each(function: Callable[[NDArray[Any]], Any], x: Inputs) -> Any:  # noqa: ANN401  an array or a dict of them
    """What a function makes of every array, in the form of `x`."""
    return {name: function(array) for name, array in x.items()} if isinstance(x, dict) else function(x)


def rows(x: Inputs, chosen: slice | NDArray[Any]) -> Any:  # noqa: ANN401  an array or a dict of them
    """Some of the examples."""
    return each(lambda array: array[chosen], x)


def length(x: Inputs) -> int:
    """How many examples."""
    return len(next(leaves(x))[1])


def shapes(x: Inputs) -> Shapes:
    """The shape of one example; of several inputs, of each by its name."""
    made: Shapes = each(lambda array: tuple(array.shape[1:]), x)
    return made


def nbytes(x: Inputs) -> int:
    """The memory that the arrays take."""
    return sum(array.nbytes for _, array in leaves(x))
