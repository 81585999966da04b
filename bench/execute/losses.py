"""Which loss `auto` stands for, and which losses a task can be trained by. Pure; knows no Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.target import MOST_ONE_HOT, Task
from bench.declare.loss import AUTO, Loss

if TYPE_CHECKING:
    from bench.core.target import Target

BINARY, ONE_HOT, NUMBERED = "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"

ONE_OF_MANY = frozenset({ONE_HOT, NUMBERED, "categorical_focal_crossentropy", "categorical_hinge", "kl_divergence"})
"""Losses that take a row of outputs for one of many classes."""

OF_VALUES = frozenset(
    {
        "cosine_similarity", "huber", "log_cosh", "mean_absolute_error", "mean_absolute_percentage_error",
        "mean_squared_error", "mean_squared_logarithmic_error", "poisson",
    }
)  # fmt: skip
"""Losses that compare outputs with measured values."""


def resolved_loss(loss: Loss, target: Target, outputs: int | None) -> Loss:
    """The loss that `auto` stands for; any other as it is.

    Args:
        loss: as declared.
        target: what is predicted.
        outputs: the width of the model's outputs; None for the usual one.
    """
    if not loss.auto:
        return loss
    if target.task is Task.REGRESSION:
        return Loss(name="mean_squared_error")
    options = dict(loss.options)
    if target.task is Task.MULTILABEL or (target.binary and outputs == 1):
        return Loss(name=BINARY, **options)
    if target.width > MOST_ONE_HOT and "label_smoothing" not in options:
        return Loss(name=NUMBERED, **options)
    return Loss(name=ONE_HOT, **options)


def loss_problem(loss: str, target: Target, outputs: int, *, declared: Loss | None) -> str:
    """Why a loss cannot train a task, with the way out; empty where it can, or nobody can say.

    Args:
        loss: its name in Keras, or any other text.
        target: what is predicted.
        outputs: the width of the model's outputs.
        declared: as the suite has it; None where the builder compiles.
    """
    way_out = f'Write loss = "{AUTO}"' if declared is not None else "Compile the model with another loss"
    if declared is not None and declared.auto and declared.options and target.task is Task.REGRESSION:
        return (
            f"{', '.join(declared.options)} belongs to a cross-entropy, but the task is regression, where auto is "
            "mean_squared_error. Take it out."
        )
    if target.task is not Task.CLASSES and loss in ONE_OF_MANY:
        return (
            f"The loss {loss} takes one class of many for the truth, but the task is {target.task}. {way_out}, which "
            f"is {resolved_loss(Loss(name=AUTO), target, outputs).name} here."
        )
    if target.binary and outputs == 1 and loss in ONE_OF_MANY:
        return (
            f"The loss {loss} wants an output for each of the two classes, but the model has a single one. {way_out}, "
            f"which is {BINARY} here, or end the model in two units."
        )
    return ""
