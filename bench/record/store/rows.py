"""Trials and runs to rows with checksums, and back; a row that is damaged is named and never half read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Float, Table, null

from bench.core.text import storable_text
from bench.declare.cell import Cell
from bench.record import tables
from bench.record.codec import run_from_json, run_to_json, trial_from_json, trial_to_json
from bench.record.integrity import CHECKS, Damage, damaged, sums
from bench.record.records import EpochRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, RowMapping

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
    outcome, record = trial.outcome, trial_to_json(trial)
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
    cell = trial_to_json(trial)["cell"]
    values = {"run_id": run_id, "position": position, "trial_id": trial.trial_id, "reused": reused, "cell": cell}
    return {**values, CHECKS: sums(values)}


def run_row(run: RunRecord) -> dict[str, Any]:
    """The columns of a run."""
    record = run_to_json(run)
    values = {
        "run_id": run.run_id,
        "suite_name": record["suite_name"],
        "started_at": run.started_at,
        "status": run.status.value,
        "record": record,
    }
    labelled = {f"{LABELS}{data.sha256[:16]}": data.sha256 for data in run.datasets if data.labels is not None}
    return {**values, CHECKS: sums({**values, **labelled})}


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
        StoreError: a newer version wrote it, or somebody edited it.
    """
    run_id = str(row["run_id"])
    if wrong := damaged(_picked(row, RUN_COLUMNS), row[CHECKS]):
        return Read(None, Damage("runs", run_id, wrong, run_id))
    return Read(run_from_json(row["record"], f"Run {run_id}"))


def read_trial(row: RowMapping, epochs: Sequence[Mapping[str, Any]], predictions: Any) -> Read:  # noqa: ANN401  whatever stands there
    """A trial from its row and those of its epochs and predictions.

    Args:
        row: with all columns of `trials`.
        epochs: in order, each with `EPOCH_COLUMNS`.
        predictions: bytes; None where there are none.

    Raises:
        StoreError: a newer version wrote it, or somebody edited it.
    """
    trial_id = str(row["trial_id"])
    values = {**_picked(row, TRIAL_COLUMNS), CURVE: _curve(epochs), PREDICTIONS: predictions}
    if wrong := damaged(values, row[CHECKS]):
        return Read(None, Damage("trials", trial_id, wrong, str(row["run_id"])))
    trial = trial_from_json(row["record"], f"Trial {trial_id}")
    curve = tuple(EpochRecord(**epoch) for epoch in epochs)
    return Read(replace(trial, outcome=replace(trial.outcome, predictions=predictions, epochs=curve)))


def trial_damage(row: RowMapping, names: Iterable[str]) -> Damage | None:
    """What is damaged of some of a trial's columns, its ids among them; None where these are sound."""
    wrong = damaged(_picked(row, names), row[CHECKS])
    return Damage("trials", str(row["trial_id"]), wrong, str(row["run_id"])) if wrong else None


def read_link(row: RowMapping) -> Read:
    """The cell of a trial's place in a run, as this run names it."""
    place = f"{row['run_id']} #{row['position']}"
    wrong = damaged(_picked(row, LINK_COLUMNS), row[CHECKS])
    try:
        if not wrong:
            return Read(_CELL.validate_python(row["cell"]))
    except ValidationError:
        wrong = ("cell",)
    return Read(None, Damage("run_trials", place, wrong, str(row["run_id"])))


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
