"""Suites from a few lines of TOML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bench.core.errors import SuiteError
from bench.declare.grid import expand
from bench.declare.parse import parse_suite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.declare.suite import Suite

HEAD = '[suite]\nname = "s"\ndataset = "digits"\n'


@pytest.fixture
def parsed(tmp_path: Path) -> Callable[..., Suite]:
    """A whole suite file as a `Suite`: `parsed(text, overrides={...})`."""

    def parse(text: str, *, overrides: dict[str, Any] | None = None, origin: str = "bench.toml") -> Suite:
        return parse_suite(text, base=tmp_path, origin=origin, overrides=overrides)

    return parse


@pytest.fixture
def ids(parsed: Callable[..., Suite]) -> Callable[[str], list[str]]:
    """The ids of the cells of some tables on digits: `ids('[[grid]] ...')`."""
    return lambda tables: [cell.id for cell in expand(parsed(HEAD + tables)).cells]


@pytest.fixture
def problems(parsed: Callable[..., Suite]) -> Callable[..., list[str]]:
    """The lines of the refusal of some tables after a good [suite]: `problems('[gate] ...')`."""

    def refused(tables: str, **options: Any) -> list[str]:
        with pytest.raises(SuiteError) as caught:
            parsed(HEAD + tables, **options)
        return [line.strip() for line in caught.value.message.splitlines()[1:]]

    return refused
