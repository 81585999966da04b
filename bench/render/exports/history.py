"""A history as JSON for other programs, with its schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

# pydantic reads these annotations when it makes an adapter, so they are imported for real.
from bench.analyse.history.changed import Changed  # noqa: TC001
from bench.analyse.history.story import Left, Quantity, Silence  # noqa: TC001
from bench.render.history import words

if TYPE_CHECKING:
    from bench.analyse.history.story import Change, SuiteHistory
    from bench.record.records import RunRecord

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """A run.

    Attributes:
        revision: Git revision in full; null where none was recorded.
        dirty: whether files differed from that revision; null where that is unknown.
    """

    run_id: str
    started_at: str
    revision: str | None
    dirty: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEntry:
    """A change of level.

    Attributes:
        quantity: `score` or `time`.
        call: whether it is for the better.
        last_run, first_run: the last run of the old level and the first of the new one.
        earliest_run, latest_run: the change lies after the first and not after the second, at 95 %.
        before, after: levels, in the unit of the score or in seconds.
        low, high: 95 % interval of after - before for a score, of after / before for a time.
        p: corrected for the places that the change could have.
        changed: what else the two runs recorded differently.
        text: the same in words.
    """

    quantity: Quantity
    call: words.Call
    last_run: str
    first_run: str
    earliest_run: str
    latest_run: str
    before: float
    after: float
    low: float
    high: float
    p: float
    changed: tuple[Changed, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CellEntry:
    """A cell.

    Attributes:
        runs: how many trained it, on the data of the last.
        changes: the oldest first.
        score_not_judged, time_not_judged: why a series was not judged; null where it was.
        left_out: runs that are left out, by reason.
    """

    cell_id: str
    runs: int
    changes: tuple[ChangeEntry, ...]
    score_not_judged: Silence | None
    time_not_judged: Silence | None
    left_out: Left


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDocument:
    """Changes of score and time over the runs of a suite.

    Attributes:
        score: by what the cells are ranked.
        error: how often a history without a change shows one, for scores and for times each.
        runs: that trained any of the cells, the oldest first.
        title: the finding in a sentence.
        notes: what was left out, in sentences.
    """

    version: int
    suite: str
    score: str
    higher_is_better: bool
    error: float
    title: str
    notes: tuple[str, ...]
    runs: tuple[RunEntry, ...]
    cells: tuple[CellEntry, ...]


_DOCUMENT = TypeAdapter(HistoryDocument)


def history_json(history: SuiteHistory, suite: str) -> str:
    """The document, indented by two spaces."""
    document = HistoryDocument(
        version=VERSION,
        suite=suite,
        score=history.score.name,
        higher_is_better=history.score.higher_is_better,
        error=history.error,
        title=words.title(history),
        notes=tuple(words.notes(history)),
        runs=tuple(_run(run) for run in history.runs),
        cells=tuple(
            CellEntry(
                cell_id=cell.cell_id,
                runs=cell.runs,
                changes=tuple(_change(change, history) for change in cell.changes),
                score_not_judged=cell.score_silence,
                time_not_judged=cell.time_silence,
                left_out=cell.left,
            )
            for cell in history.cells
        ),
    )
    return json.dumps(_DOCUMENT.dump_python(document, mode="json"), indent=2, ensure_ascii=True, allow_nan=False)


def history_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `bench history --format json`."""
    schema = _DOCUMENT.json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "keras-bench history"}


def _run(run: RunRecord) -> RunEntry:
    environment = run.environment
    return RunEntry(
        run_id=run.run_id,
        started_at=run.started_at,
        revision=(environment.git_revision or None) if environment else None,
        dirty=environment.git_dirty if environment else None,
    )


def _change(change: Change, history: SuiteHistory) -> ChangeEntry:
    ids = [run.run_id for run in history.runs]
    return ChangeEntry(
        quantity=change.quantity,
        call=words.call(change),
        last_run=ids[change.last],
        first_run=ids[change.first],
        earliest_run=ids[change.earliest],
        latest_run=ids[change.latest],
        before=change.before,
        after=change.after,
        low=change.interval.low,
        high=change.interval.high,
        p=change.p,
        changed=change.changed,
        text=words.sentence(change, history),
    )
