"""Losses, metrics, optimizers, schedules and callbacks as users write them."""

from __future__ import annotations

from typing import Any

import keras


def halved_error(y_true: Any, y_pred: Any) -> Any:
    """A loss that is a function."""
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1) / 2


class Weighed(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """A loss that is a class, with an option."""

    def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The squared error times the factor."""
        return self.factor * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


def weighed(factor: float) -> keras.losses.Loss:
    """A function with options that makes a loss."""
    return Weighed(factor)


def descent(learning_rate: Any, momentum: float = 0.0) -> keras.optimizers.Optimizer:
    """An optimizer with the learning rate that the suite sets."""
    return keras.optimizers.SGD(learning_rate, momentum=momentum)


def deaf(learning_rate: Any) -> keras.optimizers.Optimizer:
    """An optimizer that goes its own way."""
    del learning_rate
    return keras.optimizers.SGD(0.5)


def stairs(initial: float, steps_per_epoch: int, epochs: int, *, drop: float = 0.5) -> Any:
    """A schedule that falls once, half way."""
    half = steps_per_epoch * epochs // 2
    return keras.optimizers.schedules.PiecewiseConstantDecay([half], [initial, initial * drop])


class Rooted(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]  # Keras has no types
    """A schedule that cannot be written down: it has no `get_config`, and `fit` asks for none."""

    def __init__(self, initial: float, steps_per_epoch: int, epochs: int) -> None:
        del epochs
        self.initial, self.steps_per_epoch = initial, steps_per_epoch

    def __call__(self, step: Any) -> Any:
        """The rate falls with the root of the epoch."""
        return self.initial / keras.ops.sqrt(keras.ops.cast(step, "float32") // self.steps_per_epoch + 1)


class Halving(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Halves the learning rate with every epoch."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras's own call."""
        self.model.optimizer.learning_rate = 0.1 / 2**epoch


def halving() -> keras.callbacks.Callback:
    """A function that makes a callback."""
    return Halving()


def no_callback() -> str:
    """Something else."""
    return "nothing"


def worst_error(y_true: Any, y_pred: Any) -> float:
    """A score that is a function."""
    return float(abs(y_true - y_pred).max())


def raising(y_true: Any, y_pred: Any) -> float:
    """A score that cannot be had."""
    raise ZeroDivisionError("no such luck")


def wordy(y_true: Any, y_pred: Any) -> str:
    """A score that is no number."""
    return "good"


class Largest(keras.metrics.Metric):  # type: ignore[misc]  # Keras has no types
    """The largest error, as a Keras metric."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.largest = self.add_weight(name="largest", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Keras's own call."""
        error = keras.ops.max(keras.ops.abs(keras.ops.cast(y_true, "float32") - y_pred))
        self.largest.assign(keras.ops.maximum(self.largest, error))

    def result(self) -> Any:
        """The largest so far."""
        return keras.ops.maximum(self.largest, 0.0)


def largest() -> keras.metrics.Metric:
    """A function that makes a metric."""
    return Largest()


def kappa(y_true: Any, y_pred: Any) -> float:
    """A figure of scikit-learn's."""
    from sklearn.metrics import cohen_kappa_score  # noqa: PLC0415

    return float(cohen_kappa_score(y_true, y_pred.argmax(axis=1)))


def scaled_error(y_true: Any, y_pred: Any, factor: float = 1.0) -> Any:
    """A loss that is a function with an option."""
    return factor * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


def no_loss() -> str:
    """Something else."""
    return "nothing"


def failing_loss(y_true: Any, y_pred: Any) -> Any:
    """A loss that cannot be computed."""
    raise ValueError("not today")


def no_optimizer(learning_rate: Any) -> str:
    """Something else."""
    return "nothing"


def no_schedule(initial: float, steps_per_epoch: int, epochs: int) -> float:
    """Something else."""
    return initial


def plain_weighed() -> keras.losses.Loss:
    """A function without options that makes a loss."""
    return Weighed()
