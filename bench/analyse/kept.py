"""Which seed of a cell has its model kept; the choice never is the best on the test set."""

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
"""Decimals of a distance: the two seeds next to a median are equally far from it, despite rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A trial of a cell that ended OK.

    Attributes:
        index: its place in the plan of its run.
        seed: of the training.
        score: on the test set, in the unit of the run's score.
        validation: its result on the examples held out, more is better; None where no example was held out.
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
    """The rule for a cell, and its candidates in the order of that rule, the lower seed first among equals.

    If every trial has a result on the examples held out, the best result is first. Else the score nearest to the median
    of the test scores is first: the best of several test scores would be an optimistic choice, and no estimate.

    Args:
        candidates: of one cell, at least one.
    """
    validations = [candidate.validation for candidate in candidates if candidate.validation is not None]
    if len(validations) == len(candidates):
        best_first = sorted(candidates, key=lambda candidate: (-(candidate.validation or 0.0), candidate.seed))
        return KeptBy.VALIDATION, tuple(best_first)
    median = statistics.median(candidate.score for candidate in candidates)
    distances = {candidate: round(abs(candidate.score - median), DIGITS) for candidate in candidates}
    nearest_first = sorted(candidates, key=lambda candidate: (distances[candidate], candidate.seed))
    return KeptBy.MEDIAN, tuple(nearest_first)
