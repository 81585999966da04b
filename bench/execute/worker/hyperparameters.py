"""Builders that are given a `keras_tuner.HyperParameters`, whose values a suite fixes. In a worker process only."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from bench.catalog.signature import GIVEN, TUNED_FORMS, is_hyperparameters
from bench.core.names import listed, nearest
from bench.execute.worker.own import ModelError, missing_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bench.core.trees import Shapes


def takes_hyperparameters(builder: object) -> bool:
    """Whether a builder's first parameter stands for a `keras_tuner.HyperParameters`."""
    first = next(iter(_positional(builder)), None)
    if first is None:
        return False
    annotation = "" if first.annotation is first.empty else first.annotation
    return is_hyperparameters(first.name, getattr(annotation, "__name__", str(annotation)))


def gives_shape(builder: object) -> bool:
    """Whether such a builder takes the shape of an example and the number of classes after the hyperparameters."""
    return len(_positional(builder)) > GIVEN


def hyperparameters(builder: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that fix hyperparameters; the others are parameters of the builder."""
    own = inspect.signature(builder).parameters
    return {key: value for key, value in values.items() if key not in own}


def build_tuned(
    builder: Callable[..., Any], name: str, input_shape: Shapes, width: int, values: Mapping[str, Any]
) -> Any:  # noqa: ANN401  whatever a builder returns
    """What a builder makes of hyperparameters that are fixed at these values; all others are at their defaults.

    Args:
        builder: `build(hp)` or `build(hp, input_shape, num_classes, ...)`.
        name: of the builder, for messages.
        input_shape: of one example.
        width: the number of classes, labels or values.
        values: by the name of a parameter of the builder or of a hyperparameter.

    Raises:
        ModelError: keras-tuner is not installed, or a value is none that the builder asks for: it has another name,
            another kind, lies out of its range, or is not asked for beside the other values.
    """
    try:
        import keras_tuner  # noqa: PLC0415  an extra
    except ModuleNotFoundError as error:
        raise ModelError(f"The builder {name} takes keras_tuner.HyperParameters. {missing_extra(error)}") from error
    positional = _positional(builder)
    if len(positional) == GIVEN:
        raise ModelError(f"Define the builder {name} as {TUNED_FORMS.format(name=name.rpartition(':')[2])}.")
    given = (input_shape, width) if gives_shape(builder) else ()
    fixed = hyperparameters(builder, values)
    hp = keras_tuner.HyperParameters()
    hp.values.update(fixed)
    try:
        made = builder(hp, *given, **{key: value for key, value in values.items() if key not in fixed})
    except Exception as error:
        # a value of another kind may have broken the builder: that is the better reason
        if problem := _first_problem(name, hp, fixed, unasked=False):
            raise ModelError(problem) from error
        raise
    if problem := _first_problem(name, hp, fixed, unasked=True):
        raise ModelError(problem)
    return made


def _positional(builder: Any) -> list[inspect.Parameter]:  # noqa: ANN401  whatever a reference names
    try:
        parameters = inspect.signature(builder).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    return [parameter for parameter in parameters if parameter.kind in kinds]


def _first_problem(name: str, hp: Any, fixed: Mapping[str, Any], *, unasked: bool) -> str:  # noqa: ANN401  an extra
    """What is wrong with the first value that is; empty where all are right.

    Args:
        name: of the builder.
        hp: after the builder was called.
        fixed: the values that were fixed.
        unasked: whether a value that the builder did not ask for is wrong, too.
    """
    for key, value in fixed.items():
        asked = [parameter for parameter in hp.space if parameter.name == key]
        active = [
            parameter
            for parameter in asked
            if all(condition.is_active(hp.values) for condition in parameter.conditions)
        ]
        if active and (wanted := _wanted(active[0], value)):
            return f"The builder {name} declares the hyperparameter {key} as {wanted}, and the suite gives {value!r}."
        if not active and unasked:
            return _unasked(name, key, (parameter.name for parameter in hp.space), inactive=bool(asked))
    return ""


def _unasked(name: str, key: str, names: Iterable[str], *, inactive: bool) -> str:
    known = tuple(dict.fromkeys(names))
    if inactive:
        return (
            f"The hyperparameter {key} of the builder {name} is not active beside the other values of this cell, so "
            f"its value would change nothing. Take {key} out of this cell, or leave the cell out by an [[exclude]]."
        )
    guess = nearest(key, known)
    return (
        f"The builder {name} does not ask for a hyperparameter {key!r} beside the other values of this cell; it asks "
        f"for {listed(known) if known else 'none'}" + (f"; did you mean {guess!r}?" if guess else ".")
    )


def _wanted(declared: Any, value: object) -> str:  # noqa: ANN401  a hyperparameter of an extra
    """What a hyperparameter may be, where the value is something else; empty where it may be that value."""
    kind = type(declared).__name__
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "Int" | "Float":
            whole = kind == "Int"
            right = is_number and (not whole or isinstance(value, int))
            if right and declared.min_value <= value <= declared.max_value:
                return ""
            article = "a whole number" if whole else "a number"
            return f"{article} from {declared.min_value} to {declared.max_value}"
        case "Boolean":
            return "" if isinstance(value, bool) else "true or false"
        case "Choice":
            same = [
                choice
                for choice in declared.values
                if choice == value and isinstance(choice, bool) == isinstance(value, bool)
            ]
            return "" if same else f"one of {listed(map(repr, declared.values))}"
        case "Fixed":
            return "" if declared.value == value else f"fixed at {declared.value!r}"
    return ""
