"""`auto` is the loss that fits the task and the outputs; one that cannot train a task is refused with the way out."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from bench.core.target import Target, Task, class_target
from bench.declare.loss import Loss
from bench.execute.losses import loss_problem, resolved_loss
from bench.execute.worker.compilation import make_loss
from bench.execute.worker.own import ModelError

TWO, TEN = class_target(("no", "yes")), class_target(tuple("0123456789"))
MOST, MORE = (class_target(tuple(str(number) for number in range(count))) for count in (256, 257))
LABELS, VALUES = Target(Task.MULTILABEL, ("x", "y")), Target(Task.REGRESSION, ("price",))
SMOOTH = {"name": "auto", "label_smoothing": 0.1}


def loss(written: Any = "auto") -> Loss:
    """As a suite writes it."""
    return Loss.model_validate(written)


@pytest.mark.parametrize(
    ("target", "outputs", "name"),
    [
        (TEN, 10, "categorical_crossentropy"),
        (TEN, None, "categorical_crossentropy"),
        (TWO, 2, "categorical_crossentropy"),
        (TWO, 1, "binary_crossentropy"),
        (MOST, 256, "categorical_crossentropy"),
        (MORE, 257, "sparse_categorical_crossentropy"),
        (LABELS, 2, "binary_crossentropy"),
        (VALUES, 1, "mean_squared_error"),
    ],
)
def test_auto_follows_task_and_outputs(target: Target, outputs: int | None, name: str) -> None:
    """Cross-entropy for classes and labels, the mean squared error for values."""
    assert loss(name) == resolved_loss(loss(), target, outputs)


def test_auto_hands_its_options_on() -> None:
    """To whichever cross-entropy it stands for."""
    logits = {"name": "auto", "from_logits": True}
    assert loss({**logits, "name": "binary_crossentropy"}) == resolved_loss(loss(logits), TWO, 1)
    assert loss({**SMOOTH, "name": "categorical_crossentropy"}) == resolved_loss(loss(SMOOTH), TEN, 10)


def test_smoothed_labels_need_one_hot_rows() -> None:
    """A sparse cross-entropy has no label_smoothing, so many classes are one-hot here."""
    assert "categorical_crossentropy" == resolved_loss(loss(SMOOTH), MORE, 257).name


def test_a_named_loss_stays_as_it_is() -> None:
    """Nothing is put in the place of what a suite says."""
    assert loss("huber") == resolved_loss(loss("huber"), TEN, 10)


@pytest.mark.parametrize("name", ["mse", "mae", "mape", "msle"])
def test_short_names_are_keras_s(name: str) -> None:
    """A suite keeps the full one, so that one loss has one name."""
    assert keras.losses.get(name) is keras.losses.get(loss(name).name)


@pytest.mark.parametrize(
    ("name", "target", "outputs"),
    [
        ("categorical_crossentropy", TEN, 10),
        ("mean_squared_error", TEN, 10),
        ("binary_crossentropy", TWO, 1),
        ("hinge", TWO, 1),
        ("categorical_crossentropy", TWO, 2),
        ("binary_crossentropy", LABELS, 2),
        ("huber", VALUES, 1),
        ("own.mine", LABELS, 2),
        ("", TEN, 10),
    ],
)
def test_losses_that_can_train_a_task(name: str, target: Target, outputs: int) -> None:
    """Whatever Keras trains as it is meant, and what nobody can judge by its name."""
    assert "" == loss_problem(name, target, outputs, declared=None)


@pytest.mark.parametrize(
    ("name", "target", "outputs", "sentence"),
    [
        (
            "sparse_categorical_crossentropy",
            VALUES,
            1,
            (
                "The loss sparse_categorical_crossentropy takes one class of many for the truth, but the task is "
                'regression. Write loss = "auto", which is mean_squared_error here.'
            ),
        ),
        (
            "categorical_crossentropy",
            LABELS,
            2,
            (
                "The loss categorical_crossentropy takes one class of many for the truth, but the task is multilabel. "
                'Write loss = "auto", which is binary_crossentropy here.'
            ),
        ),
        (
            "categorical_crossentropy",
            TWO,
            1,
            (
                "The loss categorical_crossentropy wants an output for each of the two classes, but the model has a "
                'single one. Write loss = "auto", which is binary_crossentropy here, or end the model in two units.'
            ),
        ),
    ],
    ids=["values", "labels", "one unit"],
)
def test_losses_that_cannot_train_a_task(name: str, target: Target, outputs: int, sentence: str) -> None:
    """The sentence says what to write instead."""
    assert sentence == loss_problem(name, target, outputs, declared=loss(name))


def test_a_builder_is_told_to_compile_otherwise() -> None:
    """What a suite writes would not help."""
    problem = loss_problem("categorical_crossentropy", LABELS, 2, declared=None)
    assert "Compile the model with another loss, which is binary_crossentropy here." in problem


def test_options_of_a_cross_entropy_are_none_of_a_squared_error() -> None:
    """They would be dropped, so they are refused."""
    sentence = (
        "label_smoothing belongs to a cross-entropy, but the task is regression, where auto is mean_squared_error. "
        "Take it out."
    )
    assert sentence == loss_problem("mean_squared_error", VALUES, 1, declared=loss(SMOOTH))


Y, OUTPUTS = np.array([[1.0, 2.0]], np.float32), np.array([[2.0, 4.0]], np.float32)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("own_parts:halved_error", 1.25),
        ("own_parts:scaled_error", 2.5),
        ({"name": "own_parts:scaled_error", "factor": 2.0}, 5.0),
        ("own_parts:Weighed", 5.0),
        ({"name": "own_parts:Weighed", "factor": 3.0}, 7.5),
        ({"name": "own_parts:weighed", "factor": 3.0}, 7.5),
        ("own_parts:plain_weighed", 5.0),
    ],
)
def test_a_loss_of_one_s_own(written: Any, value: float) -> None:
    """A function, with options or without; a class; a function that makes one."""
    made = make_loss(loss(written))
    assert [value] == np.ravel(np.asarray(made(Y, OUTPUTS))).tolist()
    assert callable(keras.losses.get(made))


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("own_parts:no_loss", ("own_parts:no_loss returned str, not a loss. Return a keras.losses.Loss or a function "
         "of (y_true, y_pred) from it.")),
        ("own_parts:weighed", ("The loss own_parts:weighed could not be made: TypeError: weighed() missing 1 required "
         "positional argument: 'factor'.")),
        ({"name": "own_parts:Weighed", "fctor": 3.0}, "The loss own_parts:Weighed could not be made: TypeError: "),
        ("own_parts:weighd", "own_parts:weighd cannot be imported: own_parts has no 'weighd'; did you mean 'weighed'?"),
    ],
)  # fmt: skip
def test_a_loss_of_one_s_own_that_is_none(written: Any, sentence: str) -> None:
    """Says what was returned, or why it could not be made."""
    with pytest.raises(ModelError) as caught:
        make_loss(loss(written))
    assert str(caught.value).startswith(sentence)
