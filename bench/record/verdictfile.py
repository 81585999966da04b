"""The file `verdict.json`: written, read, and its JSON Schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from bench.core.documents import read_json
from bench.core.files import write_text
from bench.declare.schema import GateKeys
from bench.record.verdicts import Judgement

if TYPE_CHECKING:
    from pathlib import Path

VERDICT_FILE = "verdict.json"


_JUDGEMENT = TypeAdapter(Judgement)


def verdict_text(judgement: Judgement) -> str:
    """What `verdict.json` holds, and `bench check --json` prints; equal judgements give equal bytes."""
    content = {**_JUDGEMENT.dump_python(judgement, mode="json"), "exit_code": int(judgement.exit_code)}
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def write_verdict(judgement: Judgement, folder: Path) -> Path:
    """Write `verdict.json`."""
    return write_text(folder / VERDICT_FILE, verdict_text(judgement))


def read_verdict(folder: Path) -> Judgement | None:
    """The judgement of a run folder; None where it was not judged, or by another version."""
    try:
        content = read_json(folder / VERDICT_FILE)
        if not isinstance(content, dict):
            return None
        content.pop("exit_code", None)
        # rules that an earlier version did not have are the usual ones
        content["gate"] = GateKeys.model_validate(content.get("gate")).model_dump(mode="json")
        return _JUDGEMENT.validate_json(json.dumps(content))
    except (OSError, ValueError):
        return None


def verdict_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `verdict.json`."""
    schema = _JUDGEMENT.json_schema(mode="serialization")
    schema["properties"]["exit_code"] = {"enum": [0, 1, 4], "description": "what `bench check` exits with"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "keras-bench verdict",
        "required": [*schema["required"], "exit_code"],
    }
