"""The published JSON Schemas of what commands print; `python -m bench.render.documents.schemas docs` writes them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.files import write_text
from bench.record.verdictfile import verdict_schema
from bench.render.documents.accept import AcceptDocument
from bench.render.documents.audit import AuditDocument
from bench.render.documents.compare import CompareDocument
from bench.render.documents.doctor import DoctorDocument
from bench.render.documents.document import document_schema
from bench.render.documents.error import ErrorDocument
from bench.render.documents.plan import PlanDocument
from bench.render.documents.power import PowerDocument
from bench.render.documents.runs import ListDocument
from bench.render.documents.show import ShowDocument
from bench.render.exports.history import history_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENTS = {
    "accept": AcceptDocument,
    "audit": AuditDocument,
    "compare": CompareDocument,
    "doctor": DoctorDocument,
    "error": ErrorDocument,
    "list": ListDocument,
    "plan": PlanDocument,
    "power": PowerDocument,
    "show": ShowDocument,
}


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of every document, by the name of its file without `.schema.json`."""
    made = {name: document_schema(kind, f"keras-bench {name}") for name, kind in DOCUMENTS.items()}
    return made | {"history": history_schema(), "verdict": verdict_schema()}


def write_schemas(folder: Path) -> Iterator[Path]:
    """Write a file for each schema."""
    for name, schema in schemas().items():
        yield write_text(folder / f"{name}.schema.json", json.dumps(schema, indent=1) + "\n")


if __name__ == "__main__":
    for path in write_schemas(Path(sys.argv[1])):
        print(path)  # noqa: T201  a tool for maintainers
