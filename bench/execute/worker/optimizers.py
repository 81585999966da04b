"""Keras optimizers and schedules from a cell's settings. Runs in a worker process only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import keras

from bench.declare.schedule import Constant, Cosine, Exponential, InverseTime, OwnSchedule, Piecewise, Polynomial
from bench.declare.values import is_reference
from bench.execute.worker.own import ModelError, called

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.declare.schedule import Schedule
    from bench.declare.settings import TrainingSettings


def make_optimizer(
    settings: TrainingSettings,
    steps_per_epoch: int,
    wrap: Callable[[keras.optimizers.schedules.LearningRateSchedule], object],
) -> keras.optimizers.Optimizer:
    """The optimizer of a training.

    Args:
        settings: optimizer, learning rate and epochs are read.
        steps_per_epoch: batches in an epoch; Keras counts schedules in steps, suites in epochs.
        wrap: what the engine makes of a schedule.

    Raises:
        ValueError: Keras refuses an option of the optimizer.
        ModelError: an optimizer or a schedule of the user's own is none.
    """
    learning_rate: object = settings.learning_rate.initial
    if isinstance(settings.learning_rate, OwnSchedule):
        learning_rate = wrap(_own_schedule(settings.learning_rate, steps_per_epoch, settings.epochs))
    elif not isinstance(settings.learning_rate, Constant):
        learning_rate = wrap(_schedule(settings.learning_rate, steps_per_epoch, settings.epochs * steps_per_epoch))
    name = settings.optimizer.name
    if is_reference(name):
        return _own_optimizer(name, learning_rate, settings.optimizer.options)
    # Keras's own look-up by name passes no options, and does not know all of its optimizers
    kind = next(kind for key, kind in vars(keras.optimizers).items() if key.lower() == name and isinstance(kind, type))
    return kind(learning_rate=learning_rate, **settings.optimizer.options)


def _own_optimizer(reference: str, learning_rate: object, options: dict[str, Any]) -> keras.optimizers.Optimizer:
    """What a function or class of the user's own makes of a learning rate: `make(learning_rate=..., **options)`."""
    made = called(reference, "optimizer", learning_rate=learning_rate, **options)
    if not isinstance(made, keras.optimizers.Optimizer):
        raise ModelError(f"{reference} returned {type(made).__name__}, not a Keras optimizer. Return one from it.")
    taken = getattr(getattr(made, "inner_optimizer", made), "_learning_rate", None)
    if isinstance(learning_rate, float):
        own = isinstance(taken, keras.optimizers.schedules.LearningRateSchedule)
        same = not own and math.isclose(float(made.learning_rate), learning_rate, rel_tol=1e-6)
    else:
        same = taken is learning_rate
    if not same:
        raise ModelError(
            f"{reference} made an optimizer with another learning rate than the suite's. Give it the learning_rate "
            "that the function is called with."
        )
    return made


def _own_schedule(
    schedule: OwnSchedule, steps_per_epoch: int, epochs: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    made = called(
        schedule.schedule,
        "learning rate",
        schedule.initial,
        steps_per_epoch=steps_per_epoch,
        epochs=epochs,
        **schedule.options,
    )
    if not isinstance(made, keras.optimizers.schedules.LearningRateSchedule):
        raise ModelError(
            f"{schedule.schedule} returned {type(made).__name__}, not a Keras LearningRateSchedule. Return one from it."
        )
    return made


def _schedule(
    schedule: Schedule, steps_per_epoch: int, total_steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    schedules = keras.optimizers.schedules
    match schedule:
        case Cosine():
            warmup = round(schedule.warmup_epochs * steps_per_epoch)
            decay = max(1, total_steps - warmup)
            if not warmup:
                return schedules.CosineDecay(schedule.initial, decay, alpha=schedule.final_fraction)
            return schedules.CosineDecay(
                0.0, decay, alpha=schedule.final_fraction, warmup_target=schedule.initial, warmup_steps=warmup
            )
        case Exponential():
            return schedules.ExponentialDecay(schedule.initial, schedule.every_epochs * steps_per_epoch, schedule.rate)
        case Polynomial():
            return schedules.PolynomialDecay(schedule.initial, total_steps, schedule.final, schedule.power)
        case InverseTime():
            return schedules.InverseTimeDecay(schedule.initial, schedule.every_epochs * steps_per_epoch, schedule.rate)
        case Piecewise():
            # Keras keeps a value while step <= boundary and counts steps from 0
            boundaries = [round(boundary * steps_per_epoch) - 1 for boundary in schedule.boundaries]
            return schedules.PiecewiseConstantDecay(boundaries, list(schedule.values))
        case Constant() | OwnSchedule():
            raise TypeError("a constant learning rate needs no schedule, and one of the user's own makes its own")
