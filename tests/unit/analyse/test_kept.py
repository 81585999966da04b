"""Which seed's model a run keeps: the best by validation, else the nearest to the median; never the best by test."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.analyse.kept import Candidate, candidate_of, preference
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.record.records import KeptBy, Outcome

SCORES_OF_A_CELL = st.lists(st.floats(0, 1), min_size=1, max_size=9)


def candidates(scores, validations=None) -> list[Candidate]:
    """Seeds 0, 1, ... of a cell."""
    validations = validations or [None] * len(scores)
    return [
        Candidate(index=seed, seed=seed, score=score, validation=held_out)
        for seed, (score, held_out) in enumerate(zip(scores, validations, strict=True))
    ]


def test_validation_chooses_and_the_test_set_does_not():
    """Seed 1 is the best on the examples held out, seed 2 on the test set."""
    by, order = preference(candidates([0.8, 0.7, 0.9], [0.80, 0.95, 0.81]))
    assert (KeptBy.VALIDATION, [1, 2, 0]) == (by, [one.seed for one in order])


def test_without_validation_the_median_seed_is_kept():
    """Also where one trial alone has no figure of the examples held out."""
    by, order = preference(candidates([0.8, 0.7, 0.9], [0.80, None, 0.81]))
    assert (KeptBy.MEDIAN, 0) == (by, order[0].seed)
    by, order = preference(candidates([0.6, 0.9, 0.7, 0.8]))
    assert (KeptBy.MEDIAN, 2) == (by, order[0].seed)  # 0.7 and 0.8 are equally near to 0.75


@given(SCORES_OF_A_CELL)
def test_the_first_is_as_near_to_the_median_as_any(scores):
    """And the order holds every candidate once."""
    _, order = preference(candidates(scores))
    assert sorted(one.seed for one in order) == list(range(len(scores)))
    ranked = sorted(scores)
    middle = ranked[(len(ranked) - 1) // 2 : len(ranked) // 2 + 1]
    assert middle[0] - 1e-11 <= order[0].score <= middle[-1] + 1e-11


def test_what_is_held_out_is_judged_by_accuracy_or_by_loss():
    """A score of another name is not computed there; less loss is better."""
    outcome = Outcome(accuracy=0.9, validation_accuracy=0.8, validation_loss=0.3, metrics={"mean_absolute_error": 2.0})
    assert 0.8 == candidate_of(0, 0, outcome, ACCURACY).validation
    assert -0.3 == candidate_of(0, 0, outcome, SCORES["mean_absolute_error"]).validation
    assert candidate_of(0, 0, Outcome(), ACCURACY) is None
