"""From cells to an ordered list of trials: which seed when, and which need no training."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.declare.cell import Cell


@dataclass(frozen=True, slots=True)
class PlannedTrial:
    """A trial that a run asks for.

    Attributes:
        cell: what to train.
        seed: of every random choice in it.
        key: trials with equal keys are interchangeable: the same cell, seed, data, code and environment.
        shape: trials with equal shapes cost the same per step, whatever their engine is.
    """

    cell: Cell
    seed: int
    key: str
    shape: str = ""


def plan(cells: Sequence[Cell], seeds: Sequence[int], signature: Callable[[Cell], str]) -> tuple[PlannedTrial, ...]:
    """The trials of a run, in the order they are to run.

    All cells come with their first seed, then all with their second: a run that is cut short has something on every
    cell, and a machine that slows down over the hours slows every cell alike.

    Args:
        cells: of the suite.
        seeds: the same for every cell.
        signature: hash of data, code and environment for a cell.
    """
    signed = [(cell, signature(cell)) for cell in cells]
    shapes: dict[str, str] = {}
    bases = []
    for cell, sign in signed:
        shape = _digest(f"{cell.shape()}:{sign}")
        bases.append((cell, f"{cell.fingerprint()}:{sign}", shapes.setdefault(shape, shape)))
    return tuple(
        PlannedTrial(cell, seed, trial_key(base, seed), shape) for seed in seeds for cell, base, shape in bases
    )


def trial_key(base: str, seed: int) -> str:
    """SHA-256 (hex) that identifies a training: what it is made of, and its seed."""
    return _digest(f"{base}:{seed}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
