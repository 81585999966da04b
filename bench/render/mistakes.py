"""Where a cell is wrong, in a few words: confused classes, hard labels, sizes of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.predictions import confused_pairs, confusion, label_scores
from bench.analyse.residuals import errors_of, tendency
from bench.core.formatting import elided, number, percent
from bench.core.target import Task

if TYPE_CHECKING:
    from bench.analyse.predictions import Answers

MOST = 5
"""Confusions, labels or values that are named."""
NAME = 24
"""Characters of a class, a label or a value."""


def mistakes(answers: Answers, cell_id: str) -> str:
    """Where a cell is wrong, over all its seeds, in a sentence or a few; empty where it has no predictions."""
    if cell_id not in answers.predicted:
        return ""
    match answers.target.task:
        case Task.CLASSES:
            return _confusions(answers, cell_id)
        case Task.MULTILABEL:
            return _labels(answers, cell_id)
    return " ".join(_errors(answers, cell_id, target) for target in range(min(answers.target.width, MOST)))


def _confusions(answers: Answers, cell_id: str) -> str:
    table = confusion(answers, cell_id)
    pairs, sums = confused_pairs(table)[:MOST], table.sum(axis=1)
    if not pairs:
        return "It confuses no two classes."
    texts = [
        f"{_name(answers, true)} predicted as {_name(answers, taken)} ({percent(float(times / sums[true]), 1)})"
        for true, taken, times in pairs
    ]
    return f"Most frequent mistakes (share of the true class): {', '.join(texts)}."


def _labels(answers: Answers, cell_id: str) -> str:
    f1 = label_scores(answers, cell_id).f1
    known = [int(label) for label in np.argsort(f1, kind="stable") if np.isfinite(f1[label])][:MOST]
    texts = [f"{_name(answers, label)} {percent(float(f1[label]))}" for label in known]
    return f"Lowest F1 by label: {', '.join(texts)}." if texts else ""


def _errors(answers: Answers, cell_id: str, target: int) -> str:
    errors, (trend, _) = errors_of(answers, cell_id, target), tendency(answers, cell_id, target)
    return (
        f"{_name(answers, target)}: the absolute error is at most {number(errors.median)} for half of the test "
        f"examples, at most {number(errors.ninth)} for nine in ten, and at most {number(errors.largest)} for "
        f"all; the mean of predicted - true is {number(trend.mean)}."
    )


def _name(answers: Answers, place: int) -> str:
    return elided(answers.name(place), NAME)
