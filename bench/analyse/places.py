"""The same network in several places: on several backends, devices, or kinds of node. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from bench.analyse.equivalence import Equivalence, Sides, equivalences
from bench.analyse.gate.pace import FEWEST, Ratio, ratio_of_times
from bench.analyse.gate.side import uncontended_epoch_s
from bench.analyse.intervals import score_sample
from bench.analyse.networks import AXES, alike
from bench.declare.margins import margin_of
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.analyse.networks import Axis
    from bench.core.score import Score
    from bench.declare.cell import Cell
    from bench.declare.schema import GateKeys
    from bench.record.records import TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A cell in one of the places.

    Attributes:
        place: its backend, device or kind of node.
        scores: by seed, of the trials that ended well.
        mean: of the scores; NaN for none.
        epoch_s: seconds of an epoch, the median of the trials that ran alone; None where none did.
    """

    cell: Cell
    place: str
    scores: dict[int, float]
    mean: float
    epoch_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """A cell beside its reference.

    Attributes:
        score: of the other less the reference.
        margin: of the reference, in the unit of the score; None where there is none.
        ratio: time of an epoch over the reference's; None where a side has fewer than three times.
        follows: whether it was trained with the initial weights and the order of the reference.
        identical: whether every seed has the very same score on both sides.
        same_inputs: whether the same was done to the inputs of both, as far as records say.
    """

    side: Side
    score: Equivalence
    margin: float | None
    ratio: Ratio | None
    follows: bool
    same_inputs: bool
    identical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One network with its settings, in several places.

    Attributes:
        reference: in the first of the places.
        others: in each of the others, in the order of the suite.
    """

    reference: Side
    others: tuple[Versus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The networks that a data set has in several places.

    Attributes:
        axis: what they differ in.
        places: the reference's first.
        ratios: by place, time of an epoch over the reference's, the geometric mean of the networks that have a ratio;
            None for none.
    """

    axis: Axis
    dataset: str
    places: tuple[str, ...]
    networks: tuple[Compared, ...]
    ratios: dict[str, Ratio | None]


def places(trials: Iterable[TrialRecord], score: Score, gate: GateKeys) -> tuple[Places, ...]:
    """All comparisons of a run; what they say has one error rate together.

    Args:
        trials: of the run, in the order of its plan.
        score: of the run.
        gate: whose margins count.
    """
    by_cell: dict[str, list[TrialRecord]] = {}
    for trial in trials:
        by_cell.setdefault(trial.cell.id, []).append(trial)
    groups = [(axis, group) for axis in AXES for group in _groups(by_cell, axis)]
    questions = [_question(first, other, score, gate) for _, (first, *others) in groups for other in others]
    answers = iter(zip(questions, equivalences(questions), strict=True))
    tables: dict[tuple[Axis, str, str], list[list[list[TrialRecord]]]] = {}
    networks: dict[tuple[Axis, str, str], list[Compared]] = {}
    for axis, group in groups:
        first, *rest = group
        key = axis, first[0].cell.dataset_name, _place(first[0].cell, axis)
        others = tuple(_versus(axis, first, other, *next(answers), score=score) for other in rest)
        tables.setdefault(key, []).append(group)
        networks.setdefault(key, []).append(Compared(reference=_side(first, axis, score), others=others))
    return tuple(_places(key, group, tuple(networks[key])) for key, group in tables.items())


def time_ratio(first: Sequence[TrialRecord], other: Sequence[TrialRecord]) -> Ratio | None:
    """Time of an epoch of one cell over that of another.

    Returns:
        None where a side has fewer than three times, or they are of several machines.
    """
    pair = _pair_of_times(first, other)
    return ratio_of_times([pair]) if pair else None


