"""Which seeds a check trains next where cells are inconclusive. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bench.record.baseline import AcceptedCell
    from bench.record.verdicts import CellVerdict


def further_seeds(cells: Sequence[AcceptedCell], trained: Collection[int], number: int) -> tuple[int, ...]:
    """The seeds of the next look, the same for all of its cells.

    Accepted seeds come first, because their trainings can be paired with the baseline's. Then follow seeds that are
    neither accepted nor trained: the smallest numbers above all of those, so that nobody chooses them.

    Args:
        cells: the inconclusive cells as they were accepted, at least one.
        trained: seeds that the looks so far were planned with.
        number: how many seeds are wanted.
    """
    accepted = [{seed.seed for seed in cell.seeds} for cell in cells]
    shared = sorted(set.intersection(*accepted) - set(trained))
    first = max((*trained, *(seed for seeds in accepted for seed in seeds)), default=-1) + 1
    return (*shared, *range(first, first + number))[:number]


def can_settle(verdict: CellVerdict) -> bool:
    """Whether further seeds can settle an inconclusive cell.

    They cannot where every accepted seed is compared in a pair already: a seed without a partner adds no pair.
    """
    return verdict.difference is not None and verdict.difference.pairs < verdict.baseline.n
