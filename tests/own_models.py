"""Models as users write them, for tasks of every kind."""

from __future__ import annotations

from typing import Any

import keras


def logit(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """One unit without a sigmoid."""
    del num_classes
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1)])


def tanh(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """One unit from -1 to 1, as a hinge wants it."""
    del num_classes
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1, activation="tanh")])


def sparse(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Compiled for class numbers."""
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(num_classes, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def binary_auc(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """One sigmoid unit, compiled with metrics of its own."""
    del num_classes
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="area")])
    return model


def mae(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Compiled for values."""
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(num_classes)])
    model.compile("adam", "mae", metrics=["mse"])
    return model


def wide(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """A unit too many."""
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(num_classes + 1)])


class Joined(keras.Model):  # type: ignore[misc]  # Keras has no types
    """A subclass of several inputs."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.embed = keras.layers.Embedding(50, 4)
        self.pool = keras.layers.GlobalAveragePooling1D()
        self.last = keras.layers.Dense(num_classes, activation="softmax")

    def call(self, x: dict[str, Any]) -> Any:
        """Numbers beside what was looked up."""
        return self.last(keras.ops.concatenate([x["num"], self.pool(self.embed(x["tok"]))], axis=1))


def dict_model(input_shape: dict[str, tuple[int, ...]], num_classes: int) -> keras.Model:
    """Made without shapes."""
    del input_shape
    return Joined(num_classes)


def quarter(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """One unit that begins as the mean of its inputs."""
    del num_classes
    mean = keras.initializers.Constant(1 / input_shape[0])
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1, kernel_initializer=mean)])


def positive(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """One unit without a sigmoid whose outputs for positive inputs are positive."""
    del num_classes
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1, kernel_initializer="ones")])
