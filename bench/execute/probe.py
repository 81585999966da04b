"""What a model does with its inputs, found by giving it some. Runs in a worker process only.

A model may scale inputs by a layer, by an operation between layers or by a line of its `call()`. All of these show in
one place: in what reaches the first layer that has weights.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from bench.execute.inputs import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LOOKUPS = (
    keras.layers.Embedding,
    keras.layers.CategoryEncoding,
    keras.layers.Hashing,
    keras.layers.IntegerLookup,
    keras.layers.Discretization,
)
SCALERS = (keras.layers.Rescaling, keras.layers.Normalization)

SMALLER = 4.0
"""How many times smaller values are behind a scaling; pooling before the first weights takes off less."""

UNIT = 4.0
"""Scaled values go no further than this: 1 for a scaling to 0..1, a few deviations for a standardisation."""


def read_inputs(model: keras.Model, inputs: NDArray[np.float32]) -> Reading:
    """What a model does with inputs that nobody has scaled.

    Args:
        model: built; its weights stay as they are.
        inputs: (n, ...) float32, some training inputs as decoded.
    """
    heard: list[tuple[keras.Layer, NDArray[Any]]] = []
    with _listening(_leaves(model), heard):
        model(inputs, training=False)
    scales = any(isinstance(layer, SCALERS) and _same(received, inputs) for layer, received in heard)
    for layer, received in heard:
        if isinstance(layer, SCALERS):
            continue
        if isinstance(layer, LOOKUPS):
            return Reading(lookup=type(layer).__name__, scales=scales)
        if layer.weights:
            return Reading(scales=scales or _smaller(received, inputs))
    return Reading(scales=scales)


def _leaves(model: keras.Model) -> list[keras.Layer]:
    """The layers that hold no others, nested models opened."""
    # Keras has no public walk through all layers of layers
    return [
        layer
        for layer in model._flatten_layers(include_self=False)  # noqa: SLF001
        if not list(layer._flatten_layers(include_self=False))  # noqa: SLF001
    ]


@contextmanager
def _listening(layers: list[keras.Layer], heard: list[tuple[keras.Layer, NDArray[Any]]]) -> Iterator[None]:
    """Note what each layer is called with, in the order of the calls."""

    def listen(layer: keras.Layer) -> None:
        usual = layer.call

        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  whatever the layer takes
            received = args[0] if args else next(iter(kwargs.values()), None)
            with suppress(Exception):  # lists, texts, symbols: nothing that tells of a scaling
                heard.append((layer, np.asarray(keras.ops.convert_to_numpy(received))))
            return usual(*args, **kwargs)

        object.__setattr__(layer, "call", call)  # past Keras's own, which would track it

    for layer in layers:
        listen(layer)
    try:
        yield
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")


def _same(received: NDArray[Any], fed: NDArray[np.float32]) -> bool:
    return received.size == fed.size and bool(np.array_equal(np.sort(received, axis=None), np.sort(fed, axis=None)))


def _smaller(received: NDArray[Any], fed: NDArray[np.float32]) -> bool:
    """Whether values of some size have become small on their way."""
    if received.dtype.kind not in "fiu" or not received.size:
        return False
    before, after = float(np.abs(fed).max()), float(np.abs(received).max())
    return 0 < after <= min(UNIT, before / SMALLER)
