"""Errors of predicted values: how large they are, and at which end of the scale predictions are too high."""

from __future__ import annotations

import numpy as np
import pytest
from problems import problem

from bench.analyse.predictions import Answers, answers_of
from bench.analyse.residuals import errors_of, tendency
from bench.core.target import Target, Task

CELL = "mlp@houses@cpu"


def answers(truth: list[list[float]], *seeds: list[list[float]]) -> Answers:
    target = Target(Task.REGRESSION, tuple(f"t{place}" for place in range(len(truth[0]))))
    packed = [np.array(seed, np.float32) for seed in seeds]
    (found,) = answers_of(problem(target, np.array(truth, np.float32), {"mlp": packed}, picture=False))
    return found


def test_errors_are_those_of_the_median_over_seeds() -> None:
    """Three seeds, four examples: the medians are 1, 4, 3 and 10, so the errors are 0, 2, 0 and 6."""
    three = answers([[1], [2], [3], [4]], [[1], [4], [3], [10]], [[0], [5], [3], [10]], [[2], [2], [9], [9]])
    errors = errors_of(three, CELL, 0)

    assert [0, 0, 2, 6] == errors.ordered.tolist()
    assert (2, 0, 6, 6) == (errors.mean, errors.median, errors.ninth, errors.largest)


def test_each_target_has_errors_of_its_own() -> None:
    """The second column of two."""
    assert [3, 4] == errors_of(answers([[0, 1], [0, 2]], [[9, 5], [9, 5]]), CELL, 1).ordered.tolist()


def test_the_ends_are_a_tenth_of_the_examples_each() -> None:
    """Of twenty examples the two lowest are predicted 3 too high, the two highest 5 too low, all others right."""
    truth = [[float(number)] for number in range(20)]
    predicted = [[value + (3 if value < 2 else -5 if value > 17 else 0)] for (value,) in truth]
    found, medians = tendency(answers(truth, predicted), CELL, 0)

    assert (3, -5, (2 * 3 - 2 * 5) / 20) == pytest.approx((found.low, found.high, found.mean))
    assert [value for (value,) in predicted] == medians.tolist()
    assert np.corrcoef(np.ravel(truth), np.ravel(predicted))[0, 1] == pytest.approx(found.correlation)


def test_a_constant_prediction_has_no_correlation() -> None:
    """Nothing varies with it."""
    found, _ = tendency(answers([[1], [2]], [[5], [5]]), CELL, 0)
    assert np.isnan(found.correlation)
