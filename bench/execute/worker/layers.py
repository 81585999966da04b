"""What layers a model has. Its classes are anybody's code: what they say is checked and bounded."""

from __future__ import annotations

import math
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras

from bench.core.text import storable_text
from bench.record.layers import LONGEST_TEXT, MOST_AXES, MOST_LAYERS, MOST_OUTPUTS, LayerRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.record.layers import Layers

DEEPEST = 8
"""Models within models; one that lies deeper is a row."""

MOST_VISITED = 10_000
"""Layers that are looked at; a list of layers may have no end."""


REST = "..."
"""The name of the row of layers that are too many."""


def layers_of(model: keras.Model) -> Layers:
    """A model's layers in its order, nested models taken apart; empty where they cannot be read.

    Parameters and trainable ones add up to those of the model. What belongs to no layer is a row of the model's own.
    """
    try:
        return _layers_of(model)
    except Exception:  # noqa: BLE001  whatever a property of somebody's class raises: the record lacks the layers
        traceback.print_exc()
        return ()


def _layers_of(model: keras.Model) -> Layers:
    trainable, seen = {id(weight) for weight in model.trainable_weights}, set[int]()
    rows: list[LayerRecord] = []
    for path, layer in _flattened(model, "", 0, set()):
        row = _record(path, layer, _unseen(layer, seen), trainable)
        if len(rows) < MOST_LAYERS:
            rows.append(row)
        elif len(rows) == MOST_LAYERS:
            rows.append(replace(row, name=REST, kind="", outputs=()))
        else:
            rest = rows[-1]
            rows[-1] = replace(
                rest,
                parameters=rest.parameters + row.parameters,
                trainable=rest.trainable + row.trainable,
                layers=rest.layers + row.layers,
            )
    if own := _unseen(model, seen):
        rows = [*rows, _record(_text(model.name), model, own, trainable, outputs=False)]
    return tuple(rows)


def _flattened(model: keras.Model, path: str, depth: int, met: set[int]) -> Iterator[tuple[str, Any]]:
    """Every layer with its path, each once; models within are taken apart."""
    for layer in model.layers:
        if id(layer) in met or len(met) >= MOST_VISITED:
            continue
        met.add(id(layer))
        name = f"{path}{_text(layer.name)}"
        if isinstance(layer, keras.Model) and depth < DEEPEST and layer.layers:
            yield from _flattened(layer, f"{name}/", depth + 1, met)
            if set(map(id, layer.weights)) - {id(weight) for inner in layer.layers for weight in inner.weights}:
                yield name, layer  # a model with weights that belong to none of its layers
        else:
            yield name, layer


def _unseen(layer: Any, seen: set[int]) -> list[Any]:  # noqa: ANN401  a layer
    """The weights of a layer that no row has counted yet."""
    weights = [weight for weight in layer.weights if id(weight) not in seen]
    seen.update(map(id, weights))
    return weights


def _record(path: str, layer: Any, weights: list[Any], trainable: set[int], *, outputs: bool = True) -> LayerRecord:  # noqa: ANN401
    sizes = [(math.prod(map(int, weight.shape)), id(weight) in trainable) for weight in weights]
    return LayerRecord(
        name=_text(path),
        kind=_text(type(layer).__name__),
        outputs=_outputs(layer) if outputs else (),
        parameters=sum(size for size, _ in sizes),
        trainable=sum(size for size, trained in sizes if trained),
    )


def _outputs(layer: Any) -> tuple[tuple[int | None, ...], ...]:  # noqa: ANN401  a layer
    """The shapes of what a layer puts out, without the batch; empty where Keras does not know them."""
    try:
        tensors = keras.tree.flatten(layer.output)[:MOST_OUTPUTS]
        return tuple(
            tuple(None if axis is None else int(axis) for axis in tuple(tensor.shape)[1 : MOST_AXES + 1])
            for tensor in tensors
        )
    except Exception:  # noqa: BLE001  a layer that was never called on a symbolic tensor has none
        return ()


def _text(value: object) -> str:
    """A text that a record can hold, whatever class it is of."""
    text = str.__getitem__(value if isinstance(value, str) else repr(value), slice(2 * LONGEST_TEXT))
    text = storable_text(text)
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 3]}..."
