"""From the text of a suite file to a checked `Suite`, or to the list of everything wrong with it."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from bench.catalog import datasets
from bench.catalog.datasets import DatasetTable
from bench.catalog.registry import Architecture, UnknownReferenceError, architecture_names, find_architecture
from bench.core.documents import toml_document
from bench.core.names import listed, nearest
from bench.declare.problems import EnoughError, Problem, Problems, from_validation, refuse, unknown_key, value_text
from bench.declare.schema import CellKeys, GateKeys, PublishedKeys, SuiteKeys
from bench.declare.source import tool_table
from bench.declare.suite import GridTable, NamedArchitecture, Suite
from bench.declare.values import PLAIN_VALUES, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

M = TypeVar("M", bound=BaseModel)


def parse_suite(text: str, *, base: Path, origin: str, overrides: dict[str, Any] | None = None) -> Suite:
    """Check a suite file.

    Args:
        text: TOML, a suite file or a pyproject with `[tool.bench]`.
        base: the folder of the file.
        origin: the file's name for messages.
        overrides: keys of [suite] that the command line sets.

    Raises:
        SuiteError: the text is not TOML, or anything in it cannot be; the message lists every problem.
    """
    try:
        document = toml_document(text)
    except ValueError as error:
        raise refuse(origin, [Problem("file", str(error), "TOML")]) from error
    if Path(origin).name == "pyproject.toml":
        document = tool_table(document)
        origin = f"{origin} [tool.bench]"
    parser = _Parser(document, base, origin, overrides or {})
    try:
        return parser.parse(text)
    except EnoughError:
        raise refuse(origin, parser.problems, more=True) from None


TABLES = ("suite", "datasets", "architectures", "grid", "include", "exclude", "gate")
ROOT = "the file"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
"""What a table [datasets.NAME] may be called: no path and no loader."""


class _Parser:
    """One pass over a document that collects every problem before it gives up."""

    def __init__(self, document: dict[str, Any], base: Path, origin: str, overrides: dict[str, Any]) -> None:
        self.document, self.base, self.origin, self.overrides = document, base, origin, overrides
        self.problems = Problems()
        self.declared: dict[str, Any] = {}
        self.named: dict[str, NamedArchitecture] = {}
        self.datasets: dict[str, DatasetTable | None] = {}

    def parse(self, text: str) -> Suite:
        self.problems += (unknown_key("", key, TABLES, ROOT) for key in self.document if key not in TABLES)
        self.datasets = {name: self._dataset_table(name, table) for name, table in self._table("datasets").items()}
        keys = self._suite_keys()
        self.declared = self._table("architectures")
        for name, table in self.declared.items():
            self._named_architecture(name, table)
        grids = [self._grid(f"grid[{i}]", table, single=False) for i, table in self._tables("grid")]
        includes = [self._grid(f"include[{i}]", table, single=True) for i, table in self._tables("include")]
        builders = self._builders(*filter(None, (*grids, *includes)))
        excludes = [self._exclude(f"exclude[{i}]", table, builders) for i, table in self._tables("exclude")]
        gate = self._model("gate", GateKeys, self._table("gate"))
        if not self.document.get("grid") and not includes:
            if not self.named and not self.problems:
                self.problems.append(
                    Problem("grid", "nothing to train", "a [[grid]], an [[include]] or an [architectures.NAME]")
                )
            grids = [GridTable(architectures=tuple(self.named.values()), axes={})]
        for path, table in (*self._paths(grids, "grid"), *self._paths(includes, "include")):
            self.problems += _missing_parameters(path, table)
        if self.problems or keys is None or gate is None:
            raise refuse(self.origin, self.problems)
        return Suite(
            keys=keys,
            architectures=self.named,
            grids=tuple(grid for grid in grids if grid),
            includes=tuple(grid for grid in includes if grid),
            excludes=tuple(excludes),
            gate=gate,
            base=self.base,
            source=text,
            origin=self.origin,
            datasets={name: table for name, table in self.datasets.items() if table is not None},
        )

    # ------------------------------------------------------------------------------------------------- tables

    def _paths(self, tables: Sequence[GridTable | None], name: str) -> tuple[tuple[str, GridTable], ...]:
        return tuple((f"{name}[{index}]", table) for index, table in enumerate(tables, start=1) if table)

    def _table(self, name: str) -> dict[str, Any]:
        table = self.document.get(name, {})
        if isinstance(table, dict):
            return table
        self.problems.append(Problem(name, value_text(table), f"a table [{name}]"))
        return {}

    def _tables(self, name: str) -> list[tuple[int, dict[str, Any]]]:
        tables = self.document.get(name, [])
        if isinstance(tables, list) and all(isinstance(table, dict) for table in tables):
            return list(enumerate(tables, start=1))
        self.problems.append(Problem(name, value_text(tables), f"tables written [[{name}]]"))
        return []

    def _suite_keys(self) -> SuiteKeys | None:
        table = {**self._table("suite"), **self.overrides}
        known = SuiteKeys.model_fields
        self.problems += (
            unknown_key(self._suite_path(key), key, known, "[suite]") for key in table if key not in known
        )
        values = {key: value for key, value in table.items() if key in known}
        if "suite" not in self.document:
            self.problems.append(
                Problem("suite", "nothing", 'a table [suite] with at least a name, such as name = "my-suite"')
            )
        for key in ("dataset", "fallback_dataset"):
            if isinstance(values.get(key), str):
                self._dataset(f"suite.{key}", values[key])
        return self._model("suite", SuiteKeys, values)

    def _suite_path(self, key: str) -> str:
        return "--set" if key in self.overrides else "suite"

    def _named_architecture(self, name: str, table: object) -> None:
        path = f"architectures.{name}"
        if not isinstance(table, dict):
            self.problems.append(Problem(path, value_text(table), "a table with a builder"))
            return
        if "builder" not in table:
            self.problems.append(
                Problem(f"{path}.builder", "nothing", f"{listed(architecture_names())}, or package.module:function")
            )
            return
        architecture = self._architecture(f"{path}.builder", table["builder"])
        if architecture is None:
            return
        published = (
            self._model(f"{path}.published", PublishedKeys, table["published"]) if "published" in table else None
        )
        rest = {key: value for key, value in table.items() if key not in {"builder", "published"}}
        bare = NamedArchitecture(name=name, architecture=architecture)
        values = {key: self._value(f"{path}.{key}", key, value, (bare,)) for key, value in rest.items()}
        parameters = {key: value for key, value in values.items() if key not in CellKeys.model_fields}
        if conflict := architecture.conflict(parameters):
            self.problems.append(Problem(path, conflict, "only one of them: each says how large the network is"))
        self.named[name] = NamedArchitecture(
            name=name,
            architecture=architecture,
            parameters=parameters,
            keys={key: value for key, value in values.items() if key in CellKeys.model_fields},
            published=published,
        )

    def _grid(self, path: str, table: dict[str, Any], *, single: bool) -> GridTable | None:
        if "architecture" not in table and self.declared and not self.named:
            return None  # every [architectures.NAME] has a problem that is noted already
        chosen = table.get("architecture", list(self.named))
        if single and isinstance(chosen, list):
            self.problems.append(
                Problem(f"{path}.architecture", value_text(chosen), "one architecture: an include adds one cell")
            )
            return None
        names = chosen if isinstance(chosen, list) else [chosen]
        if not names:
            self.problems.append(
                Problem(f"{path}.architecture", "nothing", "a named architecture or one of the catalog")
            )
            return None
        referenced = tuple(self._reference(f"{path}.architecture", name) for name in names)
        architectures = tuple(architecture for architecture in referenced if architecture is not None)
        axes: dict[str, tuple[Any, ...]] = {}
        for key, value in table.items():
            if key == "architecture":
                continue
            if single or not isinstance(value, list):
                axes[key] = (self._value(f"{path}.{key}", key, value, architectures),)
            elif not value:
                self.problems.append(
                    Problem(f"{path}.{key}", "an empty list", "at least one value: an empty axis has no cells")
                )
            else:
                axes[key] = tuple(
                    self._value(f"{path}.{key}[{i}]", key, item, architectures) for i, item in enumerate(value, start=1)
                )
        for architecture in architectures:
            parameters = {**architecture.parameters, **{key: axis[0] for key, axis in axes.items()}}
            if conflict := architecture.architecture.conflict(parameters):
                self.problems.append(Problem(path, conflict, "only one of them: each says how large the network is"))
        return GridTable(architectures=architectures, axes=axes)

    def _builders(self, *tables: GridTable) -> list[Architecture]:
        """Every architecture that an [[exclude]] may be about: the file's own, those its grids name, the catalog's."""
        named = [*self.named.values(), *(entry for table in tables for entry in table.architectures)]
        builders = [entry.architecture for entry in named]
        for name in architecture_names():
            with suppress(UnknownReferenceError):  # an installed package may name a builder that it lacks
                builders.append(find_architecture(name))
        return builders

    def _exclude(self, path: str, table: dict[str, Any], builders: list[Architecture]) -> dict[str, Any]:
        if not table:
            self.problems.append(Problem(path, "an empty table", "at least one key: it would exclude every cell"))
        parameters = {name for builder in builders for name in builder.parameters or {}}
        known = {"architecture", *CellKeys.model_fields, *parameters}
        open_ended = any(builder.parameters is None for builder in builders)
        result: dict[str, Any] = {}
        for key, value in table.items():
            if key not in known and not open_ended:
                self.problems.append(unknown_key(path, key, known, "a cell"))
            elif key in CellKeys.model_fields:
                values = value if isinstance(value, list) else [value]
                result[key] = [self._value(f"{path}.{key}", key, item, ()) for item in values]
            else:
                result[key] = _as_builders_read(key, value, builders)
        return result

    # ------------------------------------------------------------------------------------------------- values

    def _value(self, path: str, key: str, value: object, architectures: tuple[NamedArchitecture, ...]) -> Any:  # noqa: ANN401
        """A checked value of any key a cell may have; a problem is noted and the value returned as it came."""
        if key in CellKeys.model_fields:
            if key == "dataset" and isinstance(value, str):
                self._dataset(path, value)
            try:
                return getattr(CellKeys.model_validate({key: value}), key)
            except ValidationError as error:
                self.problems += from_validation(path, error, inside=key)
                return value
        if key in SuiteKeys.model_fields:
            self.problems.append(Problem(path, value_text(value), f"{key} in the table [suite] only"))
            return value
        if not is_plain(value):
            self.problems.append(Problem(path, value_text(value), PLAIN_VALUES))
            return value
        checked = value
        for named in architectures:
            parameters = named.architecture.parameters
            if parameters is None:
                continue
            if key not in parameters:
                owner = f"{named.name} (its builder is {named.architecture.reference})"
                parent = path.rpartition(f".{key}")[0]
                problem = unknown_key(parent, key, {*parameters, *CellKeys.model_fields}, owner)
                self.problems += [] if problem in self.problems else [problem]
                continue
            try:
                checked = parameters[key].validate_python(value)
            except ValidationError as error:
                self.problems += [p for p in from_validation(path, error) if p not in self.problems]
        return checked

    def _architecture(self, path: str, reference: object) -> Architecture | None:
        if not isinstance(reference, str):
            self.problems.append(
                Problem(path, value_text(reference), f"{listed(architecture_names())}, or package.module:function")
            )
            return None
        try:
            return find_architecture(reference, (str(self.base),))
        except UnknownReferenceError as error:
            guess = nearest(reference.rpartition(":")[2], error.valid)
            self.problems.append(Problem(path, value_text(reference), error.allowed, guess))
            return None

    def _reference(self, path: str, reference: object) -> NamedArchitecture | None:
        """The architecture that a grid names: the file's own, the catalog's, or a builder."""
        if isinstance(reference, str) and reference in self.named:
            return self.named[reference]
        if isinstance(reference, str) and reference in self.declared:
            return None  # its own problem is noted already
        valid = (*self.named, *architecture_names())
        if isinstance(reference, str) and (":" in reference or reference in valid):
            architecture = self._architecture(path, reference)
            name = reference.rpartition(":")[2]
            return NamedArchitecture(name=name, architecture=architecture) if architecture else None
        guess = nearest(reference, valid) if isinstance(reference, str) else None
        self.problems.append(
            Problem(path, value_text(reference), f"one of {listed(valid)}, or package.module:function", guess)
        )
        return None

    def _dataset_table(self, name: str, table: object) -> DatasetTable | None:
        path = f"datasets.{name}"
        if not NAME.fullmatch(name) or name in (*datasets.names(), *datasets.entry_point_datasets()):
            allowed = "a name of letters, digits, dashes and underscores that no built-in data set has"
            self.problems.append(Problem(path, value_text(name), allowed))
            return None
        if not isinstance(table, dict):
            self.problems.append(Problem(path, value_text(table), "a table with a path, a loader or a name"))
            return None
        made = self._model(path, DatasetTable, table)
        if made is None:
            return None
        wrong = datasets.problems(made, self.base)
        self.problems += [
            Problem(f"{path}.{key}", "nothing" if received is None else received, allowed)
            for key, received, allowed in wrong
        ]
        return None if wrong else made

    def _dataset(self, path: str, reference: str) -> None:
        if refused := datasets.refusal(reference, self.base, tuple(self.datasets)):
            self.problems.append(Problem(path, value_text(reference), refused.expected, refused.suggestion))

    def _model(self, path: str, model: type[M], table: object) -> M | None:
        if isinstance(table, dict):
            known = model.model_fields
            self.problems += (unknown_key(path, key, known, f"[{path}]") for key in table if key not in known)
            table = {key: value for key, value in table.items() if key in known}
        try:
            return model.model_validate(table)
        except ValidationError as error:
            axes = CellKeys.model_fields.keys() - {"metrics", "class_weight"} if path == "suite" else ()
            self.problems += from_validation(path, error, axes=axes)
            return None


def _missing_parameters(path: str, table: GridTable) -> Iterator[Problem]:
    """What the builders of a table need and nobody gives them."""
    for named in table.architectures:
        for parameter in named.architecture.required:
            if parameter not in named.parameters and parameter not in table.axes:
                reference = named.architecture.reference
                yield Problem(f"{path}.{parameter}", "nothing", f"a value: {reference} needs {parameter}")


def _as_builders_read(key: str, value: object, builders: list[Architecture]) -> object:
    """A parameter as the first builder that accepts it holds it (`hidden = 32` is [32]), else as it came."""
    for builder in builders:
        if key in (builder.parameters or {}):
            with suppress(ValidationError):
                return (builder.parameters or {})[key].validate_python(value)
    return value
