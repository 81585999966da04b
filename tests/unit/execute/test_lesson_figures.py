"""The scores of lessons: the NumPy of each gives what the harness records."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from bench.core.scores import SCORES
from bench.core.target import Target, Task
from bench.execute.worker.scores import FIGURES, figure
from bench.render.exports.lesson.figures import figure_code

N = 60


def example(kind):
    """A target, the truth and what a network put out: values from 0 to 1, some of them equal."""
    rng = np.random.default_rng(2)
    if kind == "values":
        y = rng.uniform(1, 5, (N, 2)).astype("float32")
        return Target(Task.REGRESSION, ("a", "b")), y, np.abs(y + rng.normal(0, 1, y.shape)).astype("float32")
    width = {"two": 2, "seven": 7, "labels": 3}[kind]
    outputs = rng.integers(1, 9, (N, width)).astype("float32")
    if kind == "labels":
        return Target(Task.MULTILABEL, ("a", "b", "c")), rng.integers(0, 2, (N, 3)).astype("uint8"), outputs / 9
    names = tuple(str(number) for number in range(width))
    y = rng.integers(0, width - (width > 2), N).astype("uint8")  # of seven classes the last is never true
    return Target(Task.CLASSES, names), y, outputs / outputs.sum(axis=1, keepdims=True)


PAIRS = [
    (kind, score.name)
    for kind in ("two", "seven", "labels", "values")
    for score in SCORES.values()
    if not score.tasks or example(kind)[0].task in score.tasks
]


@pytest.mark.parametrize(("kind", "name"), PAIRS)
def test_a_lesson_computes_what_the_harness_records(kind, name):
    """Every score, of every task that it can judge."""
    target, truth, outputs = example(kind)
    code = figure_code(name, target, "outputs")
    names = {"np": np, "keras": keras, "y_test": truth, "outputs": outputs, "predicted": target.decode(outputs)}
    names |= {"classes": target.names, "labels": target.names}
    exec("\n".join([*code.before, *code.lines]), names)  # noqa: S102  our own lines
    assert figure(name, target, truth, outputs) == pytest.approx(float(names["score"]), rel=1e-6)


def test_nothing_but_keras_has_the_others():
    """A score that the harness computes itself is written out in NumPy."""
    for name in FIGURES:
        target = example("values" if Task.REGRESSION in SCORES[name].tasks else "two")[0]
        assert "keras" not in "".join(figure_code(name, target, "outputs").lines)
