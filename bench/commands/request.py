"""What a user asks for, from the command line or a notebook."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.commands.workspace import DEFAULT_REPORTS, Workspace
from bench.core.documents import toml_document
from bench.core.errors import BenchError
from bench.core.names import nearest
from bench.declare.schema import SuiteKeys

if TYPE_CHECKING:
    from bench.commands.nodes import Nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What a user asks to be run.

    Attributes:
        suite: a path or a shipped name; None for the one lying here, or the default.
        overrides: keys of [suite] to replace, from --set and --seeds.
        expression: -k, which cells.
        only: the ids of the cells to take; None for all that `expression` takes.
        follows: the run that this one brings more seeds for; None for a run of its own.
        fresh: train again what the store holds already.
        jobs: trials at a time; `AUTO` (0) for as many as pay, see `bench.commands.jobs`.
        max_cells: the largest grid to expand; None for the suite's own limit.
        workspace: the folder of runs, and the store.
        nodes: the machines that train; None for this one.
    """

    suite: str | None = None
    overrides: dict[str, Any] = field(default_factory=dict)
    expression: str | None = None
    only: frozenset[str] | None = None
    follows: str | None = None
    fresh: bool = False
    jobs: int = 1
    max_cells: int | None = None
    workspace: Workspace = field(default_factory=Workspace)
    nodes: Nodes | None = None

    def asked(self) -> dict[str, Any]:
        """What decides which trials this asks for, as JSON values."""
        overrides = {key: list(value) if isinstance(value, tuple) else value for key, value in self.overrides.items()}
        return {"suite": self.suite, "overrides": overrides, "expression": self.expression, "follows": self.follows}

    def command(self) -> str:
        """What to type to ask for the same again; the store is left out, since its URL may hold a password."""
        words = ["bench", "run", *([self.suite] if self.suite else [])]
        words += [word for key, value in self.overrides.items() for word in ("--set", f"{key}={_toml(value)}")]
        words += ["-k", self.expression] if self.expression else []
        words += ["--jobs", str(self.jobs)] if self.jobs > 1 else []
        words += ["--max-cells", str(self.max_cells)] if self.max_cells else []
        words += ["--reports", str(reports)] if (reports := self.workspace.reports) != DEFAULT_REPORTS else []
        words += self.nodes.words if self.nodes else []
        return shlex.join(words)


def parse_override(text: str) -> tuple[str, Any]:
    """`key=value` of --set, the value as TOML where it is TOML, else as the text it is.

    Raises:
        BenchError: there is no `=`, or [suite] has no such key.
    """
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals and key in SuiteKeys.model_fields:
        raise BenchError(f"--set {text!r} gives {key} no value.", hint=f"Write --set {key}=value.")
    if not equals or key not in SuiteKeys.model_fields:
        guess = nearest(key, SuiteKeys.model_fields)
        raise BenchError(
            f"--set {text!r} sets no key of [suite]" + (f"; did you mean {guess}?" if guess else "."),
            hint=f"Write --set key=value with one of: {', '.join(SuiteKeys.model_fields)}.",
        )
    try:
        document = toml_document(f"value = {value}")
    except ValueError:
        return key, value
    # a value that goes on to set other keys is no value
    return key, document["value"] if len(document) == 1 else value


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(list(value) if isinstance(value, tuple) else value)
