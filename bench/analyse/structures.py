"""What layers the models of a cell have. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.record.layers import LayerRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.record.layers import Layers
    from bench.record.records import TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStructure:
    """The layers of a cell.

    Attributes:
        structure: their hash; empty where no trial has recorded any.
        layers: of its first trial that recorded some.
        others: the seeds whose models have other layers.
    """

    structure: str
    layers: Layers
    others: tuple[int, ...] = ()

    @property
    def parameters(self) -> int:
        """Numbers in all weights."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def fixed(self) -> int:
        """Of them, those that the training does not change."""
        return sum(layer.parameters - layer.trainable for layer in self.layers)


def structure_of_cell(trials: Sequence[TrialRecord]) -> CellStructure:
    """What layers the models of a cell's trials have."""
    recorded = [trial for trial in trials if trial.outcome.layers]
    if not recorded:
        return CellStructure(structure="", layers=())
    first = recorded[0].outcome
    others = tuple(trial.seed for trial in recorded if trial.outcome.structure != first.structure)
    return CellStructure(structure=first.structure, layers=first.layers, others=others)


def shortened(layers: Layers, most: int) -> Layers:
    """A table of at most so many rows: those in the middle become one, with their sum.

    Args:
        layers: of a model.
        most: rows, at least 3.
    """
    if len(layers) <= most:
        return layers
    last = most // 5 + 1
    middle = layers[most - last - 1 : -last]
    row = LayerRecord(
        name="...",
        kind="",
        parameters=sum(layer.parameters for layer in middle),
        trainable=sum(layer.trainable for layer in middle),
        layers=sum(layer.layers for layer in middle),
    )
    return (*layers[: most - last - 1], row, *layers[-last:])
