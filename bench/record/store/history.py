"""What earlier runs of a suite trained, read from the store."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from bench.core.score import ACCURACY
from bench.declare.cell import Cell
from bench.record import tables
from bench.record.history import PastTrial
from bench.record.integrity import Damage
from bench.record.records import Status
from bench.record.store.rows import RUN_COLUMNS, columns, read_run, trial_damage
from bench.record.store.trials import LATE

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

    from bench.core.score import Score
    from bench.record.records import RunRecord

_CELL = TypeAdapter(Cell)


def read_history(
    connection: Connection, run: RunRecord, most: int, damage: list[Damage], *, checked: bool
) -> tuple[PastTrial, ...]:
    """The trials of a run's cells that it and the runs of its suite before it trained, the oldest run first.

    Each trial is listed under the run that trained it, so what is reused appears once; cells count as the same where
    all that decides their training is. Trials that were not measured by the run's score are left out.

    Args:
        connection: to a store.
        run: the last one looked at.
        most: how many runs back, itself included.
        damage: gets the rows that cannot be read, which are left out.
        checked: whether the store has checksums.
    """
    links, rows, runs = tables.run_trials, tables.trials, tables.runs
    earlier = (
        select(*columns(runs, RUN_COLUMNS, checked=checked))
        .where(runs.c.suite_name == run.suite_name, runs.c.started_at <= run.started_at)
        .order_by(runs.c.started_at.desc(), runs.c.run_id.desc())
        .limit(most)
    )
    earlier_runs: dict[str, RunRecord] = {}
    for row in connection.execute(earlier).mappings():
        read = read_run(row)
        if read.damage is None:
            earlier_runs[row["run_id"]] = read.value
        else:
            damage.append(read.damage)
    cells = select(links.c.cell).where(links.c.run_id == run.run_id)
    known = {identity for cell in connection.execute(cells).scalars() if (identity := _identity(_text(cell)))}
    names = ("trial_id", "run_id", "seed", "accuracy", "train_time_s", "record")
    trained = (
        select(links.c.cell, links.c.run_id.label("trained_by"), *columns(rows, names, checked=checked))
        .select_from(links.join(rows))
        .where(
            links.c.reused.is_(False),
            rows.c.status.in_((Status.OK.value, LATE)),
            links.c.run_id.in_(list(earlier_runs)),
        )
        .order_by(links.c.run_id, links.c.position)
    )
    past = []
    for row in connection.execute(trained).mappings():
        identity = _identity(_text(row["cell"]))
        if identity is None or identity not in known:
            continue
        if wrong := trial_damage(row, names):
            damage.append(wrong)
            continue
        outcome = row["record"].get("outcome") if isinstance(row["record"], dict) else None
        if not isinstance(outcome, dict):
            damage.append(Damage(rows.name, row["trial_id"], ("record",), row["run_id"]))
            continue
        if (value := _value(row["accuracy"], outcome, run.score)) is not None:
            past.append(
                PastTrial(
                    run=earlier_runs[row["trained_by"]],
                    cell_id=identity[0],
                    seed=row["seed"],
                    score=value,
                    train_time_s=row["train_time_s"] if _counts(row["record"], run) else None,
                    test_images=_count(outcome.get("test_images")),
                    data=_string(outcome.get("data_sha256")),
                )
            )
    return tuple(sorted(past, key=lambda trial: trial.run.started_at))


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _counts(record: dict[str, Any], run: RunRecord) -> bool:
    """Whether the time of a stored trial may be compared with those of a run."""
    machine = record.get("machine", "")
    cell = record.get("cell")
    expected = run.machine_for(_string(cell.get("node_kind")) if isinstance(cell, dict) else "")
    return not record.get("contention") and (not machine or not run.machine or machine == expected)


def _value(accuracy: float | None, outcome: dict[str, Any], score: Score) -> float | None:
    """What a stored trial reached, without reading its whole record; as `Outcome.value` says."""
    if score.name == ACCURACY.name:
        return accuracy
    metrics = outcome.get("metrics")
    value = metrics.get(score.name) if isinstance(metrics, dict) else None
    return value if isinstance(value, (int, float)) else None


def _text(cell: object) -> str:
    """A cell's JSON as text; empty where the store is damaged."""
    return json.dumps(cell) if isinstance(cell, dict) else ""


@lru_cache(maxsize=32_768)
def _identity(cell: str) -> tuple[str, str] | None:
    """Id and fingerprint of a cell's JSON, which the runs of a suite mostly share; None where it is damaged."""
    try:
        read = _CELL.validate_json(cell)
    except ValidationError:
        return None
    return read.id, read.fingerprint()
