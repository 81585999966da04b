"""How much the examples of each class weigh in the loss."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BeforeValidator, PositiveFloat
from pydantic_core import PydanticCustomError

BALANCED = "balanced"


def _class_weight(value: object) -> object:
    """`balanced`, or a table of class and weight, as sorted pairs: a value that hashes."""
    allowed = '"balanced", or a table with a weight above 0 for each class, such as { "0" = 1.0, "1" = 50.0 }'
    if value is None or value == "none":
        return None
    if value == BALANCED or isinstance(value, tuple):
        return value
    # a list of pairs is how records hold the table
    pairs = value if isinstance(value, list) else list(value.items()) if isinstance(value, dict) else []
    if not pairs or not all(_is_pair(pair) for pair in pairs):
        raise PydanticCustomError("class_weight", "{allowed}", {"allowed": allowed})
    return tuple(sorted((str(name), float(weight)) for name, weight in pairs))


def _is_pair(pair: object) -> bool:
    return isinstance(pair, (list, tuple)) and len(pair) == 2 and isinstance(pair[0], str) and _is_weight(pair[1])  # noqa: PLR2004


def _is_weight(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < math.inf


ClassWeight = Annotated[
    Literal["balanced"] | tuple[tuple[str, float], ...] | None,
    BeforeValidator(_class_weight, json_schema_input_type=Literal["balanced"] | dict[str, PositiveFloat]),
]
