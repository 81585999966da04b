"""A cell of the baseline with what the runs brought for it, and what is read off its trials. Pure.

This is the door between scores and gains. Trials, baselines and verdicts hold scores as they are, of which less may be
better; evidence and decisions are made of gains, of which more is always better. `gains` goes in, `Outward` comes out.
"""

from __future__ import annotations

import hashlib
import math
import statistics
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.configuration import canonical
from bench.analyse.intervals import sample
from bench.core.errors import NotJudgedError
from bench.core.score import ACCURACY
from bench.declare.margins import margin_of
from bench.record.baseline import digest
from bench.record.evidence import Seeds
from bench.record.records import Status
from bench.record.verdicts import CellVerdict, Grounds, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from bench.core.score import Score
    from bench.core.target import Target
    from bench.declare.schema import GateKeys
    from bench.record.baseline import AcceptedCell
    from bench.record.records import DatasetRecord, RunResult, TrialRecord


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is true of a test set.

    Attributes:
        y: (n,) class numbers, or (n, names), as `Target` stores them.
        target: what is predicted.
    """

    y: NDArray[Any]
    target: Target


@dataclass(frozen=True, slots=True)
class Side:
    """A cell of the baseline with what the runs brought for it.

    Attributes:
        looks: the trials of each look, none of them twice.
        promised: how many trials the runs had planned.
        margin: the largest accepted loss, in the score's unit.
        score: what the baseline is of.
    """

    accepted: AcceptedCell
    looks: tuple[tuple[TrialRecord, ...], ...]
    promised: int
    margin: float
    score: Score

    @property
    def trials(self) -> tuple[TrialRecord, ...]:
        """All of them, in the order they were asked for."""
        return tuple(trial for look in self.looks for trial in look)

    def values(self, looks: int) -> list[float]:
        """The scores of the first so many looks."""
        return [value_of(trial, self.score) for look in self.looks[:looks] for trial in look]

    @property
    def accepted_values(self) -> list[float]:
        """The scores of the accepted seeds."""
        return [seed.score for seed in self.accepted.seeds]

    @property
    def accepted_gains(self) -> dict[int, float]:
        """Of each accepted seed, more being better."""
        return {seed.seed: self.score.gain(seed.score) for seed in self.accepted.seeds}

    @property
    def gains(self) -> dict[int, tuple[int, float]]:
        """Of each current seed the look that brought it, 1 for the first, and its gain."""
        return {
            trial.seed: (number, self.score.gain(value_of(trial, self.score)))
            for number, look in enumerate(self.looks, start=1)
            for trial in look
        }

    @property
    def step(self) -> float:
        """The finest difference that the test set can show, in the unit of the score."""
        return step_of(self.accepted, self.score)


@dataclass(frozen=True, slots=True)
class Outward:
    """A difference of gains as one of scores: in the score's own sign, and within what its bounds allow."""

    value: float
    low: float
    high: float


def gains(score: Score, values: Iterable[float]) -> list[float]:
    """Scores as gains: more is better."""
    return [score.gain(value) for value in values]


def outward(score: Score, value: float, low: float, high: float) -> Outward:
    """A difference of gains and its bounds, as a difference of scores."""
    ends = sorted((score.gain(low), score.gain(high)))
    # no value lies beyond the score's bounds, so no difference goes further than they are apart
    low, high = max(-score.widest_gap, ends[0]), min(score.widest_gap, ends[1])
    return Outward(score.gain(value) + 0.0, low + 0.0, high + 0.0)


def sides_of(cells: Sequence[AcceptedCell], results: Sequence[RunResult], gate: GateKeys, score: Score) -> list[Side]:
    """Every cell with the trials of each look; a seed that came twice counts at its first look.

    Raises:
        NotJudgedError: the rules give a cell no margin.
    """
    planned = Counter(cell_id for result in results for cell_id, _ in result.run.planned)
    trials: dict[str, list[dict[int, TrialRecord]]] = {cell.cell_id: [{} for _ in results] for cell in cells}
    for look, result in enumerate(results):
        for trial in result.trials:
            looks = trials.get(trial.cell.id)
            if looks is not None and not any(trial.seed in earlier for earlier in looks[: look + 1]):
                looks[look][trial.seed] = trial
    return [
        Side(
            cell,
            tuple(tuple(look.values()) for look in trials[cell.cell_id]),
            planned[cell.cell_id],
            margin_in_force(gate, cell, score),
            score,
        )
        for cell in cells
    ]


