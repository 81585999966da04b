"""The training settings of a cell: what they may be, and how they read in an id.

Every field of `TrainingSettings` may be an axis of a grid. Keras is not imported here (a plan must be quick), so the
names it knows are listed; the worker hands them to Keras unchanged.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, PositiveFloat, model_validator
from pydantic_core import PydanticCustomError

from bench.core.names import listed, nearest
from bench.declare.loss import Loss
from bench.declare.optimizer import Optimizer
from bench.declare.values import Value, one_of

METRICS = (
    "auc", "binary_crossentropy", "categorical_crossentropy", "categorical_hinge", "cosine_similarity", "f1_score",
    "kl_divergence", "mean_absolute_error", "mean_squared_error", "poisson", "precision", "recall",
    "top_k_categorical_accuracy",
)  # fmt: skip
"""Keras metrics that take one probability per class and one-hot targets."""

Count = Annotated[int, Field(gt=0, lt=2**31)]
InputScaling = Literal["unit", "standard", "none"]
CompiledBy = Literal["suite", "builder"]


class Constant(Value):
    """The same learning rate in every step."""

    schedule: Literal["constant"] = "constant"
    initial: PositiveFloat


class Cosine(Value):
    """Cosine decay over the whole training, from `initial` to `initial * final_fraction`, after a linear warm-up.

    Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017, equation 5
    (one period, no restart).
    """

    schedule: Literal["cosine"]
    initial: PositiveFloat
    final_fraction: float = Field(0.0, ge=0, le=1)
    warmup_epochs: float = Field(0.0, ge=0)


class Exponential(Value):
    """`initial * rate ** (epoch / every_epochs)`, step by step."""

    schedule: Literal["exponential"]
    initial: PositiveFloat
    rate: PositiveFloat
    every_epochs: PositiveFloat = 1.0


class Polynomial(Value):
    """From `initial` to `final` over the whole training, along `(1 - progress) ** power`."""

    schedule: Literal["polynomial"]
    initial: PositiveFloat
    final: float = Field(0.0, ge=0)
    power: PositiveFloat = 1.0


class InverseTime(Value):
    """`initial / (1 + rate * epoch / every_epochs)`, step by step."""

    schedule: Literal["inverse_time"]
    initial: PositiveFloat
    rate: PositiveFloat
    every_epochs: PositiveFloat = 1.0


class Piecewise(Value):
    """`values[i]` until the end of epoch `boundaries[i]`; one more value than boundaries."""

    schedule: Literal["piecewise"]
    boundaries: tuple[PositiveFloat, ...] = Field(min_length=1)
    values: tuple[PositiveFloat, ...]

    @model_validator(mode="after")
    def _one_more_value(self) -> Piecewise:
        if len(self.values) != len(self.boundaries) + 1:
            raise PydanticCustomError("piecewise", "one more value than boundaries")
        if list(self.boundaries) != sorted(set(self.boundaries)):
            raise PydanticCustomError("piecewise", "boundaries that rise")
        return self

    @property
    def initial(self) -> float:
        """The learning rate of the first step."""
        return self.values[0]


Schedule = Constant | Cosine | Exponential | Polynomial | InverseTime | Piecewise
SCHEDULES = ("constant", "cosine", "exponential", "inverse_time", "piecewise", "polynomial")


def _schedule_from_number(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {"schedule": "constant", "initial": value}
    if isinstance(value, dict) and value.get("schedule") not in SCHEDULES:
        received = value.get("schedule")
        hint = nearest(received, SCHEDULES) if isinstance(received, str) else None
        raise PydanticCustomError(
            "schedule",
            "a table whose `schedule` is {allowed}{suggestion}",
            {"allowed": listed(SCHEDULES), "suggestion": f"; did you mean {hint!r}?" if hint else ""},
        )
    if not isinstance(value, (dict, BaseModel)):
        raise PydanticCustomError("learning_rate", "a number greater than 0, or a table with a `schedule`")
    return value


LearningRate = Annotated[
    Schedule,
    Field(discriminator="schedule"),
    BeforeValidator(_schedule_from_number, json_schema_input_type=PositiveFloat | Schedule),
]


class EarlyStopping(Value):
    """End a training whose validation figure has not improved for a while; the last weights are kept.

    It means what the callback of the same name means in Keras: an epoch improves on the best one when its figure is
    better by more than `min_delta`, and the training ends with the `patience`-th epoch in a row that does not.
    """

    monitor: Literal["validation_loss", "validation_accuracy"] = "validation_loss"
    patience: int = Field(0, ge=0)
    min_delta: float = Field(0.0, ge=0)


COMPILED = ("optimizer", "learning_rate", "loss")
"""The settings that `compile = "builder"` leaves to the builder."""


class TrainingSettings(Value):
    """How a cell is trained. Defaults are Keras's own where it has one."""

    epochs: Count = 10
    batch_size: Count = 32
    optimizer: Optimizer = Optimizer(name="sgd")
    learning_rate: LearningRate = Constant(initial=0.01)
    loss: Loss = Loss(name="categorical_crossentropy")
    compile: CompiledBy = Field(
        "suite",
        description="whose optimizer, loss and metrics train the model: the suite's, or those its builder compiled",
    )
    input_scaling: InputScaling = Field(
        "unit",
        description="unit: to 0..1, by the full scale of the values; standard: mean 0 and deviation 1 over the "
        "training set; none: as is",
    )
    validation_split: float = Field(
        0.0, ge=0, lt=1, description="fraction of the training set held out, the same images for every seed"
    )
    early_stopping: EarlyStopping | None = Field(None, description="needs a validation_split")
    metrics: tuple[Annotated[str, one_of("metric", METRICS)], ...] = Field(
        (), description="further Keras metrics of the test set, by name"
    )


def setting_text(value: object) -> str:
    """A setting or a builder's parameter as an id shows it: `0.1`, `128-128`, `cosine(initial=0.5)`."""
    if isinstance(value, Constant):
        value = value.initial
    if isinstance(value, (Optimizer, Loss)):
        return str(value)
    if isinstance(value, BaseModel):
        options = ",".join(
            f"{k}={setting_text(v)}" for k, v in value.model_dump(exclude_defaults=True).items() if k != "schedule"
        )
        return f"{getattr(value, 'schedule', type(value).__name__)}({options})"
    if isinstance(value, (list, tuple)):
        return "-".join(setting_text(item) for item in value) or "none"
    if isinstance(value, dict):
        return "(" + ",".join(f"{k}={setting_text(v)}" for k, v in sorted(value.items())) + ")"
    if isinstance(value, float) and not isinstance(value, bool):
        return f"{value:.12g}"
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)
