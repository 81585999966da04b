"""What a training was really given: its inputs, its loss and its optimizer, as its worker found them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Untouched(StrEnum):
    """Why `input_scaling = "unit"` or `"none"` left inputs as they are."""

    DECLARED = "declared"  # the suite says none
    IN_RANGE = "in range"  # they lie in 0..1 already
    SIGNED = "signed"  # some are negative: they have no full scale to divide by
    FEATURES = "features"  # measured values that are no pictures: each feature has a scale of its own
    IDS = "ids"  # the model looks them up, so they are names and not amounts
    MODEL_SCALES = "model scales"  # the model does it itself


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRecord:
    """What was done to the inputs of a training before the model got them: (x - offset) / divisor.

    Attributes:
        offset, divisor: one number for all values; or one for each feature of a vector, or each channel of anything
            else.
        low, high: the smallest and the largest training input, as decoded.
        untouched: why nothing was done; None where something was.
        model_scales: whether the model scales its inputs too, by a layer or a line of its own.
    """

    offset: float | tuple[float, ...] = 0.0
    divisor: float | tuple[float, ...] = 1.0
    low: float
    high: float
    untouched: Untouched | None = None
    model_scales: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileRecord:
    """What a model was compiled with, read off the model itself.

    Attributes:
        by: `suite`, or `builder` where the builder compiled the model and the suite adopted it.
        optimizer: the class in `keras.optimizers`, or `module.Class`.
        optimizer_options: what differs from the class's defaults, its learning rate left out.
        learning_rate: a number, or the schedule as text.
        loss: its name in Keras, or `module.function`; empty where the model computes a loss of its own.
        loss_options: what differs from its defaults.
        metrics: names, as the model reports them during the training.
        options: further arguments of `compile()` that differ from Keras's defaults, as text.
        outputs: what the outputs were taken for: `probabilities`, `logits` or `values`; empty where not known.
        own_method: the method of training that the model brings, such as `train_step`, which may use another loss.
    """

    by: str = "suite"
    optimizer: str
    optimizer_options: dict[str, Any] = field(default_factory=dict)
    learning_rate: str
    loss: str
    loss_options: dict[str, Any] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    outputs: str = ""
    own_method: str = ""

    @property
    def constant_rate(self) -> float | None:
        """The learning rate where it is a number; None for a schedule, and without an optimizer."""
        try:
            return float(self.learning_rate)
        except ValueError:
            return None

    @property
    def optimizer_text(self) -> str:
        """The optimizer with what differs from its defaults: `SGD(momentum=0.9)`."""
        return _with_options(self.optimizer, self.optimizer_options)

    @property
    def loss_text(self) -> str:
        """The loss with what differs from its defaults; empty where the model computes one of its own."""
        return _with_options(self.loss, self.loss_options)


def _with_options(name: str, options: dict[str, Any]) -> str:
    words = ", ".join(f"{key}={value}" for key, value in sorted(options.items()))
    return f"{name}({words})" if words else name
