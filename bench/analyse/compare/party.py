"""One of the two that are compared, a run or a baseline, in the same form for both. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.analyse.gate.acceptance import accepted_cell
from bench.analyse.gate.mistakes import accepted_mistakes, mistakes_of
from bench.analyse.gate.side import Truth, has_value, truth_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.analyse.gate.mistakes import Mistakes
    from bench.core.score import Score
    from bench.record.baseline import Acceptance, AcceptedCell, Baseline
    from bench.record.records import RunRecord, RunResult, TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Trials of a cell that gave no score.

    Attributes:
        statuses: how many have each.
        reason: of the first of them that recorded one; empty for none.
    """

    trials: int
    statuses: tuple[tuple[str, int], ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSide:
    """A cell as one side has it.

    Attributes:
        cell: settings, hashes, and the seeds that have a score.
        engines: the engines that ran, without repetition.
        devices: what the devices call themselves, without repetition; empty where that was not kept.
        weights: digest of the final weights, by seed, where it was kept.
        trial_ids: of the trials that have a score, by seed; empty for a baseline, which does not keep them.
        failure: what went wrong; None where every trial has a score.
        mistakes: what its seeds get wrong together; None where that is not kept.
    """

    cell: AcceptedCell
    engines: tuple[str, ...]
    devices: tuple[str, ...] = ()
    weights: Mapping[int, str] = field(default_factory=dict)
    trial_ids: Mapping[int, str] = field(default_factory=dict, compare=False)
    failure: Failure | None = None
    mistakes: Mistakes | None = field(default=None, compare=False)

    @property
    def values(self) -> list[float]:
        """The score of each seed that has one."""
        return [seed.score for seed in self.cell.seeds]

    @property
    def trials(self) -> int:
        """How many there are, with those that gave no score."""
        return len(self.cell.seeds) + (self.failure.trials if self.failure else 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Party:
    """A run or a baseline.

    Attributes:
        run: the run; None for a baseline.
        acceptance: the one in force; None for a run.
        cells: by id, in the order of the plan.
        truths: what is true of the test examples, by SHA-256 of the data set, where it is at hand.
        score: what it was ranked by.
        planned: how many trials it was to have.
    """

    suite: str
    run: RunRecord | None
    acceptance: Acceptance | None
    cells: Mapping[str, CellSide]
    truths: Mapping[str, Truth]
    score: Score
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
        """How many of them gave no score."""
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
        truths={
            data.sha256: Truth(data.target.unpack(data.labels), data.target)
            for data in result.run.datasets
            if data.labels is not None
        },
        score=result.run.score,
        planned=max(len(result.run.planned), len(result.trials)),
    )


def party_of_baseline(baseline: Baseline) -> Party:
    """A baseline as a side of a comparison."""
    sides = {
        cell.cell_id: CellSide(
            cell=cell,
            engines=(cell.engine,),
            weights={seed.seed: seed.weights_digest for seed in cell.seeds if seed.weights_digest},
            mistakes=accepted_mistakes(cell),
        )
        for cell in baseline.cells
    }
    return Party(
        suite=baseline.suite,
        run=None,
        acceptance=baseline.last,
        cells=sides,
        truths={},
        score=baseline.score,
        planned=sum(side.trials for side in sides.values()),
    )


def _side(trials: Sequence[TrialRecord], result: RunResult) -> CellSide:
    score = result.run.score
    judged = [trial for trial in trials if has_value(trial, score)]
    truth = truth_of(trials, result)
    predictions = [trial.outcome.predictions for trial in judged if trial.outcome.predictions is not None]
    return CellSide(
        cell=accepted_cell(trials, result),
        engines=tuple(dict.fromkeys(trial.outcome.engine for trial in judged if trial.outcome.engine)),
        devices=tuple(
            dict.fromkeys(
                device.description for trial in judged if (device := trial.outcome.device) and device.description
            )
        ),
        weights={trial.seed: digest for trial in judged if (digest := trial.outcome.weights_digest)},
        trial_ids={trial.seed: trial.trial_id for trial in judged},
        failure=_failure([trial for trial in trials if not has_value(trial, score)]),
        # a baseline keeps less than a run has, so the predictions themselves are asked
        mistakes=mistakes_of(predictions, truth) if truth else None,
    )


def _failure(trials: Sequence[TrialRecord]) -> Failure | None:
    if not trials:
        return None
    statuses = Counter(str(trial.status) for trial in trials)
    return Failure(
        trials=len(trials),
        statuses=tuple(statuses.items()),
        reason=next((trial.reason for trial in trials if trial.reason), ""),
    )