def _places(
    key: tuple[Axis, str, str], groups: Sequence[Sequence[Sequence[TrialRecord]]], networks: tuple[Compared, ...]
) -> Places:
    axis, dataset, place = key
    times: dict[str, list[tuple[list[float], list[float]]]] = {}
    for first, *rest in groups:
        for other in rest:
            pairs = times.setdefault(_place(other[0].cell, axis), [])
            pairs += [pair] if (pair := _pair_of_times(first, other)) else []
    ratios = {other: ratio_of_times(pairs) if pairs else None for other, pairs in times.items()}
    return Places(axis=axis, dataset=dataset, places=(place, *times), networks=networks, ratios=ratios)


def _versus(
    axis: Axis,
    first: Sequence[TrialRecord],
    other: Sequence[TrialRecord],
    question: Sides,
    answer: Equivalence,
    *,
    score: Score,
) -> Versus:
    return Versus(
        side=_side(other, axis, score),
        score=answer,
        margin=question.margin,
        ratio=time_ratio(first, other),
        follows=other[0].cell.follows == first[0].cell.backend,
        identical=bool(question.first) and question.first == question.second,
        same_inputs=_inputs(first) == _inputs(other),
    )


def _groups(by_cell: dict[str, list[TrialRecord]], axis: Axis) -> list[list[list[TrialRecord]]]:
    """The cells that differ by their backend, device or kind of node alone, each with its trials."""
    if len({_place(trials[0].cell, axis) for trials in by_cell.values()}) == 1:
        return []
    # cells of several backends follow the first of them, and those of several devices the same backend
    groups = alike((trials[0].cell for trials in by_cell.values()), [axis])
    return [[by_cell[cell.id] for cell in group] for group in groups if len(group) > 1]


def _place(cell: Cell, axis: Axis) -> str:
    return {"backend": cell.backend, "device": cell.device, "kind": cell.node_kind}[axis]


def _scores(trials: Sequence[TrialRecord], score: Score) -> dict[int, float]:
    known = ((trial.seed, trial.outcome.value(score)) for trial in trials if trial.status is Status.OK)
    return {seed: value for seed, value in known if value is not None}


def _side(trials: Sequence[TrialRecord], axis: Axis, score: Score) -> Side:
    cell, scores, times = trials[0].cell, _scores(trials, score), _times(trials)
    return Side(
        cell=cell,
        place=_place(cell, axis),
        scores=scores,
        mean=score_sample(list(scores.values()), score, 0).mean,
        epoch_s=median(times) if times else None,
    )


def _question(reference: Sequence[TrialRecord], other: Sequence[TrialRecord], score: Score, gate: GateKeys) -> Sides:
    cell = reference[0].cell
    values = [_scores(side, score) for side in (reference, other)]
    examples = max((trial.outcome.test_images or 0 for trial in (*reference, *other)), default=0)
    step = score_sample([*values[0].values(), *values[1].values()], score, examples).step
    return Sides(
        first=values[0], second=values[1], margin=margin_of(gate, cell.id, cell.architecture, score), step=step
    )


def _times(trials: Sequence[TrialRecord]) -> list[float]:
    return [time for trial in trials if (time := uncontended_epoch_s(trial))]


def _pair_of_times(
    reference: Sequence[TrialRecord], other: Sequence[TrialRecord]
) -> tuple[list[float], list[float]] | None:
    """The times of both, where there are enough and all are of one machine."""
    before, now = _times(reference), _times(other)
    machines = {trial.machine for trial in (*reference, *other) if uncontended_epoch_s(trial)}
    return (before, now) if min(len(before), len(now)) >= FEWEST and len(machines) == 1 else None


def _inputs(trials: Sequence[TrialRecord]) -> object:
    """What was done to the inputs; what was looked for in the model beforehand is no part of it."""
    known = next((trial.outcome for trial in trials if trial.status is Status.OK), None)
    if known is None:
        return None
    records = {**known.several_inputs, **({"": known.inputs} if known.inputs else {})}
    return {name: (record.offset, record.divisor) for name, record in records.items()}
