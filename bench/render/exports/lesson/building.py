"""The step that builds the network: as layers, or by a function of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.core.formatting import count
from bench.render.exports.lesson.own import imports
from bench.render.exports.lesson.subject import Step
from bench.render.exports.lesson.tasks import words_of

if TYPE_CHECKING:
    from bench.render.exports.lesson.subject import Subject

TITLE = "Build the network"


def build_network(of: Subject) -> Step:
    """The network, before it has learned anything."""
    parameters = of.trial.outcome.parameter_count
    size = f" It has {count(parameters)} weights to learn." if parameters else ""
    if not of.layers:
        return _by_builder(of, size)
    end = words_of(of).last_layer(of)
    return _joined(of, end, size) if of.several else _stacked(of, end, size)


def _by_builder(of: Subject, size: str) -> Step:
    lines, names = imports(of.builder)
    given = [f"{_shape(of)!r}, {of.target.width}"] if of.gives_shape else []
    # a dictionary: what a suite calls its parameters need not be a name that Python takes
    given += [f"**{of.parameters!r}"] if of.parameters else []
    text = f"This network is made by a function of your own.{size}"
    if of.hyperparameters is not None:
        text += " It is given hyperparameters of KerasTuner, fixed at the values of this cell."
        lines = ["import keras_tuner", *lines, "", "hyperparameters = keras_tuner.HyperParameters()"]
        lines += [f"hyperparameters.values.update({of.hyperparameters!r})"] if of.hyperparameters else []
        given = ["hyperparameters", *given]
    else:
        lines = [*lines, ""]
    return Step(TITLE, text, "\n".join([*lines, f"model = {names[of.builder]}({', '.join(given)})", "model.summary()"]))


def _shape(of: Subject) -> Any:  # noqa: ANN401  a shape, or a dict of them
    if of.several:
        return {one_input.name: one_input.shape for one_input in of.inputs}
    return of.inputs[0].shape


def _stacked(of: Subject, end: str, size: str) -> Step:
    stack = "".join(f"        {line},\n" for line in (f"keras.Input({_shape(of)!r})", *of.layers))
    return Step(
        TITLE,
        f"The layers are a sequence: the output of each layer is the input of the next. {end}{size}",
        f"model = keras.Sequential(\n    [\n{stack}    ]\n)\nmodel.summary()",
    )


def _joined(of: Subject, end: str, size: str) -> Step:
    entries = [
        f"    {one_input.name!r}: keras.Input({one_input.shape!r}, name={one_input.name!r})," for one_input in of.inputs
    ]
    flat = "[keras.layers.Flatten()(values) for values in inputs.values()]"
    join = f"x = keras.layers.Concatenate()({flat})" if len(of.inputs) > 1 else f"x = {flat}[0]"
    code = ["inputs = {", *entries, "}", join, *(f"x = {line}(x)" for line in of.layers)]
    return Step(
        TITLE,
        f"The inputs are concatenated. Then the output of each layer is the input of the next. {end}{size}",
        "\n".join([*code, "model = keras.Model(inputs, x)", "model.summary()"]),
    )
