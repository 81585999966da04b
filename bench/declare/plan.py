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


BLOCK = 4
"""Shapes that take turns: as many processes are kept, each with the program of a shape."""

VISIT = 12
"""Trials of a shape that are trained before the next block has its turn."""


def plan(cells: Sequence[Cell], seeds: Sequence[int], signature: Callable[[Cell], str]) -> tuple[PlannedTrial, ...]:
    """The trials of a run, in the order they are to run.

    Cells of one shape share a program, so they are trained near one another. A few shapes take turns, seed by seed: a
    machine that slows down slows all of them alike. Where there are many seeds, every block has some of them before any
    has more, so that a run that is cut short has something on every cell.

    Args:
        cells: of the suite.
        seeds: the same for every cell.
        signature: hash of data, code and environment for a cell.
    """
    bases: dict[str, list[tuple[Cell, str]]] = {}
    shapes_of: dict[tuple[str, str], str] = {}
    for cell in cells:
        sign = signature(cell)
        parts = cell.shape(), sign
        shape = shapes_of.get(parts) or shapes_of.setdefault(parts, _digest(f"{parts[0]}:{sign}"))
        bases.setdefault(shape, []).append((cell, f"{cell.fingerprint()}:{sign}"))
    shapes = list(bases)
    blocks = [shapes[begin : begin + BLOCK] for begin in range(0, len(shapes), BLOCK)]
    at_once = max(1, VISIT // max(map(len, bases.values()), default=1))
    rounds = [seeds[begin : begin + at_once] for begin in range(0, len(seeds), at_once)]
    return tuple(
        PlannedTrial(cell, seed, trial_key(base, seed), shape)
        for visit in rounds
        for block in blocks
        for seed in visit
        for shape in block
        for cell, base in bases[shape]
    )


def trial_key(base: str, seed: int) -> str:
    """SHA-256 (hex) that identifies a training: what it is made of, and its seed."""
    return _digest(f"{base}:{seed}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
