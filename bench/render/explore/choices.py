"""The settings a reader can choose by: the axes of the grid with their values in order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.configuration import ABSENT
from bench.analyse.labels import elided_labels
from bench.render.charts.palette import SERIES
from bench.render.explore.values import GridAxis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.analyse.configuration import Configuration
    from bench.render.charts.palette import Style

VALUE_WIDTH = 40  # characters of a value that a list of choices can carry
ARCHITECTURE = "architecture"
DATASET = "dataset"  # an axis of its own even where it says no more than another
WITHOUT = "muted"
UNSET = "none"  # a cell without such a parameter


@dataclass(frozen=True, slots=True)
class Choices:
    """The axes of a grid, and where the cells stand on them.

    Attributes:
        places: cell id to the number of its value on each axis.
    """

    axes: tuple[GridAxis, ...]
    places: Mapping[str, tuple[int, ...]]


def choices(settings: Configuration, looks: Mapping[str, Style]) -> Choices:
    """The axes of `settings`, but for those that part the cells exactly as an earlier one does.

    On an axis of data sets only the first is ticked at first, because results on two of them are not compared.

    Args:
        settings: of the cells.
        looks: of the architectures, in their order.
    """
    architectures = list(looks)
    axes: list[GridAxis] = []
    numbers: list[list[int]] = []
    seen: set[tuple[int, ...]] = set()
    for place, name in enumerate(settings.axes):
        column = [values[place] for _, values in settings.cells]
        parting = _parting(column)
        if parting in seen and name != DATASET:
            continue
        seen.add(parting)
        order = ordered(column)
        number = {value: index for index, value in enumerate(order)}
        first = number[column[0]]
        axes.append(
            GridAxis(
                name=name,
                values=_texts(order),
                architectures=tuple(map(architectures.index, order)) if name == ARCHITECTURE else (),
                colours=tuple(looks[value].colour for value in order) if name == ARCHITECTURE else _colours(order),
                ticked=tuple(name != DATASET or index == first for index in range(len(order))),
            )
        )
        numbers.append([number[value] for value in column])
    places = {cell_id: tuple(column[row] for column in numbers) for row, (cell_id, _) in enumerate(settings.cells)}
    return Choices(tuple(axes), places)


def ordered(values: Sequence[str]) -> tuple[str, ...]:
    """The distinct values: numbers by their size, anything else by first appearance, cells without one at the end."""
    distinct = list(dict.fromkeys(values))
    known = [value for value in distinct if value != ABSENT]
    if all(math.isfinite(_number(value)) for value in known):
        known.sort(key=_number)
    return (*known, *(value for value in distinct if value == ABSENT))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _parting(column: Sequence[str]) -> tuple[int, ...]:
    """Which cells are alike, whatever their values are called."""
    order = {value: index for index, value in enumerate(dict.fromkeys(column))}
    return tuple(order[value] for value in column)


def _colours(values: Sequence[str]) -> tuple[str, ...]:
    """A colour for each value, as `bench.render.charts.colouring` gives them to curves; cells without one are grey."""
    known = [value for value in values if value != ABSENT]
    if len(known) > SERIES:
        return ()
    return tuple(WITHOUT if value == ABSENT else f"series-{known.index(value)}" for value in values)


def _texts(values: Sequence[str]) -> tuple[str, ...]:
    named = {value: UNSET if value == ABSENT else value for value in values}
    return tuple(elided_labels(named, VALUE_WIDTH).values())
