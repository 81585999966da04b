"""How the learning rate goes through a training."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, PositiveFloat, Tag, model_validator
from pydantic_core import PydanticCustomError

from bench.core.names import listed, nearest
from bench.declare.values import PLAIN_VALUES, REFERENCE, Value, is_plain, is_reference


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


class OwnSchedule(BaseModel):
    """A schedule of the user's own: `package.module:make`, called with what it is to know by name.

    It is called as `make(initial, steps_per_epoch=..., epochs=..., **options)` and returns a Keras schedule.
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    schedule: str = Field(pattern=f"^{REFERENCE.pattern}$")
    initial: PositiveFloat

    @property
    def options(self) -> dict[str, Any]:
        """What it is called with, beside the initial rate and the length of the training."""
        return dict(self.__pydantic_extra__ or {})


Schedule = Constant | Cosine | Exponential | Polynomial | InverseTime | Piecewise | OwnSchedule
SCHEDULES = ("constant", "cosine", "exponential", "inverse_time", "piecewise", "polynomial")


def _schedule_from_number(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {"schedule": "constant", "initial": value}
    if isinstance(value, dict) and is_reference(value.get("schedule")):
        if not is_plain(value):
            raise PydanticCustomError("learning_rate", "options that are {plain}", {"plain": PLAIN_VALUES})
        return value
    if isinstance(value, dict) and value.get("schedule") not in SCHEDULES:
        received = value.get("schedule")
        hint = nearest(received, SCHEDULES) if isinstance(received, str) else None
        raise PydanticCustomError(
            "schedule",
            "a table whose `schedule` is {allowed}, or package.module:make{suggestion}",
            {"allowed": listed(SCHEDULES), "suggestion": f"; did you mean {hint!r}?" if hint else ""},
        )
    if not isinstance(value, (dict, BaseModel)):
        raise PydanticCustomError("learning_rate", "a number greater than 0, or a table with a `schedule`")
    return value


def _kind_of_schedule(value: object) -> str:
    schedule = value.get("schedule") if isinstance(value, dict) else getattr(value, "schedule", "")
    return "own" if is_reference(schedule) else str(schedule)


LearningRate = Annotated[
    Annotated[Constant, Tag("constant")]
    | Annotated[Cosine, Tag("cosine")]
    | Annotated[Exponential, Tag("exponential")]
    | Annotated[Polynomial, Tag("polynomial")]
    | Annotated[InverseTime, Tag("inverse_time")]
    | Annotated[Piecewise, Tag("piecewise")]
    | Annotated[OwnSchedule, Tag("own")],
    Discriminator(_kind_of_schedule),
    BeforeValidator(_schedule_from_number, json_schema_input_type=PositiveFloat | Schedule),
]
