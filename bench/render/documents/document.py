"""Documents to JSON text, and to JSON Schemas."""

from __future__ import annotations

import json
import math
from typing import Any

from pydantic import TypeAdapter

VERSION = 1
"""Of every document. It grows when a field is renamed, removed or means something else, and not when one is added."""


def document_text(document: object) -> str:
    """A document as JSON, indented by two spaces, in ASCII: NaN and the infinities are null.

    Args:
        document: a dataclass of this package.
    """
    # a value that its own schema does not allow is a mistake of ours
    values = TypeAdapter(type(document)).dump_python(document, mode="json", warnings="error")
    return json.dumps(_finite(values), indent=2, ensure_ascii=True, allow_nan=False)


def print_document(document: object) -> None:
    """Print a document and nothing else to standard output: no colours, no wrapping."""
    print(document_text(document))  # noqa: T201


def document_schema(kind: type, title: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a document.

    Args:
        kind: the dataclass.
        title: of the schema.
    """
    schema = TypeAdapter(kind).json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


def number(value: Any) -> float | None:  # noqa: ANN401  of Python, NumPy or pandas
    """A figure as a float; None for what is missing or not finite."""
    try:
        figure = float(value)
    except (TypeError, ValueError):  # None, and pandas's NA
        return None
    return figure if math.isfinite(figure) else None


def plain(value: Any) -> Any:  # noqa: ANN401  a value of a frame
    """A value of a frame in Python's own types; None for what is missing."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, (bool, int, str)):
        return value
    return number(value)


def _finite(value: Any) -> Any:  # noqa: ANN401  JSON values
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value
