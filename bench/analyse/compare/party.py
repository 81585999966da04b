"""One of the two that are compared, a run or a baseline, in the same form for both. Pure."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.acceptance import accepted_cell
from bench.analyse.gate.side import accuracy_of
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from bench.record.baseline import Acceptance, AcceptedCell, Baseline
    from bench.record.records import RunRecord, RunResult, TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labels:
    """The truth about a test set.

    Attributes:
        classes: (images,) uint8, the true class of each image.
        names: of the classes, by number.
    """

    classes: NDArray[np.uint8]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Trials of a cell that gave no accuracy.

    Attributes:
        statuses: `2 FAILED, 1 DIVERGED`.
        reason: of the first of them.
    """

    trials: int
    statuses: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSide:
    """A cell as one side has it.

    Attributes:
        cell: settings, hashes, votes, and the seeds that have an accuracy.
        engines: the engines that ran, without repetition.
        devices: what the devices call themselves, without repetition; empty where that was not kept.
        weights: digest of the final weights, by seed, where it was kept.
        failure: what went wrong; None where every trial has an accuracy.
    """

    cell: AcceptedCell
    engines: tuple[str, ...]
    devices: tuple[str, ...] = ()
    weights: Mapping[int, str] = field(default_factory=dict)
    failure: Failure | None = None

    @property
    def accuracies(self) -> list[float]:
        """A fraction per seed that has one."""
        return [seed.accuracy for seed in self.cell.seeds]

    @property
    def trials(self) -> int:
        """How many there are, with those that gave no accuracy."""
        return len(self.cell.seeds) + (self.failure.trials if self.failure else 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Party:
    """A run or a baseline.

    Attributes:
        run: the run; None for a baseline.
        acceptance: the one in force; None for a run.
        cells: by id, in the order of the plan.
        labels: by SHA-256 of the data set, where they are at hand.
        planned: how many trials it was to have.
    """

    suite: str
    run: RunRecord | None
    acceptance: Acceptance | None
    cells: Mapping[str, CellSide]
    labels: Mapping[str, Labels]
    planned: int

    @property
    def run_id(self) -> str:
        """The run that it is, or that was accepted."""
        return self.run.run_id if self.run else self.acceptance.run_id if self.acceptance else ""

    @property
    def trials(self) -> int:
        """How many there are."""
        return sum(side.trials for side in self.cells.values())

    @property
    def failures(self) -> int:
        """How many of them gave no accuracy."""
        return sum(side.failure.trials for side in self.cells.values() if side.failure)


def party_of_run(result: RunResult) -> Party:
    """A run as a side of a comparison, whatever became of its trials."""
    by_cell: dict[str, list[TrialRecord]] = {}
    for trial in result.trials:
        by_cell.setdefault(trial.cell.id, []).append(trial)
    return Party(
        suite=result.run.suite_name,
        run=result.run,
        acceptance=None,
        cells={cell_id: _side(trials, result) for cell_id, trials in by_cell.items()},
        labels={
            data.sha256: Labels(
                classes=np.frombuffer(zlib.decompress(data.labels), dtype=np.uint8), names=tuple(data.classes)
            )
            for data in result.run.datasets
            if data.labels is not None
        },
        planned=max(len(result.run.planned), len(result.trials)),
    )


def party_of_baseline(baseline: Baseline) -> Party:
    """A baseline as a side of a comparison."""
    sides = {
        cell.cell_id: CellSide(
            cell=cell,
            engines=(cell.engine,),
            weights={seed.seed: seed.weights_digest for seed in cell.seeds if seed.weights_digest},
        )
        for cell in baseline.cells
    }
    return Party(
        suite=baseline.suite,
        run=None,
        acceptance=baseline.last,
        cells=sides,
        labels={},
        planned=sum(side.trials for side in sides.values()),
    )


def _side(trials: Sequence[TrialRecord], result: RunResult) -> CellSide:
    judged = [trial for trial in trials if _has_accuracy(trial)]
    return CellSide(
        cell=accepted_cell(trials, result),
        engines=tuple(dict.fromkeys(trial.outcome.engine for trial in judged if trial.outcome.engine)),
        devices=tuple(
            dict.fromkeys(
                device.description for trial in judged if (device := trial.outcome.device) and device.description
            )
        ),
        weights={trial.seed: digest for trial in judged if (digest := trial.outcome.weights_digest)},
        failure=_failure([trial for trial in trials if not _has_accuracy(trial)]),
    )


def _has_accuracy(trial: TrialRecord) -> bool:
    return trial.status is Status.OK and math.isfinite(accuracy_of(trial))


def _failure(trials: Sequence[TrialRecord]) -> Failure | None:
    if not trials:
        return None
    statuses = Counter(str(trial.status) for trial in trials)
    return Failure(
        trials=len(trials),
        statuses=", ".join(f"{number} {status}" for status, number in statuses.items()),
        reason=next((trial.reason for trial in trials if trial.reason), "its accuracy is no number"),
    )
