"""Models that `epoch` on PyTorch replays, and some that it must not: `python on_torch.py CASE...`.

Prints one JSON object: for each case whether `epoch` ended as `fit` did, and how its steps ran.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from unittest import mock

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch
from keras import layers, optimizers

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.execute.worker.data import TrainingData
    from bench.execute.worker.engines import Engine


class Scaled(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A layer of somebody's own."""

    def call(self, x: Any) -> Any:
        """Twice the input."""
        return x * 2


class Branching(layers.Layer):  # type: ignore[misc]
    """A layer whose Python looks at values."""

    def call(self, x: Any) -> Any:
        """The input, or twice the input."""
        return x * 2 if x.sum() > 0 else x


class Counting(layers.Layer):  # type: ignore[misc]
    """A layer that does something else every now and then, whatever the values."""

    calls = 0

    def call(self, x: Any) -> Any:
        """The input, or every ninth time twice the input."""
        self.calls += 1
        return x if self.calls % 9 else x * 2


def steep(x: Any) -> Any:
    """An activation of somebody's own."""
    return keras.ops.tanh(2 * x)


def net(*middle: layers.Layer, optimizer: object = "sgd", activation: object = "relu") -> keras.Model:
    """A small network around some layers, for two classes."""
    first = [keras.Input((6,)), layers.Dense(8, activation=activation)]
    model = keras.Sequential([*first, *middle, layers.Dense(2, activation="softmax")])
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    return model


def pictures(*first: layers.Layer) -> keras.Model:
    """A small network for pictures, behind layers that change them."""
    last = [layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((6, 6, 1)), *first, *last])
    model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


def decaying() -> object:
    """A rate that is another in every step."""
    return optimizers.schedules.ExponentialDecay(0.1, 2, 0.9)


def warming() -> object:
    """A rate whose Python asks how far the warm-up is."""
    return optimizers.schedules.CosineDecay(0.0, 12, warmup_target=0.1, warmup_steps=4)


REPLAYED: dict[str, Callable[[], keras.Model]] = {
    "plain": net,
    "dropout, batch normalisation": lambda: net(layers.Dropout(0.3), layers.BatchNormalization(), layers.Dropout(0.2)),
    "seeded dropout, noise": lambda: net(layers.Dropout(0.3, seed=7), layers.GaussianNoise(0.1), optimizer="adam"),
    "momentum, clipped": lambda: net(optimizer=optimizers.SGD(0.1, momentum=0.9, nesterov=True, clipnorm=0.1)),
    "schedule": lambda: net(optimizer=optimizers.SGD(decaying())),
    "schedule that asks": lambda: net(optimizer=optimizers.Adam(warming(), global_clipnorm=0.5, amsgrad=True)),
    "averages, weight decay": lambda: net(optimizer=optimizers.AdamW(0.01, use_ema=True, clipvalue=0.1)),
    "rmsprop": lambda: net(optimizer=optimizers.RMSprop(0.01, momentum=0.5, centered=True)),
    "regularised": lambda: net(layers.Dense(4, kernel_regularizer="l2", kernel_constraint="unit_norm")),
    "adagrad": lambda: net(optimizer="adagrad"),
    "adadelta": lambda: net(optimizer="adadelta"),
    "adamax": lambda: net(optimizer="adamax"),
    "lion": lambda: net(optimizer="lion"),
    "ftrl": lambda: net(optimizer="ftrl"),
    "adafactor": lambda: net(optimizer="adafactor"),
    "augmentation": lambda: pictures(layers.RandomFlip("horizontal", seed=3), layers.RandomTranslation(0.2, 0.2)),
    "pictures": pictures,
}
KEPT: dict[str, Callable[[], keras.Model]] = {
    "nadam, which reads its own momentum": lambda: net(optimizer="nadam"),
    "own layer": lambda: net(Scaled()),
    "Python looks at values": lambda: net(Branching()),
    "Python counts": lambda: net(Counting()),
    "own activation": lambda: net(activation=steep),
    "averages that overwrite": lambda: net(
        optimizer=optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=3)
    ),
    "gathered gradients": lambda: net(optimizer=optimizers.Adam(0.01, gradient_accumulation_steps=2)),
}
DAMAGED = "plain, and replays do nothing"
"""A fault of ours, which the proof has to find."""


def train(engine: Engine, model: keras.Model, data: TrainingData) -> tuple[Any, Any]:
    """What a training ended with, and how its steps ran."""
    from bench.execute.worker.engines import Course, Made  # noqa: PLC0415

    epochs: list[Any] = []

    def note(record: Any) -> bool:
        epochs.append((record.loss, record.accuracy, record.validation_loss, record.validation_accuracy))
        epochs.append(record.learning_rate)
        if len(epochs) == 4 and isinstance(model.optimizer._learning_rate, keras.Variable):
            model.optimizer.learning_rate = 0.003  # as a plateau does
        return True

    prepared = engine.train(Made(model, data, "t"), Course(epochs=4, batch_size=32, on_epoch=note))
    held = [*model.variables, *model.optimizer.variables]
    values = [keras.ops.convert_to_numpy(variable).tobytes() for variable in held]
    return (epochs, values, torch.get_rng_state().numpy().tobytes()), prepared


def main() -> None:
    """Train every case that the command line names by both engines."""
    from on_backend import data as data_sets  # noqa: PLC0415
    from trainings import facts, task  # noqa: PLC0415

    from bench.execute.inputs import PLAIN_READING  # noqa: PLC0415
    from bench.execute.worker.data import prepare  # noqa: PLC0415
    from bench.execute.worker.engines import ENGINES  # noqa: PLC0415
    from bench.execute.worker.runtimes.torch.program import Program  # noqa: PLC0415

    sets, said = data_sets(), {}
    for name in sys.argv[1:]:
        make = {**REPLAYED, **KEPT, DAMAGED: net}[name]
        fault = mock.patch.object(Program, "__call__", return_value=None) if name == DAMAGED else nullcontext()
        keras.utils.set_random_seed(1)
        arrays = sets["pictures" if len(make().input_shape) > 2 else "classes"]
        of = task(arrays, "mlp", validation_split=0.2)
        data = prepare(arrays, facts(arrays), of.cell.settings, of.target, PLAIN_READING)
        ends = []
        for engine in ("fit", "epoch"):
            keras.utils.set_random_seed(1)
            with fault:
                ends.append(train(ENGINES[engine], make(), data))
        (fit, _), (epoch, prepared) = ends
        said[name] = {
            "same": [one == other for one, other in zip(fit, epoch, strict=True)],
            "learns": len({str(losses) for losses in fit[0][::2]}) == len(fit[0][::2]),
            "replayed": prepared.replayed,
            "own_steps": prepared.own_steps,
        }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
