"""What holds for every suite, tried on many made-up ones."""

from __future__ import annotations

import datetime as dt
import json
import math
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.core.errors import SuiteError
from bench.declare.grid import count, expand
from bench.declare.parse import TABLES, parse_suite
from bench.declare.schema import SuiteKeys

if TYPE_CHECKING:
    from bench.declare.suite import Suite

unhurried = settings(deadline=None, max_examples=60)  # a shared machine may be slow at any moment


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    match value:
        case dict():
            return "{" + ", ".join(f"{toml(str(key))} = {toml(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case float() if not math.isfinite(value):
            return str(value)  # nan, inf and -inf are spelt alike in both languages
        case dt.date() | dt.time():
            return value.isoformat()
        case _:
            return json.dumps(value, ensure_ascii=True)


def parse(document: dict[str, Any]) -> Suite:
    text = "\n".join(f"{toml(key)} = {toml(value)}" for key, value in document.items())
    return parse_suite(text, base=Path(), origin="bench.toml")


HEAD = {"name": "s", "dataset": "digits"}
AXES: dict[str, st.SearchStrategy[Any]] = {
    "epochs": st.integers(1, 100),
    "batch_size": st.integers(1, 512),
    "learning_rate": st.sampled_from([0.001, 0.01, 0.1, 1, {"schedule": "cosine", "initial": 0.5}]),
    "hidden": st.lists(st.integers(1, 64), max_size=3),
    "dropout": st.sampled_from([0, 0.1, 0.25, 0.5]),
    "activation": st.sampled_from(["relu", "tanh"]),
    "device": st.sampled_from(["cpu", "gpu:0"]),
}
axis_values = {key: st.lists(values, min_size=1, max_size=3, unique_by=toml) for key, values in AXES.items()}
grids = st.fixed_dictionaries({"architecture": st.just("mlp")}, optional=axis_values)
excludes = st.lists(
    st.fixed_dictionaries({}, optional={key: AXES[key] for key in ("epochs", "hidden", "dropout", "device")}).filter(
        bool
    ),
    max_size=2,
)


@unhurried
@given(st.lists(grids, min_size=1, max_size=3))
def test_a_count_is_the_product_of_the_axes(tables: list[dict[str, Any]]) -> None:
    """Summed over the tables; a single table of different values expands to exactly that many cells."""
    sizes = [math.prod(len(axis) for key, axis in table.items() if key != "architecture") for table in tables]
    assert sum(sizes) == count(parse({"suite": HEAD, "grid": tables}))
    assert sizes[0] == len(expand(parse({"suite": HEAD, "grid": tables[:1]})).cells)


@unhurried
@given(grids)
def test_a_grid_is_the_product_of_its_axes_in_order(table: dict[str, Any]) -> None:
    """Cell by cell, it is what itertools.product gives."""
    axes = {key: axis for key, axis in table.items() if key in {"epochs", "batch_size", "dropout"}}
    cells = expand(parse({"suite": HEAD, "grid": [{"architecture": "mlp", **axes}]})).cells
    assert list(product(*axes.values())) == [tuple(cell.value(key) for key in axes) for cell in cells]


@unhurried
@given(st.lists(grids, min_size=1, max_size=3), excludes)
def test_an_expansion_is_deterministic_and_its_ids_are_unique(
    tables: list[dict[str, Any]], dropped: list[dict[str, Any]]
) -> None:
    """The same file gives the same cells in the same order, and no two of them share an id or a training."""
    document = {"suite": HEAD, "grid": tables, "exclude": dropped, "include": [{"architecture": "cnn"}]}
    cells = expand(parse(document)).cells
    assert cells == expand(parse(document)).cells
    assert len(cells) == len({cell.id for cell in cells}) == len({(c.architecture, c.fingerprint()) for c in cells})


@unhurried
@given(grids, excludes)
def test_excluded_cells_never_appear(table: dict[str, Any], dropped: list[dict[str, Any]]) -> None:
    """No cell that is left has every value of an exclude; nothing else is missing."""
    document = {"suite": HEAD, "grid": [table], "include": [{"architecture": "cnn"}]}
    everything = expand(parse(document)).cells
    left = expand(parse({**document, "exclude": dropped}))
    missing = object()

    def value(cell: Any, key: str) -> object:
        return cell.parameters.get(key, missing) if key in {"hidden", "dropout"} else cell.value(key)

    expected = [
        cell
        for cell in everything
        if cell.builder == "cnn" or not any(all(value(cell, k) == v for k, v in rule.items()) for rule in dropped)
    ]
    assert expected == list(left.cells)
    assert len(everything) - len(expected) == left.excluded


@unhurried
@given(grids, grids)
def test_an_id_does_not_depend_on_other_tables(one: dict[str, Any], other: dict[str, Any]) -> None:
    """A cell that the other table does not name as well is called what it is called without that table."""
    alone = expand(parse({"suite": HEAD, "grid": [one]})).cells
    assert alone == expand(parse({"suite": HEAD, "grid": [one, other]})).cells[: len(alone)]
    also = {cell.fingerprint() for cell in expand(parse({"suite": HEAD, "grid": [other]})).cells}
    last = expand(parse({"suite": HEAD, "grid": [other, one]})).cells
    assert {cell.id for cell in alone if cell.fingerprint() not in also} <= {cell.id for cell in last}


@unhurried
@given(st.lists(grids, min_size=1, max_size=3), st.integers(1, 50))
def test_a_grid_over_the_limit_is_refused(tables: list[dict[str, Any]], limit: int) -> None:
    """By its count alone, whatever would be left after exclusions."""
    suite = parse({"suite": HEAD, "grid": tables, "include": [{"architecture": "cnn"}]})
    if count(suite) > limit:
        with pytest.raises(SuiteError, match=f"more than the limit of {limit}"):
            expand(suite, max_cells=limit)
    else:
        assert len(expand(suite, max_cells=limit).cells) <= limit


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TABLE_KEYS = "builder published accuracy source margin alpha architecture hidden layers nodes dropout filters"
OTHER_KEYS = "schedule initial momentum boundaries values a"
VALUES = (
    "mnist digits softmax mlp cnn a sgd adam cosine piecewise cpu gpu:1 auto json:loads __main__:f sys:f no.such:f "
    "a.b.c:d ./x x.npz unit relu . / :"
)
names = st.sampled_from([*TABLES, *SuiteKeys.model_fields, *TABLE_KEYS.split(), *OTHER_KEYS.split()])
words = st.sampled_from([*VALUES.split(), "4 GiB"])
scalars = st.one_of(
    words,
    text,
    st.booleans(),
    st.integers(-3, 300),
    st.integers(),
    st.floats(),
    st.dates(),
    st.times(),
    st.datetimes(),
)
keys = st.one_of(names, text)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=8
)
tables = st.dictionaries(keys, values, max_size=5)
head = st.one_of(st.just(HEAD), tables.map(lambda table: {**HEAD, **table}), values)
documents = st.fixed_dictionaries(
    {},
    optional={
        "suite": head,
        "architectures": st.one_of(
            st.dictionaries(keys, tables.map(lambda table: {"builder": "mlp", **table}), max_size=2), values
        ),
        "grid": st.one_of(st.lists(tables.map(lambda table: {"architecture": "mlp", **table}), max_size=2), values),
        "include": st.one_of(st.lists(tables.map(lambda table: {"architecture": "cnn", **table}), max_size=1), values),
        "exclude": st.one_of(st.lists(tables, max_size=2), values),
        "gate": st.one_of(tables, values),
    },
)


