"""`bench init`: a suite to start from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.core.errors import BenchError, ExitCode
from bench.core.files import write_text
from bench.declare.schema import json_schema
from bench.declare.source import starter_text
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA_FILE = "bench.schema.json"


def write_starter(path: Path, *, force: bool) -> ExitCode:
    """Write the commented suite, and the schema that editors check it by.

    Raises:
        BenchError: there is a file already, or it cannot be written.
    """
    if path.suffix != ".toml":
        raise BenchError(
            f"A suite file ends in .toml; received {path}.", hint=f"Try: bench init {path.with_suffix('.toml')}"
        )
    if path.exists() and not force:
        raise BenchError(f"{path} already exists and was not changed.", hint="Name another file, or add --force.")
    schema = path.parent / SCHEMA_FILE
    write_text(schema, _schema_text())
    # the first line tells editors that speak TOML (taplo and others) where the schema is
    write_text(path, f"#:schema ./{SCHEMA_FILE}\n{starter_text()}")
    make_console().print(f"Wrote {path} and {schema}.\nNext: bench plan {path}, then bench run {path}")
    return ExitCode.OK


def print_schema() -> ExitCode:
    """Print the JSON Schema of a suite file."""
    print(_schema_text(), end="")  # noqa: T201  for a pipe: no colours, no wrapping
    return ExitCode.OK


def _schema_text() -> str:
    return json.dumps(json_schema(), indent=2) + "\n"
