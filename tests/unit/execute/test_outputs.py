"""Outputs that a loss cannot take are refused with the way out; others are named for what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bench.core.target import Target, Task, class_target
from bench.execute.worker.outputs import as_probabilities, bounded_problem, outputs_kind, outputs_problem
from bench.record.treatment import CompileRecord

CLASSES = class_target(("a", "b", "c"))
SOFTMAX = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]], np.float32)
SIGMOIDS = np.array([[0.9, 0.8, 0.1], [0.2, 0.3, 0.1]], np.float32)
LOGITS = np.array([[-1.5, 0.2, 3.0], [0.1, 0.2, -0.3]], np.float32)


def compiled(loss: str, by: str = "suite", **options: Any) -> CompileRecord:
    """A model compiled with a loss."""
    return CompileRecord(by=by, optimizer="SGD", learning_rate="0.1", loss=loss, loss_options=options)


@pytest.mark.parametrize(
    ("outputs", "of"),
    [
        (SOFTMAX, compiled("categorical_crossentropy")),
        (SOFTMAX, compiled("sparse_categorical_crossentropy")),
        (SIGMOIDS, compiled("binary_crossentropy")),
        (LOGITS, compiled("categorical_crossentropy", from_logits=True)),
        (LOGITS, compiled("mean_squared_error")),
        (LOGITS, compiled("my_package.my_loss")),
        (np.float32(SOFTMAX * 1.005), compiled("categorical_crossentropy")),
        (np.full((2, 3), np.nan, np.float32), compiled("categorical_crossentropy")),
        (SOFTMAX, compiled("categorical_crossentropy", by="builder", from_logits=True)),
    ],
    ids=[
        "softmax", "sparse", "a sigmoid per class", "logits that are told", "any value", "a loss of one's own",
        "half precision", "no number: the training says so", "Keras finds the logits behind a builder's softmax",
    ],
)  # fmt: skip
def test_what_a_loss_can_take(outputs: np.ndarray[Any, Any], of: CompileRecord) -> None:
    """Nothing is refused that plain Keras trains as it is meant."""
    assert "" == outputs_problem(outputs, of, CLASSES)


@pytest.mark.parametrize(
    ("outputs", "of", "sentence"),
    [
        (LOGITS, compiled("categorical_crossentropy"),
         ("The loss categorical_crossentropy wants probabilities, but the model puts out values from -1.5 to 3: "
         'logits, most likely. Write loss = { name = "categorical_crossentropy", from_logits = true }, or end the '
         "model in a softmax.")),
        (LOGITS, compiled("binary_crossentropy", by="builder"),
         ("The loss binary_crossentropy wants probabilities, but the model puts out values from -1.5 to 3: "
         "logits, most likely. Write from_logits=True in the builder's loss, or end the model in a sigmoid.")),
        (SIGMOIDS, compiled("sparse_categorical_crossentropy"),
         ("The loss sparse_categorical_crossentropy takes the outputs of one example for probabilities of classes, of "
         "which one is true, but they sum to 0.6 to 1.8 and not to 1. End the model in a softmax, or take "
         "binary_crossentropy for one sigmoid per class.")),
        (SOFTMAX, compiled("categorical_crossentropy", from_logits=True),
         ("The loss categorical_crossentropy expects logits (from_logits = true), but the model puts out "
         "probabilities already. Take from_logits out, or take the last softmax or sigmoid out of the model.")),
    ],
    ids=["logits", "a builder's logits", "sigmoids", "probabilities taken for logits"],
)  # fmt: skip
def test_what_a_loss_cannot_take(outputs: np.ndarray[Any, Any], of: CompileRecord, sentence: str) -> None:
    """The sentence says what to write instead."""
    assert sentence == outputs_problem(outputs, of, CLASSES)


@pytest.mark.parametrize(
    ("outputs", "of", "kind"),
    [
        (SOFTMAX, compiled("categorical_crossentropy"), "probabilities"),
        (SOFTMAX, compiled("categorical_crossentropy", from_logits=True), "probabilities"),
        (SIGMOIDS, compiled("binary_crossentropy"), "probabilities"),
        (LOGITS, compiled("categorical_crossentropy", from_logits=True), "logits"),
        (LOGITS, compiled("mean_squared_error"), "values"),
    ],
)
def test_outputs_have_a_kind(outputs: np.ndarray[Any, Any], of: CompileRecord, kind: str) -> None:
    """What they were taken for stands in the record."""
    assert kind == outputs_kind(outputs, of, CLASSES)


TWO, LABELS = class_target(("no", "yes")), Target(Task.MULTILABEL, ("x", "y", "z"))
VALUES = Target(Task.REGRESSION, ("a", "b", "c"))
UNIT, WIDE = np.array([[0.9], [0.2]], np.float32), np.array([[-2.0], [3.0]], np.float32)
SMALL = np.array([[0.1], [0.4]], np.float32)
"""Values of one unit that may be probabilities or small logits."""

LOGIT_LOSS = compiled("categorical_crossentropy", from_logits=True)


@pytest.mark.parametrize(
    ("outputs", "of", "target", "kind"),
    [
        (UNIT, compiled("binary_crossentropy"), TWO, "probabilities"),
        (WIDE, compiled("binary_crossentropy", from_logits=True), TWO, "logits"),
        (WIDE, compiled("hinge"), TWO, "values"),
        (SIGMOIDS, compiled("binary_crossentropy"), LABELS, "probabilities"),
        (SIGMOIDS, compiled("mean_squared_error"), LABELS, "probabilities"),
        (LOGITS, compiled("binary_crossentropy", from_logits=True), LABELS, "logits"),
        (SIGMOIDS, compiled("mean_squared_error"), VALUES, "values"),
        (SOFTMAX, compiled("mean_squared_error"), VALUES, "values"),
    ],
)
def test_outputs_of_every_task_have_a_kind(
    outputs: np.ndarray[Any, Any], of: CompileRecord, target: Target, kind: str
) -> None:
    """One unit and labels are single probabilities; measured values are values, whatever they look like."""
    assert kind == outputs_kind(outputs, of, target)


def test_no_probability_is_below_0() -> None:
    """Not in half precision either: values close to 0 on both sides are logits of a fresh model."""
    near = np.array([[-0.005], [0.004]], np.float32)
    assert "values" == outputs_kind(near, compiled("binary_crossentropy"), TWO)
    assert "wants probabilities" in outputs_problem(near, compiled("binary_crossentropy"), TWO)


@pytest.mark.parametrize(
    ("outputs", "kind", "of", "target", "expected"),
    [
        (UNIT, "probabilities", compiled("binary_crossentropy"), TWO, [[0.1, 0.9], [0.8, 0.2]]),
        (WIDE, "logits", compiled("binary_crossentropy", from_logits=True), TWO, [[0.8808, 0.1192], [0.0474, 0.9526]]),
        (WIDE / 4, "values", compiled("hinge"), TWO, [[0.75, 0.25], [0.125, 0.875]]),
        (WIDE, "values", compiled("squared_hinge"), TWO, [[1, 0], [0, 1]]),
        (LOGITS[:1], "logits", compiled("binary_crossentropy", from_logits=True), LABELS, [[0.1824, 0.5498, 0.9526]]),
        (LOGITS[:1], "logits", LOGIT_LOSS, CLASSES, [[0.0104, 0.0567, 0.9329]]),
        (LOGITS, "values", compiled("mean_squared_error"), VALUES, LOGITS),
    ],
)  # fmt: skip
def test_outputs_are_read_as_probabilities(
    outputs: Any, kind: str, of: CompileRecord, target: Target, expected: Any
) -> None:
    """Logits through a softmax or a sigmoid, a hinge's values from both sides of 0; measured values stay."""
    np.testing.assert_allclose(as_probabilities(outputs, kind, of, target), np.array(expected), atol=1e-4)