def margin_in_force(gate: GateKeys, cell: AcceptedCell, score: Score) -> float:
    """The margin of an accepted cell.

    Raises:
        NotJudgedError: the rules give it none.
    """
    margin = margin_of(gate, cell.cell_id, cell.architecture, score)
    if margin is None:
        raise NotJudgedError(
            f"The baseline has no margin for {cell.cell_id}, and {score.heading} has no usual one.",
            hint=f"Write `margin = ...` in the unit of {score.heading} under [gate], and accept a run again.",
        )
    return margin


def step_of(cell: AcceptedCell, score: Score) -> float:
    """The finest difference that the test set of a cell can show, in the unit of the score."""
    return score.step(cell.images, statistics.fmean(seed.score for seed in cell.seeds))


def value_of(trial: TrialRecord, score: Score) -> float:
    """What a trial reached; NaN where it has no such value."""
    value = trial.outcome.value(score)
    return math.nan if value is None else value


def has_value(trial: TrialRecord, score: Score) -> bool:
    """Whether a trial ended well and reached a finite value."""
    return trial.status is Status.OK and math.isfinite(value_of(trial, score))


def same_score(first: Score, second: Score) -> bool:
    """Whether values of two scores can be compared: the same name, the same direction."""
    return (first.name, first.higher_is_better) == (second.name, second.higher_is_better)


def seeds_of(values: Sequence[float]) -> Seeds:
    """Size, mean and deviation of a side, as a verdict holds them."""
    seeds = sample(list(values))
    return Seeds(n=seeds.n, mean=seeds.mean, std=None if math.isnan(seeds.std) else seeds.std)


def data_sha256(trials: Sequence[TrialRecord], result: RunResult) -> str:
    """The data set that trials were made on, by what they recorded; by what the run obtained where none got so far."""
    recorded = [trial.outcome.data_sha256 for trial in trials if trial.outcome.data_sha256]
    if recorded:
        return recorded[0]
    known = {dataset.name: dataset.sha256 for dataset in result.run.datasets}
    return known.get(trials[0].cell.dataset_name, "") if trials else ""


def dataset_of(trials: Sequence[TrialRecord], result: RunResult) -> DatasetRecord | None:
    """The data set that trials were made on; None where the run does not hold it."""
    data = data_sha256(trials, result)
    return next((dataset for dataset in result.run.datasets if dataset.sha256 == data), None)


def truth_of(trials: Sequence[TrialRecord], result: RunResult) -> Truth | None:
    """What is true of the examples that trials were tested on; None where that is not stored."""
    dataset = dataset_of(trials, result)
    if dataset is None or dataset.labels is None:
        return None
    return Truth(dataset.target.unpack(dataset.labels), dataset.target)


def predictions_digest(trial: TrialRecord) -> str | None:
    """SHA-256 (hex) of what a trial predicted for every test example; None where that is not stored."""
    packed = trial.outcome.predictions
    try:
        # the same values may be compressed into other bytes by another version of zlib
        return None if packed is None else hashlib.sha256(zlib.decompress(packed)).hexdigest()
    except zlib.error:
        return None


def uncontended_epoch_s(trial: TrialRecord) -> float | None:
    """The median seconds of an epoch; None where the trial did not end well or did not have the machine to itself."""
    return trial.outcome.epoch_time_s if trial.status is Status.OK and not trial.contention else None


def content_of(cell: AcceptedCell, score: Score = ACCURACY) -> str:
    """Hash of what has to be the same for two acceptances of a cell to be compared; accuracy adds nothing to it."""
    what: dict[str, Mapping[str, str] | str] = {
        "declared": canonical(cell.declared, cell.task),
        "data": cell.data_sha256,
    }
    return digest(what if same_score(score, ACCURACY) else {**what, "score": f"{score.name}, {score.direction}"})


def verdict_of(side: Side, verdict: Verdict, grounds: Grounds) -> CellVerdict:
    """A verdict with both sides as they are."""
    values = [value_of(trial, side.score) for trial in side.trials if has_value(trial, side.score)]
    return CellVerdict(
        cell_id=side.accepted.cell_id,
        verdict=verdict,
        grounds=grounds,
        margin=side.margin,
        baseline=seeds_of([seed.score for seed in side.accepted.seeds]),
        current=seeds_of(values) if values else None,
    )
