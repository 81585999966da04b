"""Which trainings differ by values alone, so that one program, or one look at the model, serves them all. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.declare.values import is_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.declare.settings import TrainingSettings

VALUES = frozenset({"learning_rate", "epochs", "early_stopping", "reduce_on_plateau"})
"""Settings that enter no program: a constant learning rate is a variable, and the others are followed outside."""

DATA = {"input_scaling", "validation_split", "class_weight", "loss", "compile"}
"""Settings that decide what data is made into."""


def fixed(settings: TrainingSettings) -> str:
    """The settings that decide the data and a program; a schedule is part of the program, with the epochs it counts."""
    constant = settings.learning_rate.schedule == "constant"
    free = VALUES if constant else VALUES - {"learning_rate", "epochs"}
    content = settings.model_dump(mode="json")
    return json.dumps({key: value for key, value in content.items() if key not in free}, sort_keys=True)


def of_data(settings: TrainingSettings) -> str:
    """The settings that decide what the data of a cell is made into, as `data.prepare` reads them."""
    return json.dumps(settings.model_dump(mode="json", include=DATA), sort_keys=True)


def names_own_code(settings: TrainingSettings) -> bool:
    """Whether settings name a loss, an optimizer, a schedule, a metric or a callback of the user's own."""
    return any(map(is_reference, _texts(settings.model_dump(mode="json"))))


def _texts(value: object) -> Iterator[str]:
    """All texts in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)
