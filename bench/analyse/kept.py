"""Which seed of a cell its kept model is of; never the best on the test set."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.score import ACCURACY
from bench.record.records import KeptBy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.core.score import Score
    from bench.record.records import Outcome

DIGITS = 12
"""Decimals of a distance: two seeds beside a median are equally far from it, whatever the last bit says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A trial of a cell that ended OK.

    Attributes:
        index: its place in the plan of its run.
        seed: of the training.
        score: on the test set, in the unit of the run's score.
        validation: what it reached on the examples held out, more is better; None where none were.
    """

    index: int
    seed: int
    score: float
    validation: float | None = None


def candidate_of(index: int, seed: int, outcome: Outcome, score: Score) -> Candidate | None:
    """A trial as a candidate; None where it has no score."""
    value = outcome.value(score)
    if value is None:
        return None
    # the score of another name is not computed on the examples held out; their loss is
    accuracy, loss = outcome.validation_accuracy, outcome.validation_loss
    held_out = accuracy if score.name == ACCURACY.name else None if loss is None else -loss
    return Candidate(index=index, seed=seed, score=value, validation=held_out)


def preference(candidates: Sequence[Candidate]) -> tuple[KeptBy, tuple[Candidate, ...]]:
    """The rule for a cell, and its candidates by it, the one to keep first; of equals the lower seed is first.

    Where every trial has a figure of the examples held out, the best by it. Else the nearest to the median of the test
    scores: the best of several by the test set would be an optimistic choice, and its score no estimate.

    Args:
        candidates: of one cell, at least one.
    """
    validations = [candidate.validation for candidate in candidates if candidate.validation is not None]
    if len(validations) == len(candidates):
        return KeptBy.VALIDATION, tuple(sorted(candidates, key=lambda one: (-(one.validation or 0.0), one.seed)))
    median = statistics.median(candidate.score for candidate in candidates)
    return KeptBy.MEDIAN, tuple(sorted(candidates, key=lambda one: (round(abs(one.score - median), DIGITS), one.seed)))
