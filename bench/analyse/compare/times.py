"""How much longer or shorter training takes in B than in A, where times of both can be compared. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.compare.obstacles import Gap, Obstacle
from bench.analyse.gate.pace import FEWEST, ratio_of_times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.analyse.compare.party import CellSide
    from bench.analyse.gate.pace import Ratio


def ratio_of_cell(before: CellSide, after: CellSide) -> tuple[Ratio | None, Obstacle | None]:
    """The ratio of a cell's times, or the reason why it has no ratio."""
    untimed = next(_obstacles(before, after), None)
    return (None, untimed) if untimed else (ratio_of_cells([(before, after)]), None)


def ratio_of_cells(sides: Sequence[tuple[CellSide, CellSide]]) -> Ratio | None:
    """The ratio of times, B's over A's: the geometric mean over cells; None without a cell.

    Args:
        sides: A and B of each cell whose times can be compared.
    """
    return ratio_of_times([(_times(before), _times(after)) for before, after in sides]) if sides else None


def _times(side: CellSide) -> list[float]:
    """Seconds of training of each trial that ran alone: the whole cost, whatever its reason."""
    return [seed.train_time_s for seed in side.cell.seeds if seed.train_time_s]


def _obstacles(before: CellSide, after: CellSide) -> Iterator[Obstacle]:
    """Why times cannot be compared, the gravest reason first."""
    was, now = before.cell, after.cell
    if not before.values or not after.values:
        yield Obstacle(Gap.NO_RESULT)
    if not was.fingerprint or not now.fingerprint:
        yield Obstacle(Gap.NO_FINGERPRINT)
    if was.fingerprint != now.fingerprint:
        yield Obstacle(Gap.ENVIRONMENT)
    if len({*before.engines, *after.engines}) != 1:
        yield Obstacle(Gap.ENGINE)
    if before.devices and after.devices and before.devices != after.devices:
        yield Obstacle(Gap.DEVICE)
    if was.data_sha256 != now.data_sha256:
        yield Obstacle(Gap.DATA)
    yield from _obstacles_of_times(before, after)


def _obstacles_of_times(before: CellSide, after: CellSide) -> Iterator[Obstacle]:
    """Why the times themselves cannot be compared: too few of them, equal times, or times of other machines."""
    for name, side in (("A", before), ("B", after)):
        if (alone := len(_times(side))) < FEWEST:
            yield Obstacle(Gap.FEW_TIMES, name, alone)
    if _times(before) == _times(after):
        yield Obstacle(Gap.SAME_TIMES)
    machines = before.cell.machine, after.cell.machine
    if not all(machines):
        yield Obstacle(Gap.NO_MACHINE)
    elif machines[0] != machines[1]:
        yield Obstacle(Gap.MACHINE)
