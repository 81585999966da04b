"""What every command prints with `--json` when it fails, in place of its document."""

from __future__ import annotations

from dataclasses import dataclass

from bench.core.errors import ErrorKind  # noqa: TC001  pydantic reads annotations
from bench.render.documents.document import VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEntry:
    """What went wrong.

    Attributes:
        kind: of error; `usage` for flags and arguments, `bug` for a mistake of keras-bench itself.
        exit_code: that the command exits with.
        message: what was received, and why it cannot be.
        hint: what to type instead; empty where nothing helps.
    """

    kind: ErrorKind
    exit_code: int
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDocument:
    """A command that failed."""

    error: ErrorEntry
    version: int = VERSION
