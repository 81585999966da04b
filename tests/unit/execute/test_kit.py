"""Which models may take the program of an earlier one, and which may not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from trainings import task

from bench.catalog.datasets import Arrays
from bench.execute.worker.engines import Made
from bench.execute.worker.kit import structure_of, take_over
from bench.record.treatment import CompileRecord

if TYPE_CHECKING:
    from bench.execute.messages import TrialTask

X = np.zeros((20, 6), np.float32)
DATA = Arrays(x_train=X[:15], y_train=np.arange(15) % 3, x_test=X[15:], y_test=np.arange(5) % 3, names=("a", "b", "c"))
COMPILED = CompileRecord(optimizer="SGD", learning_rate="0.1", loss="categorical_crossentropy")
L = keras.layers


def of(**keys: Any) -> TrialTask:
    """A task of a small network."""
    return task(DATA, "mlp", parameters={"hidden": [8]}, **keys)


def model(*layers: keras.Layer, rate: float = 0.1) -> keras.Model:
    """A compiled model of copies of layers, under names that are equal for equal layers."""
    copies = [type(layer).from_config(_named(layer)) for layer in layers]
    return compiled(*copies, rate=rate)


def compiled(*layers: keras.Layer, rate: float = 0.1) -> keras.Model:
    """A compiled model of these very layers."""
    made = keras.Sequential([keras.Input((6,), name="in"), *layers], name="net")
    made.compile(keras.optimizers.SGD(rate, momentum=0.9), "categorical_crossentropy")
    return made


def _named(layer: keras.Layer) -> dict[str, Any]:
    return {**layer.get_config(), "name": type(layer).__name__.lower() + str(id(layer))}


PLAIN = (L.Dense(4, activation="relu", kernel_regularizer="l2"), L.BatchNormalization(), L.Dropout(0.2), L.Dense(3))


def test_models_that_differ_by_their_values_have_one_structure() -> None:
    """Another seed, another constant learning rate, other epochs, another rule that ends the training."""
    first = structure_of(model(*PLAIN), of(), COMPILED)
    others = (
        structure_of(model(*PLAIN, rate=0.5), of(learning_rate=0.5), replace(COMPILED, learning_rate="0.5")),
        structure_of(model(*PLAIN), of(epochs=7, seed=3), COMPILED),
        structure_of(model(*PLAIN), of(early_stopping={"patience": 2}, validation_split=0.0), COMPILED),
    )
    assert first is not None
    assert [first] * 3 == list(others)


@pytest.mark.parametrize(
    ("layers", "keys"),
    [
        ((L.Dense(5), L.Dense(3)), {}),
        ((L.Dense(4, activation="relu"), L.BatchNormalization(), L.Dropout(0.3), L.Dense(3)), {}),
        (PLAIN, {"batch_size": 7}),
        (PLAIN, {"optimizer": "adam"}),
        (PLAIN, {"input_scaling": "standard"}),
        (PLAIN, {"validation_split": 0.2}),
        (PLAIN, {"class_weight": "balanced"}),
        (PLAIN, {"learning_rate": {"schedule": "cosine", "initial": 0.1}}),
        (PLAIN, {"loss": "categorical_hinge"}),
    ],
    ids=str,
)
def test_what_enters_a_program_is_part_of_the_structure(layers: tuple[keras.Layer, ...], keys: dict[str, Any]) -> None:
    """Layers with their options, and every setting but those that are values."""
    assert structure_of(model(*layers), of(**keys), COMPILED) != structure_of(model(*PLAIN), of(), COMPILED)


def test_a_schedule_counts_its_epochs() -> None:
    """A cosine over 7 epochs is another program than one over 3."""
    rate = {"schedule": "cosine", "initial": 0.1}
    three, seven = (structure_of(model(*PLAIN), of(learning_rate=rate, epochs=n), COMPILED) for n in (3, 7))
    assert three is not None
    assert three != seven


class Own(L.Layer):  # type: ignore[misc]  # Keras has no types
    """A layer that could do anything."""

    def call(self, x: Any) -> Any:
        """What comes in."""
        return x


def patched() -> keras.Model:
    """A layer of Keras's own that was given another method."""
    made = model(*PLAIN)
    made.layers[0].call = lambda x: x
    return made


def adapted() -> keras.Model:
    """A layer that holds a tensor which is no variable."""
    made = model(L.Normalization(), L.Dense(3))
    made.layers[0].adapt(np.ones((4, 6), np.float32))
    return made


@pytest.mark.parametrize(
    "make",
    [
        lambda: compiled(Own(), L.Dense(3)),
        lambda: compiled(L.Lambda(lambda x: x * 2), L.Dense(3)),
        lambda: compiled(L.Dense(3, activation=lambda x: x)),
        patched,
        adapted,
    ],
    ids=["own layer", "lambda", "own activation", "replaced method", "held tensor"],
)
def test_what_a_configuration_does_not_tell_is_never_used_again(make: Any) -> None:
    """Somebody's own code, and what Keras keeps outside variables."""
    assert structure_of(make(), of(), COMPILED) is None


def test_own_code_in_settings_and_in_the_builders_compile_is_never_used_again() -> None:
    """Losses, optimizers and metrics of somebody's own."""
    assert structure_of(model(*PLAIN), of(loss="own_parts:half_mse"), COMPILED) is None
    assert structure_of(model(*PLAIN), of(), replace(COMPILED, by="builder")) is None


def test_every_value_is_taken_over() -> None:
    """Weights, statistics, seed generators, momentum and learning rate."""
    old, fresh = model(*PLAIN), model(*PLAIN, rate=0.3)
    noise = np.random.default_rng(0)
    old.fit(noise.normal(size=(32, 6)), np.eye(3)[noise.integers(0, 3, 32)], verbose=0)
    wanted = [variable.numpy().copy() for variable in fresh.variables]
    assert any(not np.array_equal(a, b) for a, b in zip(wanted, (v.numpy() for v in old.variables), strict=True))
    take_over(Made(old, None, "0"), fresh)  # type: ignore[arg-type]
    assert all(np.array_equal(a, b) for a, b in zip(wanted, (v.numpy() for v in old.variables), strict=True))
    assert old.optimizer.learning_rate.numpy() == np.float32(0.3)
    assert old.optimizer.iterations.numpy() == 0
    assert not any(np.any(v.numpy()) for v in old.optimizer.variables if "momentum" in v.path)


def test_what_does_not_fit_is_an_error_and_not_a_mixture() -> None:
    """Two models of other variables."""
    with pytest.raises(ValueError, match="zip"):
        take_over(Made(model(L.Dense(3)), None, "0"), model(L.Dense(4), L.Dense(3)))  # type: ignore[arg-type]
