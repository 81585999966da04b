"""The JSON Schema that editors complete and check a suite file with."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest

from bench.catalog.datasets import DatasetTable
from bench.core.resources import template_dir
from bench.declare.schema import CellKeys, GateKeys, PublishedKeys, SuiteKeys, json_schema
from bench.declare.source import shipped_suites, starter_text

SCHEMA = json_schema()
SUITES = template_dir().parent / "bench" / "declare" / "suites"
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None)}


def conforms(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value conforms to the part of JSON Schema that ours uses."""
    if "$ref" in schema:
        return conforms(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    if isinstance(value, bool):
        return schema.get("type") in {None, "boolean"}
    checks = [
        "type" not in schema or isinstance(value, TYPES.get(schema["type"], ())),
        "enum" not in schema or value in schema["enum"],
        "const" not in schema or value == schema["const"],
        "anyOf" not in schema or any(conforms(value, part) for part in schema["anyOf"]),
    ]
    if isinstance(value, (int, float)):
        checks += [value > schema.get("exclusiveMinimum", float("-inf")), value >= schema.get("minimum", float("-inf"))]
        checks += [value < schema.get("exclusiveMaximum", float("inf")), value <= schema.get("maximum", float("inf"))]
    if isinstance(value, str):
        checks += [re.search(schema.get("pattern", ""), value) is not None, len(value) >= schema.get("minLength", 0)]
    if isinstance(value, list):
        checks += [len(value) >= schema.get("minItems", 0)]
        checks += [conforms(item, schema.get("items", {})) for item in value]
    if isinstance(value, dict):
        checks += [key in value for key in schema.get("required", ())]
        more = schema.get("additionalProperties", True)
        for key, item in value.items():
            part = schema.get("properties", {}).get(key, more)
            checks.append(part if isinstance(part, bool) else conforms(item, part))
    return all(checks)


def test_it_is_a_json_schema() -> None:
    """JSON through and through, of a named draft, every reference defined and every definition used."""
    text = json.dumps(SCHEMA, allow_nan=False)
    assert "https://json-schema.org/draft/2020-12/schema" == SCHEMA["$schema"]
    assert (["suite"], False) == (SCHEMA["required"], SCHEMA["additionalProperties"])
    references = set(re.findall(r'"#/\$defs/(\w+)"', text))
    assert references == set(SCHEMA["$defs"])


def test_it_has_every_table_and_key() -> None:
    """A key that is added to a table is added to the schema with it."""
    tables = SCHEMA["properties"]
    architecture = tables["architectures"]["additionalProperties"]["properties"]
    assert set(DatasetTable.model_fields) == set(tables["datasets"]["additionalProperties"]["properties"])
    assert {"suite", "datasets", "architectures", "grid", "include", "exclude", "gate"} == set(tables)
    assert set(SuiteKeys.model_fields) == set(tables["suite"]["properties"])
    assert set(GateKeys.model_fields) == set(tables["gate"]["properties"])
    assert set(PublishedKeys.model_fields) == set(architecture["published"]["properties"])
    assert {"builder", "published", *CellKeys.model_fields} == set(architecture)
    for table in ("grid", "include"):
        assert {"architecture", *CellKeys.model_fields} == set(tables[table]["items"]["properties"])


@pytest.mark.parametrize("name", [*shipped_suites(), "starter"])
def test_the_shipped_suites_conform(name: str) -> None:
    """An editor finds nothing to complain about in them."""
    text = starter_text() if name == "starter" else (SUITES / f"{name}.toml").read_text()
    assert conforms(tomllib.loads(text), SCHEMA)


@pytest.mark.parametrize(
    "line",
    [
        "epochs = 0",
        "epochs = 'ten'",
        "epoch = 1",
        "optimizer = 'sdg'",
        "optimizer = 3",
        "optimizer = { momentum = 0.9 }",
        "learning_rate = 0",
        "learning_rate = { schedule = 'cosin', initial = 1 }",
        "learning_rate = { schedule = 'cosine' }",
        "loss = 'crossentropy'",
        "engine = 'fast'",
        "seeds = 'many'",
        "validation_split = 1",
    ],
)
def test_a_wrong_key_does_not_conform(line: str) -> None:
    """An editor underlines what `bench plan` would refuse."""
    good = '[suite]\nname = "s"\n'
    assert conforms(tomllib.loads(good), SCHEMA)
    assert not conforms(tomllib.loads(good + line), SCHEMA)


@pytest.mark.parametrize(
    "line",
    [
        "optimizer = { name = 'sgd', momentum = 0.9 }",
        "learning_rate = 1",
        "learning_rate = { schedule = 'cosine', initial = 1 }",
        "seeds = [1, 2]",
        "device = 'gpu:0'",
        "memory_limit_bytes = '4 GiB'",
    ],
)
def test_every_way_to_write_a_key_conforms(line: str) -> None:
    """A short form is as good as a table."""
    assert conforms(tomllib.loads(f'[suite]\nname = "s"\n{line}\n'), SCHEMA)
