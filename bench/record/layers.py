"""The layers of a trained model, as a table: what a report shows of a network beside its scores.

Most trials of a run train models of the same layers. A model's layers are kept once, under the hash of what they say;
`Outcome.structure` names it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from bench.core.text import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.record.records import TrialRecord

MOST_LAYERS = 200
"""Rows of a model. One more stands for the rest of a larger one, one more for weights that belong to no layer."""
MOST_OUTPUTS, MOST_AXES = 4, 8
"""Of a layer: outputs and axes that are recorded."""
LONGEST_TEXT = 100
"""Characters of a layer's name, and of its type."""
MOST_PARAMETERS = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRecord:
    """A layer of a trained model, or the rest of a model that has too many.

    Attributes:
        name: in the model; a layer of a nested model has the names of the models before its own, separated by `/`.
        kind: its class; empty for the rest of a model.
        outputs: the shape of each of its outputs, without the examples of a batch; None for an axis that varies. Empty
            where Keras does not know it.
        parameters: numbers in its weights; a weight that several layers use counts in the first.
        trainable: of them, those that the training changes.
        layers: how many layers the row stands for.
    """

    name: str
    kind: str
    outputs: tuple[tuple[int | None, ...], ...] = ()
    parameters: int = 0
    trainable: int = 0
    layers: int = 1


Layers = tuple[LayerRecord, ...]

_LAYERS = TypeAdapter(Layers)


def layers_to_json(layers: Layers) -> list[dict[str, Any]]:
    """Layers as JSON values, without fields that say nothing."""
    return [_without_defaults(row) for row in storable(_LAYERS.dump_python(layers, mode="json"))]


def layers_from_json(value: object) -> Layers:
    """Layers read back.

    Raises:
        ValueError: they are none, or no model has such layers; the message is a clause.
    """
    try:
        layers = _LAYERS.validate_python(storable(value))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if len(layers) > MOST_LAYERS + 2:
        raise ValueError(f"{len(layers):,} rows of layers")
    for layer in layers:
        if problem := _problem(layer):
            raise ValueError(f"a layer with {problem}")
    return layers


@lru_cache(maxsize=1024)
def structure_of(layers: Layers) -> str:
    """SHA-256 (hex) of what layers say; empty where there are none."""
    if not layers:
        return ""
    text = json.dumps(layers_to_json(layers), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def structures(trials: Iterable[TrialRecord]) -> dict[str, Layers]:
    """The layers of all models that were trained, each once, by `Outcome.structure`."""
    return {trial.outcome.structure: trial.outcome.layers for trial in trials if trial.outcome.layers}


def read_structures(value: object) -> dict[str, Layers]:
    """Layers by their hash, read from an object of JSON. What is not what its hash says is left out.

    Args:
        value: whatever a file holds; None for one of an earlier version.
    """
    read: dict[str, Layers] = {}
    for name, rows in value.items() if isinstance(value, dict) else ():
        if (layers := checked_layers(name, rows)) is not None:
            read[name] = layers
    return read


def checked_layers(structure: str, rows: object) -> Layers | None:
    """Layers whose hash is as expected; None for anything else."""
    try:
        layers = layers_from_json(rows)
    except ValueError:
        return None
    return layers if structure_of(layers) == structure else None


def with_layers(trial: TrialRecord, known: Mapping[str, Layers]) -> TrialRecord:
    """A trial with the layers that its structure names; the same trial where they are not known."""
    layers = known.get(trial.outcome.structure, ())
    return replace(trial, outcome=replace(trial.outcome, layers=layers)) if layers else trial


def _problem(layer: LayerRecord) -> str:
    """What no layer has, as a clause."""
    if not 0 <= layer.trainable <= layer.parameters <= MOST_PARAMETERS:
        return f"{layer.trainable} trainable of {layer.parameters} parameters"
    if layer.layers < 1:
        return f"{layer.layers} layers"
    if max(len(layer.name), len(layer.kind)) > LONGEST_TEXT:
        return f"a name of {max(len(layer.name), len(layer.kind)):,} characters"
    axes = [axis for shape in layer.outputs for axis in shape if axis is not None]
    if len(layer.outputs) > MOST_OUTPUTS or any(len(shape) > MOST_AXES for shape in layer.outputs):
        return "too many outputs"
    return "an output of no size" if any(not 0 <= axis <= MOST_PARAMETERS for axis in axes) else ""


def _without_defaults(row: dict[str, Any]) -> dict[str, Any]:
    left_out = {"outputs": [], "parameters": 0, "trainable": 0, "layers": 1}
    return {name: value for name, value in row.items() if left_out.get(name, ...) != value}
