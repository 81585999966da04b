"""The training settings of a cell: what they may be, and how they read in an id.

Every field of `TrainingSettings` may be an axis of a grid. Keras is not imported here (a plan must be quick), so the
names it knows are listed; the worker hands them to Keras unchanged.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from bench.core.scores import SCORES
from bench.declare.loss import AUTO, Loss
from bench.declare.optimizer import Optimizer
from bench.declare.schedule import Constant, LearningRate, OwnSchedule
from bench.declare.stopping import EarlyStopping, ReduceOnPlateau  # noqa: TC001  pydantic reads these annotations
from bench.declare.values import Value, is_reference, one_of
from bench.declare.weights import ClassWeight  # noqa: TC001

METRICS = tuple(sorted(SCORES))
"""The figures that can be computed of a test set by their name."""

Count = Annotated[int, Field(gt=0, lt=2**31)]
InputScaling = Literal["unit", "standard", "none"]
CompiledBy = Literal["suite", "builder"]


def _reference(value: object) -> object:
    if not is_reference(value):
        raise PydanticCustomError("reference", "package.module:make, a function that returns a Keras callback")
    return value


Reference = Annotated[str, BeforeValidator(_reference, json_schema_input_type=str)]


COMPILED = ("optimizer", "learning_rate", "loss")
"""The settings that `compile = "builder"` leaves to the builder."""

ONCE_DEFAULT_LOSS = "categorical_crossentropy"
"""The default of version 0.1, which trains what `auto` trains: cells of then and of now are the same."""

HELD_OUT_SEED = 20_150_504
"""Draws the examples held out for validation; one fixed number, so that every seed of every cell holds out the same."""

canonical = json.JSONEncoder(sort_keys=True).encode
"""JSON of a value, the same text for every equal one."""


class TrainingSettings(Value):
    """How a cell is trained. Defaults are Keras's own where it has one."""

    epochs: Count = Field(10, description="passes over the training set")
    batch_size: Count = Field(32, description="examples per step; the last batch of an epoch may be smaller")
    optimizer: Optimizer = Optimizer(name="sgd")
    learning_rate: LearningRate = Field(Constant(initial=0.01), description="a number, or a table with a schedule")
    loss: Loss = Field(Loss(name=AUTO), description="auto follows what is predicted and what the model puts out")
    compile: CompiledBy = Field(
        "suite",
        description="whose optimizer, loss and metrics train the model: the suite's, or those its builder compiled",
    )
    input_scaling: InputScaling = Field(
        "unit",
        description="unit: to 0..1, by the full scale of the values; standard: mean 0 and deviation 1 over the "
        "training set, per feature or channel; none: as is",
    )
    validation_split: float = Field(
        0.0, ge=0, lt=1, description="fraction of the training set held out, the same images for every seed"
    )
    early_stopping: EarlyStopping | None = Field(None, description="needs a validation_split")
    reduce_on_plateau: ReduceOnPlateau | None = Field(None, description="needs a validation_split")
    class_weight: ClassWeight = Field(
        None, description="how much the examples of each class weigh in the loss; balanced: as much as the others'"
    )
    callbacks: tuple[Reference, ...] = Field(
        (), description="callbacks of your own, package.module:make; trained by the engine fit"
    )
    metrics: tuple[Annotated[str, one_of("metric", METRICS)], ...] = Field(
        (), description="further figures of the test set: by name, or package.module:function"
    )

    @cached_property
    def deciding(self) -> str:
        """JSON of all that decides a training, which the fingerprint of a cell is made of."""
        settings = self.model_dump(mode="json")
        if settings["loss"] == ONCE_DEFAULT_LOSS:
            settings["loss"] = AUTO
        if self.compile == "builder":
            settings = {key: value for key, value in settings.items() if key not in COMPILED}
        return canonical(settings)

    @cached_property
    def shaping(self) -> tuple[tuple[str, str], ...]:
        """Name and text of what the cost of a training step depends on."""
        return tuple((name, str(getattr(self, name))) for name in ("batch_size", "optimizer", "loss", "compile"))


SETTINGS = tuple(TrainingSettings.model_fields)
"""The names of the training settings, in order."""


def setting_text(value: object) -> str:
    """A setting or a builder's parameter as an id shows it: `0.1`, `128-128`, `cosine(initial=0.5)`."""
    # nearly all values of a grid are numbers and words
    return str(value) if type(value) in {int, str} else _other_text(value)


def _other_text(value: object) -> str:  # noqa: PLR0911  a form for every kind of value
    if isinstance(value, Constant):
        return setting_text(value.initial)
    if isinstance(value, (Optimizer, Loss)):
        return str(value)
    if isinstance(value, OwnSchedule):
        words = "".join(f",{key}={setting_text(option)}" for key, option in sorted(value.options.items()))
        return f"{value.schedule}(initial={setting_text(value.initial)}{words})"
    if isinstance(value, BaseModel):
        options = ",".join(
            f"{k}={setting_text(v)}" for k, v in value.model_dump(exclude_defaults=True).items() if k != "schedule"
        )
        return f"{getattr(value, 'schedule', type(value).__name__)}({options})"
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(item, tuple) for item in value):
            return "(" + ",".join(f"{name}={setting_text(number)}" for name, number in value) + ")"
        return "-".join(setting_text(item) for item in value) or "none"
    if isinstance(value, dict):
        return "(" + ",".join(f"{k}={setting_text(v)}" for k, v in sorted(value.items())) + ")"
    if isinstance(value, float) and not isinstance(value, bool):
        return f"{value:.12g}"
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)
