"""`bench show --json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from bench.analyse.extent import only
from bench.analyse.structures import structure_of_cell

# pydantic reads these annotations when it makes a schema, so they are imported for real
from bench.record.measures import METRIC
from bench.record.records import Doubt, Status
from bench.render.documents.common import RunEntry, run_entry
from bench.render.documents.document import VERSION, number, plain

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from bench.record.records import RunResult, TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerEntry:
    """A layer of a cell's model, or what is left of a model of more than 200 layers.

    Attributes:
        name: in the model; in a nested model after the names of the models before it, with `/`.
        kind: its class; empty for what is left.
        outputs: the shape of each output without the batch; null for an axis that varies.
        parameters: numbers in its weights.
        trainable: of them, those that the training changes.
        layers: how many layers the entry stands for.
    """

    name: str
    kind: str
    outputs: tuple[tuple[int | None, ...], ...]
    parameters: int
    trainable: int
    layers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CellEntry:
    """A cell over its seeds. Fields are columns of `run.summary()`; `docs/report.md` explains them.

    Attributes:
        rank: 1 + the cells of its data set that are better by more than chance; null for a cell with one seed.
        seeds: trials, whatever became of them.
        n: of them, those with a result.
        timed: of those, the trials whose times count; the times are null where there is none.
        metrics: the mean of each further metric over the seeds.
        layers: of the model; empty where they were not recorded.
        other_layers: the seeds whose models have other layers.
    """

    cell_id: str
    architecture: str
    dataset: str
    device: str
    engine: str | None
    status: str
    rank: int | None
    seeds: int
    n: int
    score_mean: float | None
    score_std: float | None
    score_low: float | None
    score_high: float | None
    score_min: float | None
    score_max: float | None
    test_error: float | None
    error_low: float | None
    error_high: float | None
    validation_accuracy_mean: float | None
    timed: int
    contended: int
    train_time_median_s: float | None
    train_time_q1_s: float | None
    train_time_q3_s: float | None
    epoch_time_median_s: float | None
    total_time_median_s: float | None
    latency_median_s: float | None
    parameter_count: float | None
    peak_rss_bytes: float | None
    metrics: dict[str, float | None]
    layers: tuple[LayerEntry, ...]
    other_layers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEntry:
    """A trial, in the order of the plan. Most fields are columns of `run.trials()`.

    Attributes:
        trained_by: the run that trained it.
        reused: whether that is another run.
        reason: why it has no result, in words; empty for OK.
        score: what cells are ranked by; null unless OK.
        timing_contended: whether its times count in no statistic; `doubts` and `contention` say why.
        doubts: the reasons as codes; empty in records of earlier versions.
    """

    trial_id: str
    cell_id: str
    seed: int
    status: Status
    reason: str
    trained_by: str
    reused: bool
    score: float | None
    accuracy: float | None
    loss: float | None
    validation_accuracy: float | None
    engine: str | None
    backend: str
    epochs_trained: int | None
    train_time_s: float | None
    epoch_time_s: float | None
    total_time_s: float | None
    timing_contended: bool
    contention: str
    doubts: tuple[Doubt, ...]
    peak_rss_bytes: int | None
    weights_digest: str | None
    data_sha256: str | None
    started_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDocument:
    """A run with its cells and trials.

    Attributes:
        folder: where its files are; null where there is none here.
        cells: in the order of the plan.
    """

    run: RunEntry
    folder: str | None
    cells: tuple[CellEntry, ...]
    trials: tuple[TrialEntry, ...]
    version: int = VERSION


def show_document(
    result: RunResult, trials: pd.DataFrame, summary: pd.DataFrame, folder: Path | None, cell: str | None = None
) -> ShowDocument:
    """A run as a document.

    Args:
        result: the run.
        trials: its frame, a row per trial in the order of the result.
        summary: a row per cell.
        folder: of the run.
        cell: the id of the only cell to list; None for all.
    """
    ok = sum(trial.status is Status.OK for trial in result.trials)
    run = run_entry(result.run, str(result.run.status), len(result.trials), ok)
    if cell is not None:
        result, trials, summary = (
            only(result, {cell}), trials[trials["cell_id"] == cell], summary[summary["cell_id"] == cell]
        )  # fmt: skip
    rows = trials.to_dict("records")
    of_cell: dict[str, list[TrialRecord]] = {}
    for trial in result.trials:
        of_cell.setdefault(trial.cell.id, []).append(trial)
    return ShowDocument(
        run=run,
        folder=None if folder is None else str(folder),
        cells=tuple(_cell(row, of_cell[row["cell_id"]]) for row in summary.to_dict("records")),
        trials=tuple(_trial(row, trial) for row, trial in zip(rows, result.trials, strict=True)),
    )


def _cell(row: dict[Any, Any], trials: list[TrialRecord]) -> CellEntry:
    structure = structure_of_cell(trials)
    metrics = {
        str(name).removeprefix(METRIC): number(value) for name, value in row.items() if str(name).startswith(METRIC)
    }
    names = [field.name for field in fields(CellEntry) if field.name not in {"metrics", "layers", "other_layers"}]
    return CellEntry(
        metrics=metrics,
        layers=tuple(LayerEntry(**asdict(layer)) for layer in structure.layers),
        other_layers=structure.others,
        **{name: plain(row[name]) for name in names},
    )


def _trial(row: dict[Any, Any], trial: TrialRecord) -> TrialEntry:
    names = [field.name for field in fields(TrialEntry) if field.name not in {"status", "doubts"}]
    return TrialEntry(status=trial.status, doubts=trial.doubts, **{name: plain(row[name]) for name in names})