@settings(deadline=None, max_examples=100)
@given(documents | tables)
def test_any_document_is_a_suite_or_is_refused(document: dict[str, Any]) -> None:
    """Whatever its keys and values are, the outcome is cells or a SuiteError, never another exception."""
    expand_or_refuse(document)


changed_tables = st.sampled_from(["suite", "architectures", "grid", "include", "exclude", "gate"])


@settings(deadline=None, max_examples=300)
@given(changed_tables, keys, values | st.lists(scalars, max_size=3))
def test_a_suite_with_one_thing_changed_is_a_suite_or_is_refused(where: str, key: str, value: Any) -> None:
    """A good suite, one key of one table replaced or added: no other problem hides what comes of it."""
    document: dict[str, Any] = {
        "suite": dict(HEAD),
        "architectures": {"a": {"builder": "json:loads"}},  # it takes **options, whatever they are
        "grid": [{"architecture": "a"}],
        "include": [{"architecture": "mlp"}],
        "exclude": [{"epochs": 77}],
        "gate": {},
    }
    table = document["architectures"]["a"] if where == "architectures" else document[where]
    (table[0] if isinstance(table, list) else table)[key] = value
    expand_or_refuse(document)


def expand_or_refuse(document: dict[str, Any]) -> None:
    with suppress(SuiteError):
        for cell in expand(parse(document), max_cells=200).cells:
            assert json.dumps([cell.id, cell.parameters, cell.fingerprint()], allow_nan=False)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_suite_or_is_refused(anything: str) -> None:
    """Whatever a file holds, the outcome is a suite or a SuiteError."""
    with suppress(SuiteError):
        parse_suite(anything, base=Path(), origin="bench.toml")
