"""Trials and runs to rows with checksums, and back; a row that is damaged is named and never half read."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Boolean, Float, Integer, String, Table, null

from bench.core.documents import is_figure
from bench.core.text import storable_text
from bench.declare.cell import Cell
from bench.record import tables
from bench.record.checks import problem_of_run, problem_of_trial
from bench.record.codec import UnreadableError, run_from_json, run_to_json, trial_from_json, trial_to_json
from bench.record.integrity import CHECKS, Damage, Unreadable, damaged, sums
from bench.record.records import EpochRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, RowMapping

    from bench.record.records import RunRecord, TrialRecord

CURVE, PREDICTIONS = "curve", "predictions"
"""What the checksums of a trial cover beside its own columns: its rows in `epochs` and in `predictions`."""

LABELS = "labels:"
"""How the checksums begin that a run has for each of its data sets with true values: their rows are in `labels`."""

EPOCH_COLUMNS = tuple(column.name for column in tables.epochs.columns if column.name != "trial_id")
TRIAL_COLUMNS = tuple(column.name for column in tables.trials.columns if column.name != CHECKS)
LINK_COLUMNS = tuple(column.name for column in tables.run_trials.columns if column.name != CHECKS)
RUN_COLUMNS = tuple(column.name for column in tables.runs.columns if column.name != CHECKS)

_CELL = TypeAdapter(Cell)


@dataclass(frozen=True, slots=True)
class Read:
    """What came of reading a row: a value, or the damage that prevents it."""

    value: Any
    damage: Damage | None = None


def columns(table: Table, names: Iterable[str], *, checked: bool) -> list[ColumnElement[Any]]:
    """The columns to select for a row and its checksums.

    Args:
        table: the table.
        names: of its columns.
        checked: whether the store has checksums at all; those of earlier versions have none.
    """
    checks: ColumnElement[Any] = table.c[CHECKS] if checked else null().label(CHECKS)
    return [*(table.c[name] for name in names), checks]


def trial_row(trial: TrialRecord, status: str) -> dict[str, Any]:
    """The columns of a trial.

    Args:
        trial: the record.
        status: what the column `status` says, which the record's own may differ from.
    """
    outcome, record = trial.outcome, finite(trial_to_json(trial))
    record["outcome"]["epochs"] = []  # they have a table of their own
    values = _as_kept(
        tables.trials,
        {
            "trial_id": trial.trial_id,
            "key": trial.key,
            "run_id": trial.run_id,
            "cell_id": storable_text(trial.cell.id),
            "seed": trial.seed,
            "status": status,
            "accuracy": outcome.accuracy,
            "train_time_s": outcome.phases.train_time_s,
            "total_time_s": outcome.phases.total_time_s,
            "epochs": trial.cell.settings.epochs,
            "started_at": trial.started_at,
            "record": record,
        },
    )
    covered = {**values, CURVE: _curve(epoch_rows(trial)), PREDICTIONS: outcome.predictions}
    return {**values, CHECKS: sums(covered)}


def epoch_rows(trial: TrialRecord) -> list[dict[str, Any]]:
    """The rows of a trial's epochs, in order."""
    return [
        _as_kept(tables.epochs, {name: getattr(epoch, name) for name in EPOCH_COLUMNS})
        for epoch in trial.outcome.epochs
    ]


def link_row(run_id: str, trial: TrialRecord, position: int, *, reused: bool) -> dict[str, Any]:
    """The columns of a trial's place in a run."""
    cell = finite(trial_to_json(trial)["cell"])
    values = {"run_id": run_id, "position": position, "trial_id": trial.trial_id, "reused": reused, "cell": cell}
    return {**values, CHECKS: sums(values)}


def run_row(run: RunRecord) -> dict[str, Any]:
    """The columns of a run."""
    record = finite(run_to_json(run))
    values = {
        "run_id": run.run_id,
        "suite_name": record["suite_name"],
        "started_at": run.started_at,
        "status": run.status.value,
        "record": record,
    }
    labelled = {f"{LABELS}{data.sha256[:16]}": data.sha256 for data in run.datasets if data.labels is not None}
    return {**values, CHECKS: sums({**values, **labelled})}


