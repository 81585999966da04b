"""The margin of a cell: how much of its score may be lost. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.declare.schema import GateKeys

FRACTION_MARGIN = 0.005
"""Half a point: the margin of a fraction for which a suite gives none."""


def is_fraction(score: Score) -> bool:
    """Whether a score lies between 0 and 1."""
    return (score.low, score.high) == (0, 1)


def usual_margin(score: Score) -> float | None:
    """The margin where a suite gives none; None for a score whose unit only the user knows."""
    return FRACTION_MARGIN if is_fraction(score) else None


def with_usual_margin(gate: GateKeys, score: Score) -> GateKeys:
    """The rules with the usual margin filled in, where there is one and the suite gives none."""
    return gate.model_copy(update={"margin": usual_margin(score)}) if gate.margin is None else gate


def margin_of(gate: GateKeys, cell_id: str, architecture: str, score: Score) -> float | None:
    """The margin of a cell: its own, that of its architecture, that of the suite, or the usual one; None for none."""
    own = gate.margins.get(cell_id, gate.margins.get(architecture, gate.margin))
    return usual_margin(score) if own is None else own


def too_wide(gate: GateKeys, score: Score) -> tuple[tuple[str, float], ...]:
    """The margins that no drop of this score can exceed, by key: `margin`, `margins.mlp`."""
    given = {"margin": gate.margin, **{f"margins.{name}": value for name, value in gate.margins.items()}}
    return tuple((key, value) for key, value in given.items() if value is not None and value >= score.widest_gap)
