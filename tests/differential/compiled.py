"""Models that their authors compile themselves."""

from __future__ import annotations

import keras
from authors import cnn, logits, mlp


def sparse_adam(input_shape, num_classes, lr=0.01):
    """Compiled with Adam and a loss that wants class numbers."""
    model = mlp(input_shape, num_classes)
    model.compile(optimizer=keras.optimizers.Adam(lr), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def as_the_suite(input_shape, num_classes):
    """Compiled with the very settings that the suite has."""
    model = mlp(input_shape, num_classes)
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def from_logits(input_shape, num_classes):
    """Without a softmax, and compiled to know it."""
    model = logits(input_shape, num_classes)
    model.compile(
        optimizer=keras.optimizers.Adam(0.003),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def scheduled(input_shape, num_classes):
    """Compiled with a falling learning rate, clipped gradients, and several steps per call."""
    model = mlp(input_shape, num_classes)
    rate = keras.optimizers.schedules.ExponentialDecay(0.02, decay_steps=45, decay_rate=0.5)
    model.compile(
        optimizer=keras.optimizers.RMSprop(rate, clipnorm=0.3),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=4,
    )
    return model


def one_hot_cnn(input_shape, num_classes):
    """A convolutional network compiled with momentum and one-hot targets."""
    model = cnn(input_shape, num_classes)
    model.compile(
        optimizer=keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=[keras.metrics.CategoricalAccuracy()],
    )
    return model