def finite(value: Any) -> Any:  # noqa: ANN401  JSON values
    """JSON values in which NaN and the infinities, which JSON does not have and servers refuse, are null."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return _finite(value)
    return value


def unlabelled(run: RunRecord, checks: object) -> tuple[str, ...]:
    """The SHA-256 of the data sets whose true values the store had when it got the run, and has no more.

    Args:
        run: with the true values that were found.
        checks: of its row.
    """
    names = {part.partition("=")[0] for part in str(checks).split(" ")}
    gone = (data.sha256 for data in run.datasets if data.labels is None)
    return tuple(sha256 for sha256 in gone if f"{LABELS}{sha256[:16]}" in names)


def read_run(row: RowMapping) -> Read:
    """A run from its row.

    Raises:
        StoreError: a newer version wrote it.
    """
    run_id = str(row["run_id"])
    wrong = _wrong(tables.runs, _picked(row, RUN_COLUMNS), row[CHECKS])
    try:
        if not wrong:
            run = run_from_json(row["record"], f"Run {run_id}")
            # what has no checksums may hold anything
            if row[CHECKS] is not None or not problem_of_run(run):
                return Read(run)
    except UnreadableError:
        pass
    return Read(None, Damage("runs", run_id, wrong or ("record",), run_id))


def read_trial(row: RowMapping, epochs: Sequence[Mapping[str, Any]], predictions: Any) -> Read:  # noqa: ANN401  whatever stands there
    """A trial from its row and those of its epochs and predictions.

    Args:
        row: with all columns of `trials`.
        epochs: in order, each with `EPOCH_COLUMNS`.
        predictions: bytes; None where there are none.

    Raises:
        StoreError: a newer version wrote it.
    """
    trial_id, checks = str(row["trial_id"]), row[CHECKS]
    values, curve = _picked(row, TRIAL_COLUMNS), {CURVE: _curve(epochs), PREDICTIONS: predictions}
    wrong = damaged({**values, **curve}, checks)
    if checks is None:
        wrong += of_wrong_kind(tables.trials, values)
        wrong += (CURVE,) if any(of_wrong_kind(tables.epochs, epoch) for epoch in epochs) else ()
    try:
        if not wrong:
            trial = trial_from_json(row["record"], f"Trial {trial_id}")
            outcome = replace(
                trial.outcome, predictions=predictions, epochs=tuple(EpochRecord(**epoch) for epoch in epochs)
            )
            trial = replace(trial, outcome=outcome)
            if checks is not None or not problem_of_trial(trial):
                return Read(trial)
    except UnreadableError:
        pass
    return Read(None, Damage("trials", trial_id, wrong or ("record",), str(row["run_id"])))


def trial_damage(row: RowMapping, names: Iterable[str]) -> Damage | None:
    """What is damaged of some of a trial's columns, its ids among them; None where these are sound."""
    wrong = _wrong(tables.trials, _picked(row, names), row[CHECKS])
    return Damage("trials", str(row["trial_id"]), wrong, str(row["run_id"])) if wrong else None


def read_link(row: RowMapping) -> Read:
    """The cell of a trial's place in a run, as this run names it."""
    place = f"{row['run_id']} #{row['position']}"
    wrong = _wrong(tables.run_trials, _picked(row, LINK_COLUMNS), row[CHECKS])
    try:
        if not wrong:
            return Read(_CELL.validate_python(row["cell"]))
    except ValidationError:
        wrong = ("cell",)
    return Read(None, Damage("run_trials", place, wrong, str(row["run_id"])))


def of_wrong_kind(table: Table, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns whose values are of another kind than the table keeps there; SQLite would keep any."""
    return tuple(name for name, value in values.items() if not _is_of_kind(table.c[name], value))


def _is_of_kind(column: Column[Any], value: object) -> bool:
    if value is None:
        return bool(column.nullable)
    match column.type:
        case Boolean() | Integer():
            return isinstance(value, int)
        case Float():
            return isinstance(value, (int, float)) and is_figure(value)
        case String():
            return isinstance(value, str)
    return not isinstance(value, Unreadable)


def _finite(value: Any) -> Any:  # noqa: ANN401  JSON values
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value


def _wrong(table: Table, values: Mapping[str, Any], checks: object) -> tuple[str, ...]:
    """The columns of a row that are damaged: by its checksums, and where it has none by the kinds of its values."""
    wrong = damaged(values, checks)
    return wrong or (of_wrong_kind(table, values) if checks is None else ())


def _picked(row: RowMapping, names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _curve(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    return [[row[name] for name in EPOCH_COLUMNS] for row in rows]


def _as_kept(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """Values as they come back from the database: a column of floats has no whole numbers."""
    return {
        name: float(value) if isinstance(value, int) and isinstance(table.c[name].type, Float) else value
        for name, value in values.items()
    }
