"""What the index of a reports folder says of each run, and the file that keeps it.

`index.json` is a cache: an entry is valid while the run's files have the size and the time that it was made from.
Without the file every `run.json` is read again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from bench.core.documents import read_json
from bench.core.files import write_text

# pydantic reads these annotations when it makes an adapter, so they are imported for real
from bench.core.score import Score  # noqa: TC001
from bench.record.records import RunStatus  # noqa: TC001
from bench.record.verdicts import Verdict  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

INDEX_FILE, INDEX_VERSION = "index.json", 1
VALUE = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class BestCell:
    """The cell with the best mean score of a run.

    Attributes:
        mean: of the score over its OK trials, in the score's unit.
        seeds: how many OK trials it has.
        train_time_s: mean seconds of training of those whose times count; None where none does.
    """

    cell_id: str
    mean: float
    seeds: int
    train_time_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class RunEntry:
    """A run in the index.

    Attributes:
        follows: the run that this one brought more seeds for; empty for a run of its own.
        revision: of the user's repository; empty where it was not recorded.
        dirty: whether that repository had changes that were not committed.
        cells: that the run shows.
        planned: trials that the suite asks for.
        ok: trials with a score.
        best: None where no trial is OK.
        verdicts: how many cells of the last check have each verdict, the worst first; empty where it was not checked.
        exit_code: of that check; None where it was not checked.
        notices: how many things its reader must know before any number.
    """

    run_id: str
    suite: str
    started_at: str
    status: RunStatus
    score: Score
    wall_time_s: float | None = None
    follows: str = ""
    revision: str = ""
    dirty: bool = False
    cells: int = 0
    planned: int = 0
    ok: int = 0
    best: BestCell | None = None
    verdicts: tuple[tuple[Verdict, int], ...] = ()
    exit_code: int | None = None
    notices: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class Kept:
    """An entry with what it was made from.

    Attributes:
        stamp: size in bytes and time of the last change in microseconds, of `run.json` and then of `verdict.json`;
            zeros for a file that is not there.
    """

    stamp: tuple[int, int, int, int]
    entry: RunEntry


_KEPT = TypeAdapter(dict[str, Kept])


def read_index(reports: Path) -> dict[str, Kept]:
    """The entries that were kept, by folder relative to `reports`; empty where there are none that can be read."""
    try:
        content = read_json(reports / INDEX_FILE)
        if not isinstance(content, dict) or content.get("version") != INDEX_VERSION:
            return {}
        return _KEPT.validate_json(json.dumps(content.get("runs")))
    except (OSError, ValueError, ValidationError):
        return {}


def write_index(reports: Path, kept: Mapping[str, Kept]) -> Path:
    """Keep the entries.

    Raises:
        OutputError: the file cannot be written.
    """
    content = {"version": INDEX_VERSION, "runs": _KEPT.dump_python(dict(kept), mode="json")}
    return write_text(reports / INDEX_FILE, json.dumps(content, allow_nan=False) + "\n")
