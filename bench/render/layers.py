"""The layers of a model in words: a table for the page and the terminal, a line for Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.structures import shortened
from bench.core.formatting import MISSING, count, elided, plural

if TYPE_CHECKING:
    from bench.analyse.structures import CellStructure
    from bench.record.layers import LayerRecord

COLUMNS = ("Layer", "Type", "Output", "Parameters")
ROWS = 30
"""Of a model's table on a page."""
CHAIN = 8
"""Layers in a line."""
WIDTH = 40
"""Characters of a layer's name, type or shape."""


def layer_rows(structure: CellStructure, most: int = ROWS) -> tuple[tuple[str, ...], ...]:
    """A row per layer, in the order of the model, with the values of `COLUMNS`.

    Args:
        structure: of a cell.
        most: rows; the layers in the middle of a larger model are one.
    """
    return tuple(_row(layer) for layer in shortened(structure.layers, most))


def layers_line(structure: CellStructure) -> str:
    """The layers that have parameters, in a line: `Conv2D 26 x 26 x 8 (80), Dense 10 (54,090)`."""
    having = [layer for layer in structure.layers if layer.parameters]
    texts = [
        f"{' '.join(filter(None, (elided(layer.kind, WIDTH), shapes_text(layer))))} ({count(layer.parameters)})"
        if layer.kind
        else f"{plural(layer.layers, 'more layer')} ({count(layer.parameters)})"
        for layer in having[:CHAIN]
    ]
    more = len(having) - CHAIN
    return ", ".join([*texts, *([plural(more, "more layer")] if more > 0 else [])])


def parameters_text(structure: CellStructure) -> str:
    """How many parameters a model has, and how many of them the training does not change."""
    fixed = f", {count(structure.fixed)} of them not trainable" if structure.fixed else ""
    return f"{plural(structure.parameters, 'parameter')}{fixed}"


def seeds_note(structure: CellStructure) -> str:
    """Which seeds have other layers, as a sentence; empty where all have the same."""
    if not structure.others:
        return ""
    seeds = ", ".join(map(str, structure.others[:CHAIN])) + (", ..." if len(structure.others) > CHAIN else "")
    return f"The model of {'seed' if len(structure.others) == 1 else 'seeds'} {seeds} has other layers."


def shapes_text(layer: LayerRecord) -> str:
    """What a layer puts out for an example: `26 x 26 x 8`; empty where that is not known."""
    shapes = (" x ".join("any" if axis is None else str(axis) for axis in shape) or "1" for shape in layer.outputs)
    return elided(", ".join(shapes), WIDTH)


def _row(layer: LayerRecord) -> tuple[str, ...]:
    fixed = layer.parameters - layer.trainable
    parameters = count(layer.parameters)
    if fixed:
        parameters += " not trainable" if not layer.trainable else f", {count(fixed)} not trainable"
    if not layer.kind:
        return (f"{plural(layer.layers, 'more layer')}", MISSING, MISSING, parameters)
    return (elided(layer.name, WIDTH), elided(layer.kind, WIDTH), shapes_text(layer) or MISSING, parameters)
