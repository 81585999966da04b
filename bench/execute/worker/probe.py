"""What a model does with its inputs, found by giving it some. Runs in a worker process only.

Two questions decide what may be done to inputs before: does the model expect them as they are (it divides by 255, or
subtracts a mean of 104), and does it look them up (they are ids)? Both are asked three ways, since models do it in
three: layers that are there for it, what reaches the first layer with weights, and the operations of its graph.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from bench.execute.inputs import Reading
from bench.execute.worker.runtimes import current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LOOKUPS = (
    keras.layers.Embedding,
    keras.layers.CategoryEncoding,
    keras.layers.Hashing,
    keras.layers.IntegerLookup,
)

SMALLER = 4.0
"""How many times smaller values are behind a scaling; pooling before the first weights takes off less."""

UNIT = 4.0
"""Scaled values go no further than this: 1 for a scaling to 0..1, a few deviations for a standardisation."""

BEYOND_UNIT = 2.0
"""Who subtracts more than this, or divides by more, does not expect values from 0 to 1."""


def read_inputs(model: keras.Model, inputs: NDArray[np.float32]) -> Reading:
    """What a model does with inputs that nobody has scaled.

    Args:
        model: built; its weights stay as they are.
        inputs: (n, ...) float32, some training inputs as decoded.

    Returns:
        What is known; a model that cannot take such inputs at all, since it asks for values from 0 to 1, does nothing.
    """
    heard: list[tuple[keras.Layer, NDArray[Any]]] = []
    try:
        with _listening(_leaves(model), heard):
            model(inputs, training=False)
    except Exception:  # noqa: BLE001  an assertion about the values, or an index out of its table
        return Reading(no_id=_no_id(heard), table=_table(heard, inputs))
    looked_up, scaled = current().first_uses(model, inputs.shape[1:], BEYOND_UNIT)
    for layer, received in heard:
        if isinstance(layer, LOOKUPS) and bool(np.isin(received, inputs).all()):
            looked_up = type(layer).__name__
    before = True
    for layer, received in heard:
        if before and _expects_raw(layer):
            scaled = True
        elif before and layer.weights and not isinstance(layer, keras.layers.Normalization):
            scaled, before = scaled or _smaller(received, inputs), False
    return Reading(lookup=looked_up, scales=scaled, no_id=_no_id(heard), table=_table(heard, inputs))


def _no_id(heard: list[tuple[keras.Layer, NDArray[Any]]]) -> float | None:
    """The first value that an embedding is asked for and that is no whole number from 0."""
    for layer, received in heard:
        if isinstance(layer, keras.layers.Embedding) and received.dtype.kind in "fi":
            strays = received[(received < 0) | (received != np.trunc(received))]
            if strays.size:
                return float(strays[0])
    return None


def _table(heard: list[tuple[keras.Layer, NDArray[Any]]], inputs: NDArray[np.float32]) -> int | None:
    """How many ids the embedding has that is given the whole input as it is; None where there is none."""
    for layer, received in heard:
        if isinstance(layer, keras.layers.Embedding) and np.array_equal(received.reshape(-1), inputs.reshape(-1)):
            return int(layer.input_dim)
    return None


def _expects_raw(layer: keras.Layer) -> bool:
    """Whether the numbers of a scaling layer make sense for inputs as they are, and not for values from 0 to 1."""
    if isinstance(layer, keras.layers.Rescaling):
        return _beyond(1 / np.asarray(layer.scale), layer.offset)
    if isinstance(layer, keras.layers.Normalization) and layer.mean is not None:
        deviation = np.sqrt(keras.ops.convert_to_numpy(layer.variance))
        return _beyond(deviation, keras.ops.convert_to_numpy(layer.mean))
    if isinstance(layer, keras.layers.Discretization):
        return _beyond(np.ones(1), np.asarray(layer.bin_boundaries or [0.0]))
    return False


def _beyond(divisor: Any, offset: Any) -> bool:  # noqa: ANN401  numbers, or arrays of them
    return bool(np.abs(divisor).max() > BEYOND_UNIT or np.abs(offset).max() > BEYOND_UNIT)


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


def _smaller(received: NDArray[Any], fed: NDArray[np.float32]) -> bool:
    """Whether values of some size have become small on their way."""
    if received.dtype.kind not in "fiu" or not received.size:
        return False
    before, after = float(np.abs(fed).max()), float(np.abs(received).max())
    return 0 < after <= min(UNIT, before / SMALLER)
