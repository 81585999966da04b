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
    """

    cell: Cell
    seed: int
    key: str


def plan(cells: Sequence[Cell], seeds: Sequence[int], signature: Callable[[Cell], str]) -> tuple[PlannedTrial, ...]:
    """The trials of a run, in the order they are to run.

    All cells come with their first seed, then all with their second: a run that is cut short has something on every
    cell, and a machine that slows down over the hours slows every cell alike.

    Args:
        cells: of the suite.
        seeds: the same for every cell.
        signature: hash of data, code and environment for a cell.
    """
    bases = [f"{cell.fingerprint()}:{signature(cell)}" for cell in cells]
    return tuple(
        PlannedTrial(cell, seed, trial_key(base, seed))
        for seed in seeds
        for cell, base in zip(cells, bases, strict=True)
    )


def trial_key(base: str, seed: int) -> str:
    """SHA-256 (hex) that identifies a training: what it is made of, and its seed."""
    return hashlib.sha256(f"{base}:{seed}".encode()).hexdigest()
