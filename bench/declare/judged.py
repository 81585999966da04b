"""What a suite's cells are ranked and judged by: the score it names, or the usual one for what is predicted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.core.errors import SuiteError
from bench.core.names import listed
from bench.core.scores import DEFAULTS, SCORES, own_score
from bench.core.target import Task
from bench.declare.margins import too_wide
from bench.declare.values import is_reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.core.score import Score
    from bench.core.target import Target
    from bench.declare.suite import Suite


def score_of(name: str, direction: str | None, target: Target) -> Score:
    """The score of one data set.

    Args:
        name: as the suite writes it; empty for the usual one.
        direction: of a score of the user's own.
        target: what is predicted.
    """
    if not name:
        return DEFAULTS[target.task]
    if is_reference(name):
        return own_score(name, higher_is_better=direction != "lower")
    return SCORES[name]


def suite_score(suite: Suite, targets: Mapping[str, Target]) -> Score:
    """The one score of a suite.

    Args:
        suite: checked.
        targets: what is predicted of each data set, by the name that reports show.

    Raises:
        SuiteError: the score, or a further metric, cannot judge what a data set predicts; data sets that are predicted
            by different scores share a suite; or a margin of the gate is wider than the score.
    """
    keys = suite.keys
    scores = {name: score_of(keys.score, keys.direction, target) for name, target in targets.items()}
    for name, target in targets.items():
        if keys.target_accuracy is not None and target.task is not Task.CLASSES:
            raise SuiteError(
                f"{suite.origin} sets target_accuracy, but {name} is a task of {target.task}, which has no accuracy.",
                hint="Take target_accuracy out.",
            )
        _check_fits(suite, "score", scores[name], name, target)
        for metric in keys.metrics:
            if not is_reference(metric):
                _check_fits(suite, "metrics", SCORES[metric], name, target)
    chosen = list(dict.fromkeys(scores.values()))
    if len(chosen) > 1:
        each = " and ".join(f"{score.heading} on {name}" for name, score in scores.items())
        raise SuiteError(
            f"{suite.origin} would be ranked by {each}; a suite is ranked by one score.",
            hint="Put data sets of different tasks into suites of their own.",
        )
    for key, value in too_wide(suite.gate, chosen[0]):
        score = chosen[0]
        raise SuiteError(
            f"{suite.origin}: [gate] {key} is {value:g}, but {score.heading} lies between {score.floor:g} and "
            f"{score.ceiling:g}.",
            hint=f"Write the largest loss of {score.heading} that is accepted: more than 0, less than "
            f"{score.widest_gap:g}.",
        )
    return chosen[0]


def _check_fits(suite: Suite, key: str, score: Score, name: str, target: Target) -> None:
    if score.tasks and target.task not in score.tasks:
        fitting = [other.name for other in SCORES.values() if target.task in other.tasks or not other.tasks]
        raise SuiteError(
            f"{suite.origin}: {key} names {score.name}, but {name} is a task of {target.task}, which {score.heading} "
            "cannot judge.",
            hint=f"{_other_task(score, target)}Name one of {listed(sorted(fitting))}, or a function of your own, "
            "package.module:function.",
        )


def _other_task(score: Score, target: Target) -> str:
    """How a target is said to be of another kind, where its values may be of both; else nothing."""
    if target.task is Task.REGRESSION and Task.CLASSES in score.tasks and target.width == 1:
        return 'If each value is a class, say task = "classes" in a table [datasets.NAME]. '
    if target.task is Task.CLASSES and Task.REGRESSION in score.tasks and all(map(_is_number, target.names)):
        return 'If the targets are measured values, say task = "regression" in a table [datasets.NAME]. '
    return ""


def _is_number(name: str) -> bool:
    try:
        return math.isfinite(float(name))
    except ValueError:
        return False
