"""A checked suite: what a suite file says, with every default filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from bench.catalog.datasets import DatasetTable
    from bench.catalog.registry import Architecture
    from bench.declare.schema import GateKeys, PublishedKeys, SuiteKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedArchitecture:
    """A table [architectures.NAME]: a builder with what is fixed about it."""

    name: str
    architecture: Architecture
    parameters: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    published: PublishedKeys | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GridTable:
    """A [[grid]] or [[include]] table: architectures, and the values of every axis in the order they were named."""

    architectures: tuple[NamedArchitecture, ...]
    axes: dict[str, tuple[Any, ...]]

    @property
    def size(self) -> int:
        """How many cells the table names, before any exclusion."""
        product = len(self.architectures)
        for values in self.axes.values():
            product *= len(values)
        return product


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A checked suite.

    Attributes:
        keys: the table [suite], every default filled in.
        architectures: the named ones, by name.
        grids: [[grid]] tables; where the file has none, every named architecture once.
        includes: [[include]] tables, one cell each.
        excludes: [[exclude]] tables, as key to value.
        datasets: the tables [datasets.NAME], by name.
        base: the folder that relative paths and the suite's own modules start from.
        source: the text of the file.
        origin: what the user called it, for messages and for the command that repeats it.
    """

    keys: SuiteKeys
    architectures: dict[str, NamedArchitecture]
    grids: tuple[GridTable, ...]
    includes: tuple[GridTable, ...]
    excludes: tuple[dict[str, Any], ...]
    gate: GateKeys
    base: Path
    source: str
    origin: str
    datasets: dict[str, DatasetTable] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The suite's name, also the name of its folder under `reports/`."""
        return self.keys.name
