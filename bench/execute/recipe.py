"""A cell as the plain Keras code that makes its model. Runs in a worker process only.

What is written is tried: the code is run under the cell's seed, and where its model does not begin with the very
weights of the builder's own, or a layer is one that Keras does not ship, there is no recipe and the builder is imported
instead.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any

import keras

from bench.core.errors import DataError
from bench.execute.compilation import make_loss, steps_per_epoch
from bench.execute.messages import Recipe
from bench.execute.optimizers import make_optimizer
from bench.execute.setup import build_model, load_data, take_seat
from bench.execute.weights import weights_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.execute.messages import TrialTask


class NotPlainError(Exception):
    """Something that a line of plain Keras cannot say."""


def write_recipe(task: TrialTask, send: Callable[[object], None]) -> None:
    """Send the `Recipe` of a task's cell, or the `BenchError` that says why there is none."""
    if task.stream is not None:
        reason = (
            f"{task.cell.id} is trained on data that {task.stream.loader} streams, and a lesson brings its data along."
        )
        send(DataError(reason, hint="Call the loader and Model.fit in a script of your own."))
        return
    take_seat(task)
    data = load_data(task)
    input_shape = tuple(data.train.x.shape[1:])
    model = build_model(task, data)
    settings = task.cell.settings
    optimizer = make_optimizer(settings, steps_per_epoch(task, data), lambda schedule: schedule)
    rate = optimizer.get_config()["learning_rate"]
    send(
        Recipe(
            # lines of layers would leave out what the builder compiles
            layers=() if settings.compile == "builder" else _layers(model, task, input_shape),
            optimizer=type(optimizer).__name__,
            loss=type(make_loss(settings.loss)).__name__ if settings.loss.options else "",
            schedule=_value(rate) if isinstance(rate, dict) else "",
            keras_version=keras.__version__,
        )
    )


def _layers(model: keras.Model, task: TrialTask, input_shape: tuple[int, ...]) -> tuple[str, ...]:
    """A line per layer; none where the model is not one that such lines can make."""
    try:
        if type(model) is not keras.Sequential or not all(layer.trainable for layer in model.layers):
            return ()
        lines = tuple(_call(layer, "keras.layers") for layer in model.layers)
        keras.utils.set_random_seed(task.seed)
        ours = [keras.Input(input_shape), *(eval(line, {"keras": keras}) for line in lines)]  # noqa: S307  our own lines
        same = weights_digest(keras.Sequential(ours)) == weights_digest(model)
    except Exception:  # noqa: BLE001  whatever a layer cannot do, the builder itself still can
        return ()
    return lines if same else ()


def _call(made: Any, module: str) -> str:  # noqa: ANN401  a layer, a schedule
    """The call that makes an object of Keras's own, without what is default."""
    kind = type(made)
    if getattr(import_module(module), kind.__name__, None) is not kind:
        raise NotPlainError(kind.__name__)
    config = made.get_config()
    required, optional = _parameters(kind)
    usual = kind(**{name: config[name] for name in required}).get_config()
    words = [_value(config[name]) for name in required]
    words += [f"{name}={_value(config[name])}" for name in optional if name in config and config[name] != usual[name]]
    if config.get("dtype") != usual.get("dtype"):
        words.append(f"dtype={made.dtype_policy.name!r}")
    return f"{module}.{kind.__name__}({', '.join(words)})"


def _parameters(kind: type) -> tuple[list[str], list[str]]:
    """Names of what an object must be and may be made with, its own name left out."""
    found: Mapping[str, inspect.Parameter] = inspect.signature(kind).parameters
    named = [p for p in found.values() if p.name != "name" and p.kind is p.POSITIONAL_OR_KEYWORD]
    return [p.name for p in named if p.default is p.empty], [p.name for p in named if p.default is not p.empty]


def _value(value: Any) -> str:  # noqa: ANN401  whatever a configuration holds
    """A value of a configuration as code."""
    if isinstance(value, dict) and str(value.get("module", "")).startswith("keras."):
        made = keras.saving.deserialize_keras_object(value)
        return _call(made, value["module"])
    if isinstance(value, (list, tuple)):
        inner = ", ".join(_value(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    raise NotPlainError(repr(value))
