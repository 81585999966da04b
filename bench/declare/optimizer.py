"""The optimizer of a cell: a Keras optimizer by its name, with options that Keras has and uses."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from bench.core.names import listed, nearest
from bench.declare.values import PLAIN_VALUES, is_plain, is_reference, name_or_table, named, one_of

CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")
_AVERAGE = ("ema_momentum", "ema_overwrite_frequency")
_EVERY = ("weight_decay", *CLIPPING, "use_ema", *_AVERAGE, "loss_scale_factor", "gradient_accumulation_steps")
_ADAM = ("beta_1", "beta_2", "epsilon")

OPTIMIZER_OPTIONS: dict[str, tuple[str, ...]] = {
    "adadelta": ("rho", "epsilon"),
    "adafactor": ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step"),
    "adagrad": ("initial_accumulator_value", "epsilon"),
    "adam": (*_ADAM, "amsgrad"),
    "adamax": _ADAM,
    "adamw": (*_ADAM, "amsgrad"),
    "ftrl": (
        "learning_rate_power", "initial_accumulator_value", "l1_regularization_strength", "l2_regularization_strength",
        "l2_shrinkage_regularization_strength", "beta",
    ),
    "lamb": _ADAM,
    "lion": ("beta_1", "beta_2"),
    "muon": (
        "adam_beta_1", "adam_beta_2", "adam_weight_decay", "epsilon", "exclude_layers", "exclude_embeddings", "muon_a",
        "muon_b", "muon_c", "adam_lr_ratio", "momentum", "ns_steps", "nesterov", "rms_rate",
    ),
    "nadam": _ADAM,
    "rmsprop": ("rho", "momentum", "epsilon", "centered"),
    "sgd": ("momentum", "nesterov"),
}  # fmt: skip
"""The options of each optimizer beside those that every one has; Keras drops `decay` and says so in a warning only."""

OPTIMIZERS = tuple(OPTIMIZER_OPTIONS)
_SCHEDULE_INSTEAD = "write learning_rate = { schedule = ... } for a rate that falls"


def optimizer_options(name: str) -> tuple[str, ...]:
    """Every option that Keras has for an optimizer and uses."""
    return (*OPTIMIZER_OPTIONS[name], *_EVERY)


class Optimizer(BaseModel):
    """An optimizer by its name, or `package.module:make`, with its own options (`momentum = 0.9`) passed on."""

    model_config = ConfigDict(
        frozen=True, extra="allow", allow_inf_nan=False, json_schema_extra=name_or_table(OPTIMIZERS)
    )

    name: Annotated[str, one_of("Keras optimizer", OPTIMIZERS)] = Field(json_schema_extra=named(OPTIMIZERS))

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: object) -> object:
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, BaseModel):
            return value
        if not isinstance(value, dict):
            raise PydanticCustomError("optimizer", "a Keras optimizer's name, or a table with a `name`")
        if "learning_rate" in value:
            raise PydanticCustomError(
                "learning_rate", "an optimizer without a learning_rate: that is a setting of its own"
            )
        if not is_plain(value):
            raise PydanticCustomError("optimizer", "options that are {plain}", {"plain": PLAIN_VALUES})
        return value

    @property
    def options(self) -> dict[str, Any]:
        """What the optimizer is made with, beside its learning rate."""
        return dict(self.__pydantic_extra__ or {})

    def __str__(self) -> str:
        options = ",".join(f"{key}={value}" for key, value in sorted(self.options.items()))
        return f"{self.name}({options})" if options else self.name


def check_options(optimizer: Optimizer) -> Optimizer:
    """Refuse what Keras does not have, and what it would take and not use.

    A suite file is held to this; records of an earlier version are read as they are.
    """
    if is_reference(optimizer.name):
        return optimizer  # a function of the user's own says itself what it takes
    name, options, allowed = optimizer.name, optimizer.options, optimizer_options(optimizer.name)
    if "decay" in options:
        raise _refused("no decay: Keras ignores it; {instead}", instead=_SCHEDULE_INSTEAD)
    for key in options:
        if key not in allowed:
            guess = nearest(key, allowed)
            raise _refused(
                "options of {name}: {allowed}{guess}",
                name=name,
                allowed=listed(sorted(allowed)),
                guess=f"; did you mean {guess!r}?" if guess else "",
            )
    if any(key in options for key in _AVERAGE) and not options.get("use_ema"):
        raise _refused("use_ema = true beside {keys}: Keras ignores them without it", keys=" and ".join(_AVERAGE))
    if name == "sgd" and options.get("nesterov") and not options.get("momentum"):
        raise _refused("a momentum beside nesterov: Keras ignores nesterov without it")
    if sum(options.get(key) is not None for key in CLIPPING) > 1:
        raise _refused("one of {keys}", keys=", ".join(CLIPPING))
    return optimizer


def _refused(message: str, **words: str) -> PydanticCustomError:
    return PydanticCustomError("optimizer", message, words)
