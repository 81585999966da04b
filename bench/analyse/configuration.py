"""What all cells share and what tells them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.target import Task
from bench.declare.cell import LIMITS, PLACE
from bench.declare.settings import COMPILED, TrainingSettings, setting_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.declare.cell import Cell

ABSENT = "-"
BUILDERS_OWN = "the builder's"

SAME: dict[str, tuple[str, frozenset[str]]] = {
    "compile": (ABSENT, frozenset({"suite"})),
    "class_weight": (ABSENT, frozenset({"none"})),
    "callbacks": (ABSENT, frozenset({"none", ""})),
    "reduce_on_plateau": (ABSENT, frozenset({"none"})),
    "loss": ("categorical_crossentropy", frozenset({"auto"})),
}
"""Values of a setting that train the same: what stands for all of them, then the others.

Most are settings that came after baselines had been accepted, with the value that changes nothing; those are left out.
That `auto` is the categorical cross-entropy holds where classes are predicted.
"""

NO_TRAINING = frozenset({"score"})
"""Settings that decide no training: a baseline says by itself what it was judged by."""


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


def configuration(cells: Iterable[Cell], applied: Mapping[str, Mapping[str, str]] | None = None) -> Configuration:
    """The settings of `cells`, split into what is common and what differs.

    Args:
        cells: of a run.
        applied: by cell id, what its trials were really given, as label and text; it takes the place of what was
            declared under the same label.
    """
    by_id = {cell.id: {**_settings(cell), **_lists(cell), **(applied or {}).get(cell.id, {})} for cell in cells}
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


def _lists(cell: Cell) -> dict[str, str]:
    """What baselines keep in another way or not at all: lists of names, what is followed, the kind of node."""
    lists = {"metrics": cell.settings.metrics, "callbacks": cell.settings.callbacks}
    followed = {key: value for key in ("follows", "node_kind") if (value := getattr(cell, key))}
    return {key: ", ".join(names) for key, names in lists.items() if names} | followed


def declared_settings(cell: Cell) -> dict[str, str]:
    """What the suite says of a cell that decides its training, by key, as text; its data set and limits left out."""
    settings = {name: setting_text(getattr(cell.settings, name)) for name in TrainingSettings.model_fields}
    if cell.settings.compile == "builder":
        settings |= dict.fromkeys(COMPILED, BUILDERS_OWN)
    return {
        "architecture": cell.architecture,
        "builder": cell.builder,
        **{name: setting_text(value) for name, value in cell.parameters.items()},
        **{name: setting_text(getattr(cell, name)) for name in PLACE},
        **{name: text for name, text in settings.items() if text and not _changes_nothing(name, text)},
    }


def canonical(declared: Mapping[str, str], task: Task = Task.CLASSES) -> dict[str, str]:
    """Declared settings in which equal trainings have equal texts, whatever version wrote them.

    Args:
        declared: by key, as `declared_settings` gives them or a baseline keeps them.
        task: what is predicted.
    """
    settings = {}
    for name, text in declared.items():
        stands, others = SAME.get(name, (text, frozenset()))
        same = text in others and (name != "loss" or task is Task.CLASSES)
        if name not in NO_TRAINING and not (same and stands == ABSENT):
            settings[name] = stands if same else text
    return settings


def _changes_nothing(name: str, text: str) -> bool:
    stands, others = SAME.get(name, ("", frozenset()))
    return stands == ABSENT and text in others


def _settings(cell: Cell) -> dict[str, str]:
    """All that the suite says of a cell; limits that are not set are left out."""
    return {
        **declared_settings(cell),
        "dataset": cell.dataset_name,
        **{name: setting_text(limit) for name in LIMITS if (limit := getattr(cell, name)) is not None},
    }
