"""Values of every type in every place, by hypothesis: smaller examples than mutations give, and found sooner."""

from __future__ import annotations

import contextlib
import decimal
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import parsers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from mutations import HOSTILE, as_json, as_toml, damage_document, places

from bench.catalog.datasets import DatasetTable, from_table
from bench.catalog.datasets.sources import read_files
from bench.core.documents import json_value
from bench.core.errors import BenchError
from bench.declare.parse import TABLES
from bench.declare.schema import GateKeys, SuiteKeys

thorough = settings(
    deadline=None, max_examples=150, suppress_health_check=list(HealthCheck), print_blob=True, derandomize=True
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(HOSTILE)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
keys = st.sampled_from([*TABLES, *SuiteKeys.model_fields, *GateKeys.model_fields, "architecture", "hidden", "builder"])
tables = st.dictionaries(keys, values | st.dictionaries(keys, values, max_size=3), max_size=4)


def refused_or_fine(parser: str, data: bytes, folder: Path) -> None:
    """A value, or a sentence for the user."""
    with contextlib.suppress(BenchError):
        parsers.PARSERS[parser].consume(data, folder)


@thorough
@given(st.dictionaries(keys, tables | st.lists(tables, max_size=2), max_size=5))
def test_any_suite(tmp_path: Path, document: dict[str, Any]) -> None:
    """Keys that there are, with any values."""
    refused_or_fine("suite", as_toml({"suite": {"name": "s"}, **document}), tmp_path)


@pytest.mark.parametrize("parser", ["run.json", "baseline", "verdict.json"])
def test_any_value_in_any_field(tmp_path: Path, parser: str) -> None:
    """A field of a good document holds what it does not expect."""
    good = [json.loads(seed) for seed in parsers.PARSERS[parser].seeds()]

    @thorough
    @given(st.data())
    def check(data: st.DataObject) -> None:
        document = json.loads(json.dumps(data.draw(st.sampled_from(good))))
        container, key = data.draw(st.sampled_from(places(document)))
        container[key] = data.draw(values)
        refused_or_fine(parser, as_json(parsers.resealed(document) if parser == "baseline" else document), tmp_path)

    check()


@thorough
@given(values, st.randoms(use_true_random=False))
def test_json_comes_back_or_is_refused(value: Any, chance: Any) -> None:
    """Whatever comes through the door for JSON can be written again, as text that a file takes."""
    with contextlib.suppress(ValueError):
        kept = json_value(as_json(damage_document([value], chance)))
        json.dumps(kept, allow_nan=False, ensure_ascii=False).encode()


dtypes = arrays_of.scalar_dtypes() | arrays_of.unicode_string_dtypes() | arrays_of.byte_string_dtypes()
any_array = dtypes.flatmap(
    lambda dtype: arrays_of.arrays(dtype, arrays_of.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6))
)


@thorough
@given(st.lists(any_array, min_size=4, max_size=4), st.booleans())
def test_any_arrays(tmp_path: Path, made: list[Any], alike: bool) -> None:  # noqa: FBT001
    """Of every dtype and shape, in an archive of two parts and of one."""
    first, second, third, fourth = [made[0], made[1], made[0], made[1]] if alike else made
    np.savez(tmp_path / "a.npz", x_train=first, y_train=second, x_test=third, y_test=fourth, x=first, y=second)
    with contextlib.suppress(BenchError):
        parsers._looked_at(read_files(tmp_path / "a.npz"))
    np.savez(tmp_path / "b.npz", x=first, y=second)
    with contextlib.suppress(BenchError):
        parsers._looked_at(from_table(DatasetTable(path="b.npz", test_split=0.4), tmp_path).arrays)


columns = st.sampled_from([
    [1, 2, 3, 4, 5, 6] * 2, [0.5, np.nan, np.inf, -1e300, 1e-300, 0] * 2, [2**63 - 1, -(2**63)] * 6,
    ["a", "b"] * 6, ["a", None] * 6, ["\x00", "\u202e"] * 6, ["1", "2.5"] * 6, [""] * 12, ["train", "test"] * 6,
    [True, False] * 6, [True, None] * 6, [b"a", b"b"] * 6, [[1], [2]] * 6, [{"a": 1}] * 12, [None] * 12,
    pd.date_range("2020-01-01", periods=12), pd.timedelta_range("1s", periods=12), pd.Categorical(["x", "y"] * 6),
    pd.array([1, None] * 6, "Int64"), pd.array([True, None] * 6, "boolean"), [decimal.Decimal("1.5")] * 12,
])  # fmt: skip
files = st.sampled_from(["a.csv", "a.parquet"])


@thorough
@given(st.lists(columns, min_size=2, max_size=4), files, st.sampled_from([None, "mean", "drop"]))
def test_any_columns(tmp_path: Path, made: list[Any], name: str, missing: Any) -> None:
    """Of every type that a table may hold, as inputs and as targets."""
    frame = pd.DataFrame({f"c{number}": column for number, column in enumerate(made)})
    frame.to_csv(tmp_path / name, index=False) if name == "a.csv" else frame.to_parquet(tmp_path / name)
    for table in (
        DatasetTable(path=name, target="c0", missing=missing, test_split=0.4),
        DatasetTable(path=name, target=("c0", "c1"), features=("c1",) if len(made) < 3 else ("c2",)),
        DatasetTable(path=name, target="c1", split_column="c0", categories="ordinal"),
        DatasetTable(path=name, target="c1", weights="c0", missing=missing),
    ):
        with contextlib.suppress(BenchError):
            parsers._looked_at(from_table(table, tmp_path).arrays)
