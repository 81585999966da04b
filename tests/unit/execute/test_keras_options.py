"""The options that a suite may set are those of the Keras that is installed."""

from __future__ import annotations

import inspect

import keras
import pytest

from bench.declare.loss import LOSS_OPTIONS, Loss
from bench.declare.optimizer import OPTIMIZERS, optimizer_options
from bench.declare.settings import TrainingSettings
from bench.execute.worker.compilation import make_loss
from bench.execute.worker.optimizers import make_optimizer

OURS = {"learning_rate", "name", "kwargs"}
"""What a suite sets elsewhere, or not at all."""


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_has_the_options_that_are_listed(name: str) -> None:
    """No more and no fewer, and it can be made by its name."""
    optimizer = make_optimizer(TrainingSettings.model_validate({"optimizer": name}), 10, lambda schedule: schedule)
    assert set(inspect.signature(type(optimizer)).parameters) - OURS == set(optimizer_options(name))


@pytest.mark.parametrize("name", LOSS_OPTIONS)
def test_a_loss_takes_the_options_that_are_listed(name: str) -> None:
    """As a function and, where options are set, as an object of its class."""
    parameters = set(inspect.signature(keras.losses.get(name)).parameters) - {"y_true", "y_pred", "axis"}
    assert parameters == set(LOSS_OPTIONS[name])
    assert name == make_loss(Loss(name=name))


def test_a_loss_with_options_is_made_with_them() -> None:
    """They reach Keras."""
    loss = make_loss(Loss.model_validate({"name": "categorical_crossentropy", "from_logits": True}))
    assert (keras.losses.CategoricalCrossentropy, True) == (type(loss), loss.get_config()["from_logits"])
    assert 2.5 == make_loss(Loss.model_validate({"name": "huber", "delta": 2.5}))._fn_kwargs["delta"]
