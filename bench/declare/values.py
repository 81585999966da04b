"""What the parts of a suite file have in common: frozen values, plain values, names that are checked."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from bench.core.documents import LARGEST, WHOLE
from bench.core.names import listed, nearest

REFERENCE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
"""`package.module:name`."""


class Value(BaseModel):
    """A frozen part of a suite: equal by its fields, and refuses a key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def is_reference(value: object) -> bool:
    """Whether a value names something of the user's own, `package.module:name`."""
    return isinstance(value, str) and REFERENCE.fullmatch(value) is not None


def one_of(kind: str, valid: tuple[str, ...]) -> BeforeValidator:
    """A validator that admits the names in `valid` and references, and helps with the spelling of any other."""
    return BeforeValidator(lambda value: known_name(kind, valid, value))


ALIASES = {
    "acc": "accuracy",
    "f1": "f1_score",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
    "r2": "r2_score",
    "rmse": "root_mean_squared_error",
}
"""Short names that Keras and others take for the same."""


def known_name(kind: str, valid: tuple[str, ...], value: object) -> str:
    """A name of Keras's as it is, a short name in full, or a reference.

    Raises:
        PydanticCustomError: it is none; the message says which there are and which one is near.
    """
    if is_reference(value):
        return str(value)
    if isinstance(value, str) and ALIASES.get(value) in valid:
        return ALIASES[value]
    if isinstance(value, str) and value in valid:
        return value
    hint = nearest(value, valid) if isinstance(value, str) else None
    suggestion = f"; did you mean {hint!r}?" if hint else ""
    raise PydanticCustomError(
        "name",
        "{allowed}{suggestion}",
        {"allowed": f"a {kind}: {listed(valid)}, or package.module:name", "suggestion": suggestion},
    )


PLAIN_VALUES = "a text, a whole or finite number, true, false, or a list or table of them"


def is_plain(value: object) -> bool:
    """Whether JSON can hold a value of a TOML document, so that records can: no date, no time, no NaN or infinity."""
    if isinstance(value, dict):
        return all(is_plain(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return all(is_plain(item) for item in value)
    if isinstance(value, int):
        return -WHOLE < value < WHOLE  # what a database column and a frame hold
    return isinstance(value, str) or (isinstance(value, float) and abs(value) <= LARGEST)


def named(names: tuple[str, ...]) -> dict[str, Any]:
    """A name of a list, or a reference, for the JSON Schema that editors read."""
    return {"anyOf": [{"enum": list(names)}, {"pattern": f"^{REFERENCE.pattern}$"}]}


def name_or_table(names: tuple[str, ...]) -> Any:  # noqa: ANN401  what pydantic takes as a schema's extra
    """Both ways to write a named thing with options, a text or a table, for the JSON Schema that editors read."""

    def extend(schema: dict[str, Any]) -> None:
        table = dict(schema)
        schema.clear()
        schema["anyOf"] = [{"type": "string", **named(names)}, table]

    return extend
