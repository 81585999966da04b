"""What earlier runs of a suite reached, as far as it can be compared with a run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from sqlalchemy import select

from bench.core.score import ACCURACY
from bench.declare.cell import Cell
from bench.record import tables
from bench.record.codec import run_from_json
from bench.record.records import RunRecord, Status

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

    from bench.core.score import Score

_CELL = TypeAdapter(Cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTrial:
    """What is left to say of an OK trial when later runs are looked at.

    Attributes:
        run: the run that trained it.
        score: what it reached, by the score of the run that is looked at.
        train_time_s: None where others were at work on the machine, or it is another one than that of the last run.
        test_images: examples it was tested on; 0 where that is not recorded.
    """

    run: RunRecord
    cell_id: str
    seed: int
    score: float
    train_time_s: float | None
    test_images: int = 0


def read_history(connection: Connection, run: RunRecord, most: int) -> tuple[PastTrial, ...]:
    """The trials of a run's cells that it and the runs of its suite before it trained, the oldest run first.

    Each trial is listed under the run that trained it, so what is reused appears once; cells count as the same where
    all that decides their training is. Trials that were not measured by the run's score are left out.

    Args:
        connection: to a store.
        run: the last one looked at.
        most: how many runs back, itself included.
    """
    links, rows, runs = tables.run_trials, tables.trials, tables.runs
    earlier = (
        select(runs.c.run_id, runs.c.record)
        .where(runs.c.suite_name == run.suite_name, runs.c.started_at <= run.started_at)
        .order_by(runs.c.started_at.desc(), runs.c.run_id.desc())
        .limit(most)
    )
    found = {row.run_id: run_from_json(row.record, f"Run {row.run_id}") for row in connection.execute(earlier)}
    shown = select(links.c.cell).where(links.c.run_id == run.run_id)
    known = {_identity(json.dumps(cell)) for cell in connection.execute(shown).scalars()}
    trained = (
        select(links.c.run_id, links.c.cell, rows.c.seed, rows.c.accuracy, rows.c.train_time_s, rows.c.record)
        .select_from(links.join(rows))
        .where(links.c.reused.is_(False), rows.c.status == Status.OK.value, links.c.run_id.in_(list(found)))
        .order_by(links.c.run_id, links.c.position)
    )
    past = [
        PastTrial(
            run=found[row.run_id],
            cell_id=identity[0],
            seed=row.seed,
            score=value,
            train_time_s=row.train_time_s if _counts(row.record, run) else None,
            test_images=row.record["outcome"].get("test_images") or 0,
        )
        for row in connection.execute(trained)
        if (identity := _identity(json.dumps(row.cell))) in known
        and (value := _value(row.accuracy, row.record, run.score)) is not None
    ]
    return tuple(sorted(past, key=lambda trial: trial.run.started_at))


def _counts(record: dict[str, Any], run: RunRecord) -> bool:
    """Whether the time of a stored trial may be compared with those of a run."""
    machine = record.get("machine", "")
    return not record.get("contention") and (not machine or not run.machine or machine == run.machine)


def _value(accuracy: float | None, record: dict[str, Any], score: Score) -> float | None:
    """What a stored trial reached, without reading its whole record; as `Outcome.value` says."""
    if score.name == ACCURACY.name:
        return accuracy
    return record["outcome"].get("metrics", {}).get(score.name)  # type: ignore[no-any-return]


@lru_cache(maxsize=4096)
def _identity(cell: str) -> tuple[str, str]:
    """Id and fingerprint of a cell's JSON; the runs of a suite mostly hold the same ones."""
    read = _CELL.validate_json(cell)
    return read.id, read.fingerprint()
