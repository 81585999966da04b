"""What a model is compiled with: by the suite, or by its own builder. Runs in a worker process only."""

from __future__ import annotations

import functools
import inspect
import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras

from bench.core.target import Task
from bench.declare.settings import setting_text
from bench.execute.losses import resolved_loss
from bench.execute.worker.optimizers import make_optimizer
from bench.execute.worker.own import ModelError, called, imported, takes_pair
from bench.execute.worker.runtimes.lean import without_tensorflow
from bench.record.treatment import CompileRecord

if TYPE_CHECKING:
    from types import ModuleType

    import numpy as np
    from numpy.typing import NDArray

    from bench.core.target import Target
    from bench.declare.loss import Loss
    from bench.execute.messages import TrialTask
    from bench.execute.worker.data import TrainingData
    from bench.execute.worker.engines import Engine

ACCURACIES = frozenset({"accuracy", "acc", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"})
"""Names under which a model may report its accuracy."""

_USUAL = {"run_eagerly": False, "steps_per_execution": 1, "loss_weights": None, "weighted_metrics": None}
"""Further arguments of `compile()`, and what Keras takes where a builder says nothing."""


def compile_model(model: keras.Model, task: TrialTask, data: TrainingData, engine: Engine) -> CompileRecord:
    """Attach optimizer, loss and metrics as the cell declares them, or keep those of the builder.

    Returns:
        What the model is compiled with now.

    Raises:
        ModelError: the builder compiled the model and the suite says something else, or the suite leaves it to a
            builder that did not.
    """
    settings, builder = task.cell.settings, task.cell.builder
    own = _describe(model, "builder") if model.compiled else None
    if settings.compile == "builder":
        if own is None:
            raise ModelError(
                f'The suite leaves optimizer and loss to the builder (compile = "builder"), but the model of {builder} '
                "is not compiled. Call model.compile(...) in the builder, or take compile out of the suite."
            )
        _isolate_schedule(model, engine)
        return own
    ours = _compile(model, task, data, engine)
    if own is not None and (differing := _differences(own, ours)):
        raise ModelError(
            f"The model of {builder} comes compiled, and the suite would train it otherwise: {'; '.join(differing)}. "
            'Write compile = "builder" to train it as it is compiled, or return it uncompiled.'
        )
    return ours


def _compile(model: keras.Model, task: TrialTask, data: TrainingData, engine: Engine) -> CompileRecord:
    """Compile a model as the suite declares it.

    Raises:
        ModelError: a `compile()` of the model's own takes other arguments, or does something else with them.
    """
    settings, before = task.cell.settings, getattr(model, "optimizer", None)
    optimizer = make_optimizer(settings, steps_per_epoch(task, data), engine.schedule)
    loss = make_loss(resolved_loss(settings.loss, data.target, data.outputs))
    metrics = ["accuracy"] if data.target.task is Task.CLASSES else []
    own = f"{type(model).__name__} has a compile() of its own"
    way_out = 'Compile it in the builder and write compile = "builder".'
    try:
        # by name Keras picks the accuracy that fits the targets, one-hot or class numbers
        model.compile(optimizer=optimizer, loss=loss, metrics=metrics)
    except TypeError as error:
        if type(model).compile is keras.Model.compile:
            raise
        raise ModelError(f"{own}, which does not take optimizer, loss and metrics: {error}. {way_out}") from error
    if getattr(model.optimizer, "inner_optimizer", model.optimizer) is not optimizer or model.loss is not loss:
        raise ModelError(f"{own}, which does not use the suite's optimizer and loss. {way_out}")
    names = ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern")
    if any(getattr(before, name, None) for name in names):  # set by a method, so that no configuration shows it
        raise ModelError(
            f"The optimizer that {task.cell.builder} compiles leaves weights out of its decay, which the suite cannot "
            'say. Write compile = "builder" to train the model as it is compiled.'
        )
    ours = _describe(model, "suite")
    if settings.loss.own:  # its configuration may not show what it was made with
        ours = replace(ours, loss_options=settings.loss.options)
    return replace(ours, learning_rate=_declared_rate(task, ours))


def make_loss(loss: Loss) -> Any:  # noqa: ANN401  what `compile()` takes
    """A loss for `compile()`: its name, an object where it has options, or the user's own.

    Raises:
        ValueError: Keras refuses an option.
        ModelError: the user's own cannot be imported or called.
    """
    if loss.own:
        return _own_loss(loss)
    if not loss.options:
        return loss.name
    wanted = loss.name.replace("_", "")
    kinds = (kind for name, kind in vars(keras.losses).items() if inspect.isclass(kind) and name.lower() == wanted)
    return next(kinds)(**loss.options)


def _own_loss(loss: Loss) -> Any:  # noqa: ANN401  what `compile()` takes
    """A loss of the user's own: a function of (y_true, y_pred), or what a class or any other function makes."""
    named = imported(loss.name)
    if not inspect.isclass(named) and takes_pair(named, loss.options):
        return functools.update_wrapper(functools.partial(named, **loss.options), named) if loss.options else named
    made = called(loss.name, "loss", **loss.options)
    if not callable(made):
        raise ModelError(
            f"{loss.name} returned {type(made).__name__}, not a loss. Return a keras.losses.Loss or a function of "
            "(y_true, y_pred) from it."
        )
    return made


OWN_TESTING = ("evaluate", "make_test_function", "test_function", "test_step")
"""What decides how examples held out are tested in `Model.fit`."""

OWN_METHODS = ("fit", "make_train_function", "train_function", "train_step")
"""What decides the training in `Model.fit`: a model that has its own of these is trained by no other engine."""


def own_method(kind: type, names: tuple[str, ...] = OWN_METHODS) -> str:
    """The first of some methods that a class of somebody's own brings; empty where all are Keras's."""
    own = [base for base in kind.__mro__ if not base.__module__.startswith("keras.")]
    return next((name for name in names for base in own if name in vars(base)), "")


def takes_class_numbers(model: keras.Model, target: Target, truth: NDArray[Any], outputs: NDArray[np.float32]) -> bool:
    """Whether the loss that a builder compiled takes classes by their number, not one-hot.

    A loss of somebody's own is tried on some outputs: one that cannot take one-hot targets takes numbers.

    Args:
        model: compiled or not.
        target: what is predicted.
        truth: (n,) or (n, width), as stored.
        outputs: (n, width) float32.
    """
    if target.task is not Task.CLASSES:
        return False
    loss = getattr(model, "loss", None) if model.compiled else None
    single = loss[0] if isinstance(loss, (list, tuple)) and len(loss) == 1 else loss
    if single is None or isinstance(single, dict):
        return False
    if isinstance(single, keras.losses.SparseCategoricalCrossentropy) or _loss(single)[0].startswith("sparse_"):
        return True
    if not callable(single) or isinstance(single, str):
        return False
    try:
        single(target.encode(truth, outputs.shape[1]), outputs)
    except Exception:  # noqa: BLE001  whatever it says of such targets
        return True
    return False


def steps_per_epoch(task: TrialTask, data: TrainingData) -> int:
    """Batches in an epoch, the last and smaller one included."""
    if data.feed is not None:
        return data.feed.train_batches
    return math.ceil(data.train.size / task.cell.settings.batch_size)


def accuracy_of(values: dict[str, float]) -> float | None:
    """The accuracy among the figures that a model reports; None where it reports none."""
    return next((value for name, value in values.items() if name in ACCURACIES), None)


def _declared_rate(task: TrialTask, ours: CompileRecord) -> str:
    """The schedule in the suite's words, since an engine may have wrapped Keras's own."""
    rate = task.cell.settings.learning_rate
    return ours.learning_rate if rate.schedule == "constant" else setting_text(rate)


def _isolate_schedule(model: keras.Model, engine: Engine) -> None:
    """Give a builder's own learning-rate schedule the form that the engine's program needs."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    schedule = getattr(optimizer, "_learning_rate", None)  # reading `learning_rate` would give its present value
    if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        optimizer.learning_rate = engine.schedule(schedule)


def _describe(model: keras.Model, by: str) -> CompileRecord:
    """What a compiled model is compiled with."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    loss, loss_options = _loss(getattr(model, "loss", None))
    arguments = _arguments(model)
    return CompileRecord(
        by=by,
        optimizer=_class_name(optimizer, keras.optimizers),
        optimizer_options=_changed(optimizer, leave={"name", "learning_rate"}),
        learning_rate=_rate(optimizer),
        loss=loss,
        loss_options=loss_options,
        metrics=_metrics(arguments.get("metrics")),
        options={
            **{key: str(arguments[key]) for key, usual in _USUAL.items() if arguments.get(key, usual) != usual},
            **({"jit_compile": "True"} if model.jit_compile and by == "builder" else {}),
        },
        own_method=own_method(type(model)),
    )


def _arguments(model: keras.Model) -> dict[str, Any]:
    """The arguments of `compile()`; Keras keeps them on the model, some of them under names that are not public.

    Its own `get_compile_config()` fails for whatever cannot be written down, such as a metric without a configuration.
    """
    metrics, loss = getattr(model, "_compile_metrics", None), getattr(model, "_compile_loss", None)
    return {
        "run_eagerly": bool(model.run_eagerly),
        "steps_per_execution": getattr(model, "steps_per_execution", 1),
        "loss_weights": getattr(loss, "_user_loss_weights", None),
        "metrics": getattr(metrics, "_user_metrics", None),
        "weighted_metrics": getattr(metrics, "_user_weighted_metrics", None),
    }


def _class_name(made: object, module: ModuleType) -> str:
    """The class of an object of Keras's own; with its module where it is somebody else's."""
    kind = type(made)
    return kind.__name__ if getattr(module, kind.__name__, None) is kind else f"{kind.__module__}.{kind.__name__}"


def _rate(optimizer: keras.optimizers.Optimizer) -> str:
    rate = getattr(optimizer, "_learning_rate", None)
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        try:
            config = rate.get_config()
        except NotImplementedError:  # `fit` asks no schedule for it
            return type(rate).__name__
        options = ", ".join(f"{key}={value}" for key, value in config.items() if key != "name")
        return f"{type(rate).__name__}({options})"
    if rate is None:
        return ""
    return f"{float(keras.ops.convert_to_numpy(optimizer.learning_rate)):.7g}"


def _loss(loss: object) -> tuple[str, dict[str, Any]]:
    """A loss's name and what differs from its defaults."""
    if isinstance(loss, (list, tuple)) and len(loss) == 1:
        loss = loss[0]
    if loss is None:
        return "", {}
    if isinstance(loss, str):
        try:
            loss = keras.losses.get(loss)
        except ValueError:
            return str(loss), {}
    if isinstance(loss, keras.losses.Loss):
        kind = type(loss)
        name = (
            kind.__name__
            if getattr(keras.losses, kind.__name__, None) is kind
            else f"{kind.__module__}.{kind.__name__}"
        )
        return _snake(name), _changed(loss, leave={"name", "dtype"})
    if callable(loss):
        name = getattr(loss, "__name__", type(loss).__name__)
        ours = getattr(keras.losses, name, None) is loss
        return name if ours else f"{getattr(loss, '__module__', '')}.{name}", {}
    return str(loss), {}


def _snake(name: str) -> str:
    """Keras's own name of a loss class: `SparseCategoricalCrossentropy` is `sparse_categorical_crossentropy`."""
    if "." in name:
        return name
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.replace("KLDivergence", "KlDivergence")).lower()


def _changed(made: Any, leave: set[str]) -> dict[str, Any]:  # noqa: ANN401  an optimizer, a loss
    """What of an object's configuration differs from the defaults of its class; values as JSON holds them."""
    try:
        config, usual = _config(made), _config(type(made)())
    except Exception:  # noqa: BLE001  no configuration, or a class that cannot be made without arguments
        return {}
    return {
        key: value if isinstance(value, (bool, int, float, str)) or value is None else str(value)
        for key, value in config.items()
        if key not in leave and value != usual.get(key)
    }


def _config(made: Any) -> dict[str, Any]:  # noqa: ANN401  an optimizer, a loss
    """An object's configuration; some losses leave out what their function is called with."""
    with without_tensorflow():
        return {**made.get_config(), **getattr(made, "_fn_kwargs", {})}


def _metrics(metrics: object) -> tuple[str, ...]:
    """Names of metrics, as they were given to `compile()`."""
    if metrics is None:
        return ()
    if isinstance(metrics, (list, tuple)):
        return tuple(name for item in metrics for name in _metrics(item))
    if isinstance(metrics, dict):
        return tuple(name for item in metrics.values() for name in _metrics(item))
    return (str(getattr(metrics, "name", None) or getattr(metrics, "__name__", metrics)),)


def _differences(own: CompileRecord, ours: CompileRecord) -> list[str]:
    """What a builder's compile says that the suite's would drop."""
    pairs = (
        ("optimizer", own.optimizer_text, ours.optimizer_text),
        ("learning rate", own.learning_rate, ours.learning_rate),
        ("loss", own.loss_text, ours.loss_text),
    )
    clauses = [f"{name} {theirs or 'none'}, not {suite or 'none'}" for name, theirs, suite in pairs if theirs != suite]
    further = [name for name in own.metrics if name not in ACCURACIES]
    clauses += [f"metrics {', '.join(further)}, not accuracy alone"] if further else []
    return clauses + [f"{key} {value}, not Keras's default" for key, value in own.options.items()]
