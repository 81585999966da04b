"""What all cells share and what tells them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.declare.cell import LIMITS, PLACE, dataset_label
from bench.declare.settings import TrainingSettings, setting_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.declare.cell import Cell

ABSENT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The settings of a run's cells, as text.

    Attributes:
        common: setting and value, where every cell has the same.
        axes: the settings in which cells differ.
        cells: cell id and its value on each axis, `-` where it has no such parameter.
    """

    common: tuple[tuple[str, str], ...]
    axes: tuple[str, ...]
    cells: tuple[tuple[str, tuple[str, ...]], ...]


def configuration(cells: Iterable[Cell]) -> Configuration:
    """The settings of `cells`, split into what is common and what differs."""
    by_id = {cell.id: _settings(cell) for cell in cells}
    keys = dict.fromkeys(key for settings in by_id.values() for key in settings)
    values = {key: [settings.get(key, ABSENT) for settings in by_id.values()] for key in keys}
    axes = tuple(key for key in keys if len(set(values[key])) > 1)
    return Configuration(
        common=tuple((key, values[key][0]) for key in keys if key not in axes),
        axes=axes,
        cells=tuple(
            (cell_id, tuple(settings.get(axis, ABSENT) for axis in axes)) for cell_id, settings in by_id.items()
        ),
    )


def declared_settings(cell: Cell) -> dict[str, str]:
    """What the suite says of a cell that decides its training, by key, as text; its data set and limits left out."""
    return {
        "architecture": cell.architecture,
        "builder": cell.builder,
        **{name: setting_text(value) for name, value in cell.parameters.items()},
        **{name: setting_text(getattr(cell, name)) for name in PLACE},
        **{name: setting_text(getattr(cell.settings, name)) for name in TrainingSettings.model_fields},
    }


def _settings(cell: Cell) -> dict[str, str]:
    return {
        **declared_settings(cell),
        "dataset": dataset_label(cell.dataset),
        **{name: setting_text(getattr(cell, name)) for name in LIMITS},
    }
