"""YAML in blocks, for the few files that want it: of what JSON has, in a form that every reader takes for the same."""

from __future__ import annotations

import json
import re

from bench.core.formatting import one_line

_WORD = re.compile(r"[a-z][a-z_-]*[a-z]")
_VALUES = {"yes", "no", "on", "off", "true", "false", "null"}
"""Words that YAML 1.1 takes for a boolean or for nothing; `y` and `n` are too short to be words here."""
_EXPONENT = re.compile(r"^(-?\d+)e")


def yaml_text(value: object, indent: int = 0) -> str:
    """A value of JSON as lines of YAML 1.1 and 1.2; keys and texts are quoted where a reader could take them otherwise.

    Args:
        value: dicts, lists, texts, numbers, booleans and None; a dict or a list that is empty is written as such.
        indent: spaces before every line.
    """
    space = " " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{space}{_scalar(key)}:{_below(inner, indent)}" for key, inner in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{space}- {yaml_text(inner, indent + 2).lstrip(' ')}" for inner in value)
    return f"{space}{_scalar(value)}\n"


def _below(value: object, indent: int) -> str:
    if isinstance(value, dict | list) and value:
        return "\n" + yaml_text(value, indent + 2)
    return f" {_scalar(value)}\n"


def _scalar(value: object) -> str:
    if isinstance(value, str):
        text = one_line(value)
        return text if _WORD.fullmatch(text) and text not in _VALUES else json.dumps(text, ensure_ascii=False)
    # YAML 1.1 reads 1e-05 as text
    return _EXPONENT.sub(r"\1.0e", json.dumps(value, allow_nan=False))
