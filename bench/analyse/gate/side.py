"""A cell of the baseline with what the runs brought for it, and what is read off its trials. Pure."""

from __future__ import annotations

import math
import statistics
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.intervals import sample
from bench.record.baseline import digest
from bench.record.records import Status
from bench.record.verdicts import CellVerdict, Seeds, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bench.declare.schema import GateKeys
    from bench.record.baseline import AcceptedCell
    from bench.record.records import RunResult, TrialRecord


@dataclass(frozen=True, slots=True)
class Side:
    """A cell of the baseline with what the runs brought for it.

    Attributes:
        looks: the trials of each look, none of them twice.
        promised: how many trials the runs had planned.
    """

    accepted: AcceptedCell
    looks: tuple[tuple[TrialRecord, ...], ...]
    promised: int
    margin: float

    @property
    def trials(self) -> tuple[TrialRecord, ...]:
        """All of them, in the order they were asked for."""
        return tuple(trial for look in self.looks for trial in look)

    def accuracies(self, looks: int) -> list[float]:
        """Of the first so many looks."""
        return [accuracy_of(trial) for look in self.looks[:looks] for trial in look]


def sides_of(cells: Sequence[AcceptedCell], results: Sequence[RunResult], gate: GateKeys) -> list[Side]:
    """Every cell with the trials of each look; a seed that came twice counts at its first look."""
    planned = Counter(cell_id for result in results for cell_id, _ in result.run.planned)
    trials: dict[str, list[dict[int, TrialRecord]]] = {cell.cell_id: [{} for _ in results] for cell in cells}
    for look, result in enumerate(results):
        for trial in result.trials:
            found = trials.get(trial.cell.id)
            if found is not None and not any(trial.seed in earlier for earlier in found[: look + 1]):
                found[look][trial.seed] = trial
    return [
        Side(
            cell,
            tuple(tuple(look.values()) for look in trials[cell.cell_id]),
            planned[cell.cell_id],
            margin_of(gate, cell.cell_id, cell.architecture),
        )
        for cell in cells
    ]


def margin_of(gate: GateKeys, cell_id: str, architecture: str) -> float:
    """The margin of a cell: its own, that of its architecture, or that of the suite."""
    return gate.margins.get(cell_id, gate.margins.get(architecture, gate.margin))


def accuracy_of(trial: TrialRecord) -> float:
    """A trial's accuracy; NaN where it has none."""
    accuracy = trial.outcome.accuracy
    return math.nan if accuracy is None else accuracy


def seeds_of(accuracies: Sequence[float]) -> Seeds:
    """Size, mean and deviation of a side, as a verdict holds them."""
    found = sample(list(accuracies))
    return Seeds(n=found.n, mean=found.mean, std=None if math.isnan(found.std) else found.std)


def data_sha256(trials: Sequence[TrialRecord], result: RunResult) -> str:
    """The data set that trials were made on, by what they recorded; by what the run obtained where none got so far."""
    recorded = [trial.outcome.data_sha256 for trial in trials if trial.outcome.data_sha256]
    if recorded:
        return recorded[0]
    known = {dataset.name: dataset.sha256 for dataset in result.run.datasets}
    return known.get(trials[0].cell.dataset_name, "") if trials else ""


def labels_of(trials: Sequence[TrialRecord], result: RunResult) -> tuple[NDArray[np.uint8], tuple[str, ...]] | None:
    """The true classes of the images that trials were tested on, and the classes' names; None where not stored."""
    data = data_sha256(trials, result)
    for dataset in result.run.datasets:
        if dataset.sha256 == data and dataset.labels is not None:
            return np.frombuffer(zlib.decompress(dataset.labels), dtype=np.uint8), dataset.classes
    return None


def uncontended_epoch_s(trial: TrialRecord) -> float | None:
    """The median seconds of an epoch; None where the trial did not end well or did not have the machine to itself."""
    times = [epoch.train_time_s for epoch in trial.outcome.epochs]
    return statistics.median(times) if times and trial.status is Status.OK and not trial.contention else None


def content_of(declared: dict[str, str], data: str) -> str:
    """Hash of what has to be the same for two acceptances of a cell to be compared."""
    return digest({"declared": declared, "data": data})


def verdict_of(side: Side, verdict: Verdict, reason: str) -> CellVerdict:
    """A verdict with both sides as they are."""
    ok = [accuracy_of(trial) for trial in side.trials if trial.status is Status.OK]
    finite = [value for value in ok if math.isfinite(value)]
    return CellVerdict(
        cell_id=side.accepted.cell_id,
        verdict=verdict,
        reason=reason,
        margin=side.margin,
        baseline=seeds_of([seed.accuracy for seed in side.accepted.seeds]),
        current=seeds_of(finite) if finite else None,
    )