def test_huge_logits_are_certain_and_raise_nothing() -> None:
    """An exponential that overflows is a probability of 0."""
    huge = np.array([[-1e4], [1e4]], np.float32)
    found = as_probabilities(huge, "logits", compiled("binary_crossentropy", from_logits=True), TWO)
    assert [[1, 0], [0, 1]] == found.tolist()


def test_small_logits_of_one_unit_are_no_mistake() -> None:
    """They may all lie between 0 and 1; only what comes from a sigmoid is refused."""
    of = compiled("binary_crossentropy", from_logits=True)
    assert "" == outputs_problem(SMALL, of, TWO)
    assert "puts out probabilities already" in outputs_problem(SMALL, of, TWO, activated=True)


@pytest.mark.parametrize("loss", ["own.mine", ""])
def test_values_of_a_loss_that_nobody_knows_cannot_be_read(loss: str) -> None:
    """Of one unit, or of labels: is a yes above 0 or above one half?"""
    sentence = (
        f"The model puts out values from -2 to 3, and its loss ({loss or 'of its own'}) does not say which of them "
        "mean a yes. End the model in a sigmoid, where 0.5 and more is a yes."
    )
    assert sentence == outputs_problem(WIDE, compiled(loss), TWO)
    assert "" == outputs_problem(UNIT, compiled(loss), TWO)
    assert "" == outputs_problem(WIDE, compiled(loss, from_logits=True), TWO)
    assert "" == outputs_problem(LOGITS, compiled(loss), CLASSES)


def test_a_sigmoid_cannot_reach_measured_values_beyond_1() -> None:
    """Values from 0 to 1 it can; and nobody knows of an output that is not Keras's sigmoid."""
    price = Target(Task.REGRESSION, ("price",))
    values = np.array([[0.5], [20.0]], np.float32)
    assert "go from 0.5 to 20. End it in a linear layer" in bounded_problem(values, price, activated=True)
    assert "" == bounded_problem(values / 20, price, activated=True) == bounded_problem(values, price, activated=False)
