"""The loss of a cell: a Keras loss by its name, with options that Keras has, one of the user's own, or `auto`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from bench.core.names import listed, nearest
from bench.declare.values import PLAIN_VALUES, is_plain, is_reference, known_name, name_or_table, named, one_of

_LOGITS = ("from_logits", "label_smoothing")

LOSS_OPTIONS: dict[str, tuple[str, ...]] = {
    "binary_crossentropy": _LOGITS,
    "categorical_crossentropy": _LOGITS,
    "categorical_focal_crossentropy": ("alpha", "gamma", *_LOGITS),
    "categorical_hinge": (),
    "cosine_similarity": (),
    "hinge": (),
    "huber": ("delta",),
    "kl_divergence": (),
    "log_cosh": (),
    "mean_absolute_error": (),
    "mean_absolute_percentage_error": (),
    "mean_squared_error": (),
    "mean_squared_logarithmic_error": (),
    "poisson": (),
    "sparse_categorical_crossentropy": ("from_logits", "ignore_class"),
    "squared_hinge": (),
}
"""The options of each loss that a suite may set."""

AUTO = "auto"
"""The loss that follows what is predicted and what the model puts out."""

LOSSES = (AUTO, *LOSS_OPTIONS)


class Loss(BaseModel):
    """A loss by its name, with its own options (`from_logits = true`) passed on as they are.

    `auto` is cross-entropy for classes and labels, in the form that fits the model's outputs, and mean squared error
    for values; its options are those of a cross-entropy.
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False, json_schema_extra=name_or_table(LOSSES))

    name: Annotated[str, one_of("Keras loss", LOSSES)] = Field(json_schema_extra=named(LOSSES))

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: object) -> object:
        if isinstance(value, str):
            return {"name": known_name("Keras loss", LOSSES, value)}
        if isinstance(value, BaseModel):
            return value
        if not isinstance(value, dict):
            raise PydanticCustomError("loss", "a Keras loss by its name, or a table with a `name`")
        if not is_plain(value):
            raise PydanticCustomError("loss", "options that are {plain}", {"plain": PLAIN_VALUES})
        allowed = _LOGITS if value.get("name") == AUTO else LOSS_OPTIONS.get(str(value.get("name")))
        unknown = [key for key in value if key != "name" and allowed is not None and key not in allowed]
        if unknown:
            guess = nearest(unknown[0], allowed or ())
            raise PydanticCustomError(
                "loss",
                "{name} with {allowed}{guess}",
                {
                    "name": str(value.get("name")),
                    "allowed": f"no option but {listed(allowed)}" if allowed else "no options",
                    "guess": f"; did you mean {guess!r}?" if guess else "",
                },
            )
        if "from_logits" in value and not isinstance(value["from_logits"], bool):
            raise PydanticCustomError("loss", "from_logits = true or false")
        return value

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> Any:  # noqa: ANN401  a text or a table
        """A loss without options is its name, as records have always held it."""
        return handler(self) if self.options else self.name

    @property
    def options(self) -> dict[str, Any]:
        """What the loss is made with."""
        return dict(self.__pydantic_extra__ or {})

    @property
    def auto(self) -> bool:
        """Whether it follows what is predicted."""
        return self.name == AUTO

    @property
    def own(self) -> bool:
        """Whether it is one of the user's own, `package.module:name`."""
        return is_reference(self.name)

    @property
    def from_logits(self) -> bool:
        """Whether it takes what comes before a softmax or a sigmoid."""
        return bool(self.options.get("from_logits"))

    @property
    def sparse(self) -> bool:
        """Whether it takes classes by their number, not one-hot."""
        return self.name.startswith("sparse_")

    def __str__(self) -> str:
        options = ",".join(
            f"{key}={str(value).lower() if isinstance(value, bool) else value}"
            for key, value in sorted(self.options.items())
        )
        return f"{self.name}({options})" if options else self.name
