"""`bench list --json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

# pydantic reads these annotations when it makes a schema, so they are imported for real
from bench.render.documents.common import RunEntry, run_entry
from bench.render.documents.document import VERSION
from bench.render.tables import run_status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.record.store import RunLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDocument:
    """The runs in a store, the newest first."""

    runs: tuple[RunEntry, ...]
    version: int = VERSION


def list_document(lines: Iterable[RunLine]) -> ListDocument:
    """The runs of a store as a document."""
    return ListDocument(runs=tuple(run_entry(line.run, run_status(line), line.trials, line.ok) for line in lines))
