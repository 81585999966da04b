"""A score says its direction, keeps its bounds, and prints its own values and differences."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core.score import ACCURACY, Score
from bench.core.scores import DEFAULTS, OF_ONE_CLASS, SCORES, own_score
from bench.core.target import Task

AUC, MAE, R2 = SCORES["auc"], SCORES["mean_absolute_error"], SCORES["r2_score"]
FREE = own_score("my_scores:profit_per_case", higher_is_better=True)


@pytest.mark.parametrize(
    ("score", "value", "expected"),
    [
        (ACCURACY, 0.98123, "98.12 %"),
        (AUC, 0.98123, "0.9812"),
        (MAE, 41.234, "41.23"),
        (MAE, 40.0, "40.00"),
        (MAE, 0.5, "0.5000"),
        (R2, -0.5, "-0.5000"),
        (ACCURACY, None, "-"),
        (MAE, math.nan, "-"),
    ],
)
def test_a_value_is_printed_in_the_score_s_own_form(score: Score, value: float | None, expected: str) -> None:
    """A fraction in percent, an area with four places, a number in four figures; what is not there is a dash."""
    assert expected == score.text(value)


def test_a_label_names_every_score_but_accuracy() -> None:
    """A percentage alone is read as accuracy, so one of another score says which."""
    assert ("98.12 %", "MAE 41.23") == (ACCURACY.labelled(0.98123), MAE.labelled(41.234))
    assert ("F1 98.12 %", "AUC 0.9812") == (SCORES["f1_score"].labelled(0.98123), AUC.labelled(0.98123))


@pytest.mark.parametrize(
    ("score", "low", "high", "expected"),
    [
        (ACCURACY, 0.9808, 0.9814, "98.08 to 98.14 %"),
        (AUC, 0.98, 0.99, "0.9800 to 0.9900"),
        (MAE, 40.0, 41.5, "40.00 to 41.50"),
        (MAE, math.nan, 41.5, "-"),
        (ACCURACY, None, None, "-"),
    ],
)
def test_an_interval_of_values(score: Score, low: float | None, high: float | None, expected: str) -> None:
    """With its unit once."""
    assert expected == score.range(low, high)


def test_a_deviation_has_its_name() -> None:
    """With the unit where there is one; one seed has none."""
    assert ("SD 0.48 points", "SD 1.3") == (ACCURACY.deviation(0.0048), MAE.deviation(1.3))
    assert "" == ACCURACY.deviation(math.nan) == MAE.deviation(None)


@pytest.mark.parametrize(
    ("score", "difference", "plain", "signed", "whole"),
    [
        (ACCURACY, 0.0052, "0.52", "+0.52", "0.52 points"),
        (ACCURACY, -0.0052, "-0.52", "-0.52", "-0.52 points"),
        (AUC, 0.0052, "0.0052", "+0.0052", "0.0052"),
        (AUC, -0.00001, "-0.0000", "0.0000", "-0.0000"),
        (MAE, 1234.0, "1,234", "+1,234", "1,234"),
        (MAE, -1.25, "-1.25", "-1.25", "-1.25"),
        (MAE, 0.0, "0", "0", "0"),
    ],
)
def test_a_difference(score: Score, difference: float, plain: str, signed: str, whole: str) -> None:
    """Points for percent, the score's own form for all others; what rounds to 0 has no sign."""
    assert (plain, signed, whole) == (
        score.gap(difference),
        score.signed_gap(difference),
        score.gap_text(difference),
    )


def test_intervals_of_differences() -> None:
    """With or without signs."""
    assert "1 to 2.5" == MAE.gap_range(1.0, 2.5)
    assert "-0.52 to +0.10" == ACCURACY.signed_gap_range(-0.0052, 0.001)
    assert "-" == MAE.signed_gap_range(math.nan, 1.0)


@given(st.sampled_from(sorted(SCORES)), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_gain_is_what_the_direction_says(name: str, first: float, second: float) -> None:
    """The better of two values has the gain, and only one of them can be better."""
    score = SCORES[name]
    assert score.better(first, second) == (first > second if score.higher_is_better else first < second)
    assert not (score.better(first, second) and score.better(second, first))
    assert score.gain(first - second) == -score.gain(second - first)


@given(st.sampled_from(sorted(SCORES)), st.floats(allow_nan=False))
def test_a_clipped_value_is_within_the_bounds(name: str, value: float) -> None:
    """And stays where it was if it was within them."""
    score = SCORES[name]
    clipped = score.clipped(value)
    assert score.floor <= clipped <= score.ceiling
    assert clipped == value or not score.floor <= value <= score.ceiling


def test_bounds_and_the_widest_gap() -> None:
    """A fraction has both, an error only the lower one, a score of one's own neither."""
    assert (0.0, 1.0, 1.0) == (ACCURACY.floor, ACCURACY.ceiling, ACCURACY.widest_gap)
    assert (0.0, math.inf, math.inf) == (MAE.floor, MAE.ceiling, MAE.widest_gap)
    assert (-math.inf, math.inf, math.inf) == (FREE.floor, FREE.ceiling, FREE.widest_gap)


def test_the_words_of_a_direction() -> None:
    """As reports say them."""
    assert ("higher is better", "highest", 1) == (ACCURACY.direction, ACCURACY.best_word, ACCURACY.sign)
    assert ("lower is better", "lowest", -1) == (MAE.direction, MAE.best_word, MAE.sign)


def test_a_title_begins_with_a_capital_letter_and_keeps_the_others() -> None:
    """`MAE` does not become `Mae`."""
    assert ("Accuracy", "MAE", "Profit per case") == (ACCURACY.title, MAE.title, FREE.title)


def test_a_score_of_one_s_own_is_a_number_without_bounds() -> None:
    """Named by its function, in the direction that its owner gives it."""
    score = own_score("my_scores:profit_per_case", higher_is_better=False)
    assert ("my_scores:profit_per_case", "profit per case", False) == (
        score.name,
        score.heading,
        score.higher_is_better,
    )
    assert not score.tasks


@pytest.mark.parametrize("task", Task)
def test_every_task_has_a_default_that_can_judge_it(task: Task) -> None:
    """Accuracy for classes, macro F1 for labels, the mean absolute error for values."""
    assert task in DEFAULTS[task].tasks
    expected = {"classes": "accuracy", "multilabel": "f1_score", "regression": "mean_absolute_error"}
    assert expected[task] == DEFAULTS[task].name


def test_a_score_of_one_class_says_which() -> None:
    """Of two classes the second; a score of all classes stays what it is."""
    assert SCORES["f1_score"].of_class("yes").meaning == "Harmonic mean of precision and recall. Of the class yes."
    assert SCORES["accuracy"].of_class("yes") == SCORES["accuracy"]
    assert OF_ONE_CLASS == {name for name, score in SCORES.items() if score.of_class("yes") != score} - {"auc"}
