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

from bench.declare.schedule import OwnSchedule
from bench.declare.values import is_reference
from bench.execute.inputs import PLAIN_READING
from bench.execute.losses import resolved_loss
from bench.execute.messages import Recipe
from bench.execute.worker.compilation import make_loss, steps_per_epoch
from bench.execute.worker.hyperparameters import gives_shape, hyperparameters, takes_hyperparameters
from bench.execute.worker.optimizers import make_optimizer
from bench.execute.worker.own import imported, takes_pair
from bench.execute.worker.runtimes import current
from bench.execute.worker.setup import build_model, builder_parameters, load_data, take_seat
from bench.execute.worker.weights import weights_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.core.trees import Shape
    from bench.declare.loss import Loss
    from bench.execute.messages import TrialTask
    from bench.execute.worker.data import TrainingData


PARTIAL = "lambda y_true, y_pred: "
"""How the code of a loss begins that is a function of the user's own with options."""


class NotPlainError(Exception):
    """Something that a line of plain Keras cannot say."""


def write_recipe(task: TrialTask, send: Callable[[object], None]) -> None:
    """Send the `Recipe` of a task's cell, whose data are arrays."""
    take_seat(task)
    data = load_data(task)
    model = build_model(task, data)
    settings = task.cell.settings
    schedules: list[keras.optimizers.schedules.LearningRateSchedule] = []

    def keep(schedule: keras.optimizers.schedules.LearningRateSchedule) -> object:
        schedules.append(schedule)
        return schedule

    optimizer = make_optimizer(settings, steps_per_epoch(task, data), keep)
    ours = bool(schedules) and not isinstance(settings.learning_rate, OwnSchedule)
    width = data.outputs or task.target.width
    loss = resolved_loss(settings.loss, task.target, width)
    reading = task.inspection.reading if task.inspection else PLAIN_READING
    parameters, builder = builder_parameters(task), imported(task.builder)
    fixed = hyperparameters(builder, parameters) if takes_hyperparameters(builder) else None
    send(
        Recipe(
            # lines of layers would leave out what the builder compiles
            layers=() if settings.compile == "builder" else _layers(model, task, data),
            parameters={key: value for key, value in parameters.items() if key not in (fixed or {})},
            hyperparameters=fixed,
            gives_shape=fixed is None or gives_shape(builder),
            outputs=width,
            sparse=reading.takes_numbers(settings, task.target),
            optimizer="" if is_reference(settings.optimizer.name) else type(optimizer).__name__,
            loss="" if settings.compile == "builder" else _loss(loss),
            loss_name=loss.name,
            schedule=_call(schedules[0], "keras.optimizers.schedules") if ours else "",
            score_is_metric=_is_metric(task.score.name),
            keras_version=keras.__version__,
        )
    )


def _layers(model: keras.Model, task: TrialTask, data: TrainingData) -> tuple[str, ...]:
    """A line per layer; none where the model is not one that such lines can make."""
    shape = data.input_shape
    try:
        layers = model.layers if type(model) is keras.Sequential else _after_joining(model, task)
        if not layers or not all(layer.trainable for layer in model.layers):
            return ()
        lines = tuple(_call(layer, "keras.layers") for layer in layers)
        current().seed(task.seed)
        ours = [eval(line, {"keras": keras}) for line in lines]  # noqa: S307  our own lines
        made = _joined(shape, ours) if isinstance(shape, dict) else keras.Sequential([keras.Input(shape), *ours])
        same = weights_digest(made) == weights_digest(model)
    except Exception:  # noqa: BLE001  whatever a layer cannot do, the builder itself still can
        return ()
    return lines if same else ()


def _after_joining(model: keras.Model, task: TrialTask) -> list[keras.Layer]:
    """The layers of one of our own models after its inputs are joined; none of any other model."""
    joining = (keras.layers.InputLayer, keras.layers.Flatten, keras.layers.Concatenate)
    if not task.builder.startswith("bench."):
        return []
    return [layer for layer in model.layers if not isinstance(layer, joining)]


def _joined(shapes: dict[str, Shape], layers: Sequence[keras.Layer]) -> keras.Model:
    """A model of several inputs as a lesson writes it: each flattened, all set in a row, then the layers."""
    inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
    flat = [keras.layers.Flatten()(values) for values in inputs.values()]
    x = keras.layers.Concatenate()(flat) if len(flat) > 1 else flat[0]
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, x)


def _loss(loss: Loss) -> str:
    """The argument of `compile()` as code."""
    made = make_loss(loss)
    words = ", ".join(f"{key}={value!r}" for key, value in loss.options.items())
    if loss.own:
        name, named = loss.name.rpartition(":")[2], imported(loss.name)
        if inspect.isclass(named) or not takes_pair(named, loss.options):
            return f"{name}({words})"
        return f"{PARTIAL}{name}(y_true, y_pred, {words})" if words else name
    return f"keras.losses.{type(made).__name__}({words})" if words else repr(loss.name)


def _is_metric(score: str) -> bool:
    """Whether a score names what makes a Keras metric, and not a function of (y_true, y_pred)."""
    named = imported(score) if is_reference(score) else None
    return named is not None and (inspect.isclass(named) or not takes_pair(named))


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
    parameters: Mapping[str, inspect.Parameter] = inspect.signature(kind).parameters
    named = [p for p in parameters.values() if p.name != "name" and p.kind is p.POSITIONAL_OR_KEYWORD]
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
