"""The generated parts of the documents: Markdown made from the code, so that it cannot get out of date."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from bench.core.errors import ExitCode
from bench.declare.schema import json_schema
from bench.record.measures import EPOCH, SUMMARY, TRIAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.record.measures import Measure

EXIT_CODES = {
    ExitCode.OK: "All is well. For `bench check`: every cell of the baseline passes.",
    ExitCode.REGRESSED: "A score regressed. For `bench verify`: a cell is not as equal as it was declared.",
    ExitCode.USAGE: "The command, the suite, the data or the baseline has a mistake. Nothing was trained.",
    ExitCode.TRIALS_FAILED: "Some trials failed. All others finished.",
    ExitCode.NOT_JUDGED: "The check could not decide: too few seeds, a cell is missing, or there is no baseline.",
    ExitCode.BUG: "A bug in keras-bench. The message names a log to send to us.",
    ExitCode.UNWRITTEN: "Records or output could not be written, for example because the disk is full.",
    ExitCode.INTERRUPTED: "Somebody interrupted the run. The same command continues it.",
}
_TABLES = (
    ("suite", "`[suite]`"),
    ("datasets", "`[datasets.NAME]`"),
    ("architectures", "`[architectures.NAME]`"),
    ("grid", "`[[grid]]`"),
    ("include", "`[[include]]`"),
    ("gate", "`[gate]`"),
)
_INTRODUCTIONS = {
    "architectures": "A name for an architecture. All other keys are parameters of its builder.",
    "grid": "Lists multiply. All other keys are parameters of the builder. The defaults are those of `[suite]`.",
    "include": "Adds one cell. The keys are those of `[[grid]]`, without lists.",
}
_NUMBERS = {"integer": "whole number", "number": "number"}
_BOUNDS = (
    ("minimum", "at least"),
    ("exclusiveMinimum", "above"),
    ("maximum", "at most"),
    ("exclusiveMaximum", "below"),
)
_ENOUGH = 12
"""A longer list of names is left out of a table: its own section has it."""


def suite_keys() -> str:
    """Every table of a suite file with its keys, then the tables that stand for one value, as Markdown."""
    schema = json_schema()
    parts = []
    for name, heading in _TABLES:
        table = schema["properties"][name]
        table = table.get("items", table)
        nested = table.get("additionalProperties")
        table = nested if isinstance(nested, dict) else table
        parts.append(f"## {heading}\n\n{_INTRODUCTIONS.get(name, '')}\n\n{_described(name, table, schema)}")
    parts.append("## Tables as values\n\nThe value of a key may be a table, `{ key = value }`. These are their keys.")
    parts += [_definition(name, part) for name, part in sorted(schema["$defs"].items())]
    return "\n\n".join(parts)


def _described(name: str, table: dict[str, Any], schema: dict[str, Any]) -> str:
    """The keys of a table. What a cell's table shares with [suite] is named there and described once."""
    properties = dict(table["properties"])
    shared = [key for key in properties if name in {"architectures", "grid", "include"} and key in _suite(schema)]
    rows = _rows({key: value for key, value in properties.items() if key not in shared}, table.get("required", ()))
    if not shared:
        return rows
    return f"{rows}\n\nThese keys of [`[suite]`](#suite) may stand here too: {_names(shared)}."


def _suite(schema: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = schema["properties"]["suite"]["properties"]
    return properties


def _definition(name: str, part: dict[str, Any]) -> str:
    """A section about a table that is a value, or about the names that a value may be."""
    heading, names = f"### {name}", []
    for way in part.get("anyOf", ()):
        for choice in way.get("anyOf", ()):
            names += choice.get("enum", ())
        part = way if "properties" in way else part
    text = part.get("description", "")
    if "enum" in part:
        return f"{heading}\n\n{text}\n\nOne of {_names(part['enum'])}."
    rows = _rows(part["properties"], part.get("required", ()))
    known = f"\n\nNames: {_names(names)}." if names else ""
    return f"{heading}\n\n{text}\n\n{rows}{known}"


def _rows(properties: dict[str, Any], required: Iterable[str]) -> str:
    lines = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
    for key, value in properties.items():
        default = "**required**" if key in required else _default(value)
        meaning = value.get("description", "").replace("|", "\\|")
        lines.append(f"| `{key}` | {allowed(value)} | {default} | {meaning} |")
    return "\n".join(lines)


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    if default is None or default in ("", [], {}):
        return ""
    if isinstance(default, dict):
        only = {key: item for key, item in default.items() if key not in {"schedule", "name"}}
        default = next(iter(only.values())) if len(only) == 1 else default.get("name", default)
    return f"`{json.dumps(default)}`"


def allowed(value: dict[str, Any]) -> str:
    """What a JSON Schema lets a value be, in words: `number above 0`, `"suite"`, a link to the table of its keys."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        ways = [allowed(way) for way in value["anyOf"] if way.get("type") != "null"]
        return " or ".join(dict.fromkeys(way for way in ways if way))
    if "const" in value:
        return f'`"{value["const"]}"`'
    if "enum" in value:
        names = value["enum"]
        return _names(json.dumps(name) for name in names) if len(names) <= _ENOUGH else "a name"
    return _plain(value)


def _plain(value: dict[str, Any]) -> str:
    kind = value.get("type", "")
    if kind in _NUMBERS:
        bounds = [f"{word} {value[key]:,}" for key, word in _BOUNDS if key in value and value[key] < 2**31]
        return " ".join([_NUMBERS[kind], *([" and ".join(bounds)] if bounds else [])])
    if kind == "array":
        return f"list of {allowed(value['items'])}s" if "items" in value else "list"
    return {"string": "text", "boolean": "true or false", "object": "table"}.get(kind, "")


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def exit_codes() -> str:
    """A row per exit code."""
    rows = [f"| {code.value} | {EXIT_CODES[code]} |" for code in ExitCode]
    return "\n".join(["| exit code | meaning |", "| --- | --- |", *rows])


def columns() -> str:
    """The columns of the three frames, a table each."""
    frames = (("trials", TRIAL), ("epochs", EPOCH), ("summary", SUMMARY))
    return "\n\n".join(f"### Columns of `run.{name}()`\n\n{_columns(measures)}" for name, measures in frames)


def _columns(measures: Iterable[Measure]) -> str:
    lines = ["| column | dtype | unit | meaning |", "| --- | --- | --- | --- |"]
    words = {"score": "score", "example": "example", "examples": "examples"}
    for measure in measures:
        meaning = re.sub(r"([|<])", r"\\\1", measure.meaning.format_map(words))
        lines.append(f"| `{measure.name}` | {measure.dtype} | {measure.unit} | {meaning} |")
    return "\n".join(lines)
