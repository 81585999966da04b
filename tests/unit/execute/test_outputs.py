"""Outputs that a loss cannot take are refused with the way out; others are named for what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bench.core.target import class_target
from bench.execute.outputs import outputs_kind, outputs_problem
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
         ("The loss categorical_crossentropy is told to take logits (from_logits = true), but the model puts out "
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
