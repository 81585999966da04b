"""What a suite is ranked by follows what is predicted, and has to fit it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.core.errors import SuiteError
from bench.core.scores import SCORES
from bench.core.target import Target, Task, class_target
from bench.declare.judged import suite_score

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.declare.suite import Suite

DIGITS = class_target(tuple("0123456789"))
HOUSES = Target(Task.REGRESSION, ("price",))
TOPICS = Target(Task.MULTILABEL, ("news", "sport"))

Parsed = Callable[..., "Suite"] if TYPE_CHECKING else object


def suite(parsed: Parsed, keys: str = "") -> Suite:
    """A suite with some further keys."""
    return parsed(f'[suite]\nname = "s"\ndataset = "digits"\n{keys}\n[[grid]]\narchitecture = "softmax"')


@pytest.mark.parametrize(
    ("target", "name"),
    [(DIGITS, "accuracy"), (HOUSES, "mean_absolute_error"), (TOPICS, "f1_score")],
    ids=["classes", "values", "labels"],
)
def test_the_default_follows_the_task(parsed: Parsed, target: Target, name: str) -> None:
    """Where the suite names no score."""
    assert SCORES[name] == suite_score(suite(parsed), {"d": target})


def test_a_named_score_is_taken(parsed: Parsed) -> None:
    """For every data set of the suite; short names are the same ones."""
    assert SCORES["auc"] == suite_score(suite(parsed, 'score = "auc"'), {"digits": DIGITS, "topics": TOPICS})
    assert SCORES["root_mean_squared_error"] == suite_score(suite(parsed, 'score = "rmse"'), {"houses": HOUSES})


@pytest.mark.parametrize(("direction", "higher"), [("higher", True), ("lower", False)])
@pytest.mark.parametrize("target", [DIGITS, HOUSES, TOPICS], ids=["classes", "values", "labels"])
def test_a_score_of_one_s_own_judges_any_task(parsed: Parsed, target: Target, direction: str, *, higher: bool) -> None:
    """In the direction that stands beside it."""
    score = suite_score(suite(parsed, f'score = "own:good"\ndirection = "{direction}"'), {"d": target})
    assert ("own:good", higher) == (score.name, score.higher_is_better)


def test_a_score_that_cannot_judge_the_task_is_refused(parsed: Parsed) -> None:
    """With those that can."""
    with pytest.raises(SuiteError) as caught:
        suite_score(suite(parsed, 'score = "accuracy"'), {"houses": HOUSES})
    assert (
        "bench.toml: score names accuracy, but houses is a task of regression, which accuracy cannot judge."
        == caught.value.message
    )
    assert "mean_absolute_error" in caught.value.hint
    assert "balanced_accuracy" not in caught.value.hint


def test_numbers_that_may_be_classes_or_measured_are_told_how_to_be_the_other(parsed: Parsed) -> None:
    """Years and ratings are classes by their looks; classes by name are no measured values."""
    for target, score, wanted in [
        (class_target(("1999", "2000", "2001")), "mae", 'say task = "regression" in a table [datasets.NAME]'),
        (HOUSES, "accuracy", 'say task = "classes" in a table [datasets.NAME]'),
    ]:
        with pytest.raises(SuiteError) as caught:
            suite_score(suite(parsed, f'score = "{score}"'), {"d": target})
        assert wanted in caught.value.hint
    with pytest.raises(SuiteError) as caught:
        suite_score(suite(parsed, 'score = "mae"'), {"d": class_target(("cat", "dog"))})
    assert "task =" not in caught.value.hint


def test_a_metric_that_cannot_judge_the_task_is_refused(parsed: Parsed) -> None:
    """As the score is; one of the user's own is tried, and not judged by its name."""
    with pytest.raises(SuiteError, match="metrics names r2_score, but digits is a task of classes"):
        suite_score(suite(parsed, 'metrics = ["own:good", "r2_score"]'), {"digits": DIGITS})


def test_data_sets_of_two_defaults_cannot_share_a_suite(parsed: Parsed) -> None:
    """Cells that are ranked together are ranked by one score."""
    with pytest.raises(SuiteError) as caught:
        suite_score(suite(parsed), {"digits": DIGITS, "houses": HOUSES})
    assert (
        "bench.toml would be ranked by accuracy on digits and MAE on houses; a suite is ranked by one score."
        == caught.value.message
    )
    assert "Put data sets of different tasks into suites of their own." == caught.value.hint
